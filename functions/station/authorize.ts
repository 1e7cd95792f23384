import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { authenticate, type SpeakerContext } from "../../shared/stations/authenticate.ts";
import { openTable } from "../../shared/store/table.ts";
import { environment } from "../environment.ts";
import { headerOf } from "./event.ts";

const table = openTable(environment("TABLE_NAME"));

/**
 * The $connect authorizer: who the station is and which version its connection will speak. API Gateway
 * repeats the context on every event of the connection, so nobody looks the station up again.
 *
 * @throws Error `Unauthorized`, which API Gateway turns into 401
 */
export async function handler(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  const { identity, networkId, source } = event.queryStringParameters ?? {};
  if (!identity || !networkId || !source) throw new Error("Unauthorized");
  const context = await authenticate(table, {
    networkId,
    identity,
    source,
    authorization: headerOf(event.headers, "authorization"),
    subprotocols: headerOf(event.headers, "sec-websocket-protocol"),
  });
  if (!context) throw new Error("Unauthorized");
  return allow(event.methodArn, context);
}

const allow = (methodArn: string, context: SpeakerContext): APIGatewayAuthorizerResult => ({
  principalId: context.cpId,
  policyDocument: {
    Version: "2012-10-17",
    Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: methodArn }],
  },
  context: { ...context },
});
