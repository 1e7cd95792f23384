/** The events of a connection after its handshake, and what all of them have in common. */
import { logTime } from "../http/event.ts";
import { gatewayId } from "../ids.ts";
import type { Connection, Ending } from "./connection.ts";

/** The facts about the API in all its events. */
export interface ApiFacts {
  readonly apiId: string;
  readonly stage: string;
  readonly domainName: string;
}

/** The `requestContext` of an event. */
export function contextOf(
  api: ApiFacts,
  connection: Connection,
  now: number,
  routeKey: string,
  eventType: "CONNECT" | "MESSAGE" | "DISCONNECT",
): Record<string, unknown> & { readonly requestId: string } {
  const requestId = gatewayId();
  const { id, connectedAt, sourceIp, userAgent, authorizer } = connection;
  return {
    routeKey,
    eventType,
    ...(authorizer === undefined ? {} : { authorizer }),
    extendedRequestId: requestId,
    requestTime: logTime(now),
    messageDirection: "IN",
    stage: api.stage,
    connectedAt,
    requestTimeEpoch: now,
    identity: { sourceIp, ...(userAgent === undefined ? {} : { userAgent }) },
    requestId,
    domainName: api.domainName,
    connectionId: id,
    apiId: api.apiId,
  };
}

export function messageEvent(context: object, body: string, isBase64Encoded: boolean): object {
  return { requestContext: { ...context, messageId: gatewayId() }, body, isBase64Encoded };
}

export function disconnectEvent(api: ApiFacts, context: object, { code, reason }: Ending): object {
  const headers = { Host: api.domainName, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": "" };
  return {
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    requestContext: { ...context, disconnectStatusCode: code, disconnectReason: reason },
    isBase64Encoded: false,
  };
}
