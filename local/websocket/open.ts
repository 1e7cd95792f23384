/** What decides about a handshake: the stage's path, the authorizer, the $connect integration. */
import type { Clock } from "../clock.ts";
import { traceId as newTraceId } from "../ids.ts";
import { invokeWithin } from "../integrations.ts";
import { askAuthorizer } from "./authorizer.ts";
import type { Connection } from "./connection.ts";
import { type ApiFacts, contextOf } from "./events.ts";
import type { HandshakeRequest } from "./handshake.ts";
import type { WebSocketRoute } from "./routes.ts";

export type OpeningDecision =
  | { readonly status: "accepted"; readonly protocol?: string }
  | { readonly status: "refused"; readonly code: number; readonly message?: object };

/** An integration of a WebSocket API has 29 s. */
export const integrationMs = 29_000;

interface ConnectResponse {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

export function createOpening(
  api: ApiFacts & { readonly accountId: string; readonly region: string },
  connectRoute: WebSocketRoute | undefined,
  clock: Clock,
): (request: HandshakeRequest, connection: Connection) => Promise<OpeningDecision> {
  const methodArn = `arn:aws:execute-api:${api.region}:${api.accountId}:${api.apiId}/${api.stage}/$connect`;

  return async (request, connection) => {
    const now = clock.now();
    const context = contextOf(api, connection, now, "$connect", "CONNECT");
    const refusal = (code: number, message: string): OpeningDecision => ({
      status: "refused",
      code,
      message: { message, connectionId: connection.id, requestId: context.requestId },
    });
    if (request.path.replace(/\/$/, "") !== `/${api.stage}`) return refusal(403, "Forbidden");
    if (connectRoute === undefined) return { status: "accepted" };

    const { headers, multiValueHeaders, queryStringParameters, multiValueQueryStringParameters } = request;
    const traceId = newTraceId(now);
    if (connectRoute.authorizer !== undefined) {
      const decision = await askAuthorizer(connectRoute.authorizer, request, methodArn, context, traceId);
      if (decision.status === "refused") return refusal(decision.code, decision.message);
      connection.authorizer = decision.context;
    }
    const event = {
      headers,
      multiValueHeaders,
      queryStringParameters,
      multiValueQueryStringParameters,
      requestContext: { ...context, authorizer: connection.authorizer },
      isBase64Encoded: false,
    };
    const outcome = await invokeWithin(integrationMs, connectRoute.fn, JSON.stringify(event), traceId);
    const response = outcome.status === "ok" ? (JSON.parse(outcome.payload) as ConnectResponse | null) : null;
    const code = Number(response?.statusCode);
    if (!Number.isInteger(code) || code < 200 || code > 599) return refusal(502, "Internal server error");
    if (code > 299) return { status: "refused", code };
    const protocol = headerOf(response?.headers, "sec-websocket-protocol");
    return { status: "accepted", ...(protocol === undefined ? {} : { protocol }) };
  };
}

function headerOf(headers: ConnectResponse["headers"], name: string): string | undefined {
  const found = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found === undefined ? undefined : String(found[1]);
}
