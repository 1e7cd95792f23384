/** What a function's init is held against: one that does nothing but import the SDK's clients. */
import { ApiGatewayManagementApiClient } from "@aws-sdk/client-apigatewaymanagementapi";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SchedulerClient } from "@aws-sdk/client-scheduler";

/** Named, because an import that is not used is not bundled. */
export const handler = async (): Promise<number> =>
  [ApiGatewayManagementApiClient, DynamoDBClient, SchedulerClient].length;
