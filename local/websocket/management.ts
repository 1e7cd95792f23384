/**
 * The `@connections` API: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { decoded } from "../http/routes.ts";
import { readBody, sendJson, serverOf } from "../listen.ts";
import type { Guard } from "../rights/guard.ts";
import type { Connection } from "./connection.ts";

export interface ManagementOptions {
  readonly stage: string;
  readonly maxMessageBytes: number;
  readonly find: (connectionId: string) => Connection | undefined;
  /** Called for each POST, whatever becomes of it. */
  readonly onPost: () => void;
  /** `arn:aws:execute-api:{region}:{account}:{api}` */
  readonly apiArn: string;
  readonly guard?: Guard;
}

const connectionPath = /^\/([^/]+)\/(?:@|%40)connections\/([^/]+)$/;

export function createManagementEndpoint(options: ManagementOptions): Server {
  return serverOf((request, response) => answer(options, request, response));
}

async function answer(
  { stage, maxMessageBytes, find, onPost, apiArn, guard }: ManagementOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "GET", url = "" } = request;
  const [, calledStage = "", id = ""] = connectionPath.exec(url.split("?")[0] ?? "") ?? [];
  if (decoded(calledStage) !== stage) return fail(response, 403, "ForbiddenException", "Forbidden");
  const resource = `${apiArn}/${stage}/${method}/@connections/${decoded(id)}`;
  const access = { action: "execute-api:ManageConnections", resource };
  const refusal = guard?.refusal(request.headers.authorization, [access]);
  if (refusal !== undefined) return fail(response, 403, "AccessDeniedException", refusal);
  if (method === "POST") onPost();
  const body = await readBody(request, maxMessageBytes);
  if (body === undefined) {
    return fail(response, 413, "PayloadTooLargeException", `The payload exceeds ${maxMessageBytes} bytes`);
  }

  // A connection is there for others once $connect has returned, and until it begins to close.
  const connection = find(decoded(id));
  const socket = connection?.socket;
  if (connection === undefined || socket === undefined || socket.readyState !== socket.OPEN) {
    return fail(response, 410, "GoneException", "Gone");
  }
  if (method === "POST") {
    connection.lastActive = performance.now();
    socket.send(body, { binary: false });
    response.writeHead(200).end();
  } else if (method === "DELETE") {
    connection.ending = { code: 1000, reason: "Connection Closed Normally" };
    socket.close(1000);
    response.writeHead(204).end();
  } else {
    const { connectedAt, sourceIp, userAgent, lastActive } = connection;
    sendJson(response, 200, {
      connectedAt: new Date(connectedAt).toISOString(),
      identity: { sourceIp, userAgent },
      lastActiveAt: new Date(performance.timeOrigin + lastActive).toISOString(),
    });
  }
}

function fail(response: ServerResponse, status: number, type: string, message: string): void {
  response.setHeader("x-amzn-errortype", type);
  sendJson(response, status, { message });
}
