import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { authenticate, type SpeakerContext } from "../../shared/stations/authenticate.ts";
import { openTable } from "../../shared/store/table.ts";
import { environment } from "../environment.ts";

const table = openTable(environment("TABLE_NAME"));

/**
 * The $connect authorizer: who the station is and which version its connection will speak. API Gateway
 * repeats the context on every event of the connection, so nobody looks the station up again.
 *
 * @throws Error `Unauthorized`, which API Gateway turns into 401
 */
export async function handler(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  const { identity, networkId } = event.queryStringParameters ?? {};
  if (!identity || !networkId) throw new Error("Unauthorized");
  const context = await authenticate(table, {
    networkId,
    identity,
    authorization: header(event, "authorization"),
    subprotocols: header(event, "sec-websocket-protocol"),
  });
  if (!context) throw new Error("Unauthorized");
  return allow(event.methodArn, context);
}

/** Header names come as the station spelled them. */
function header(event: APIGatewayRequestAuthorizerEvent, name: string): string | undefined {
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found?.[1];
}

const allow = (methodArn: string, context: SpeakerContext): APIGatewayAuthorizerResult => ({
  principalId: context.cpId,
  policyDocument: {
    Version: "2012-10-17",
    Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: methodArn }],
  },
  context: { ...context },
});
