import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { hasWork } from "../../shared/attempts/attempt.ts";
import { hasBulkWork } from "../../shared/bulk/parked.ts";
import { beginConnection } from "../../shared/calls/connection.ts";
import { openConnections } from "../../shared/calls/post.ts";
import { systemClock } from "../../shared/clock.ts";
import { sourceOf } from "../../shared/handshake/throttle.ts";
import { logger } from "../../shared/logger.ts";
import { observed } from "../../shared/observed.ts";
import { subprotocolFor } from "../../shared/ocpp/protocols.ts";
import { openTable } from "../../shared/store/table.ts";
import { environment } from "../environment.ts";
import { runInBackground } from "../run-in-background.ts";
import { type GatewayEvent, headersOf, speakerKeys } from "./event.ts";

const deps = {
  table: openTable(environment("TABLE_NAME")),
  connections: openConnections(environment("CONNECTIONS_ENDPOINT")),
  clock: systemClock,
};

/**
 * $connect: the station's newest connection takes over. The handshake names the subprotocol only if this
 * answer does, and it must not where the station offered none (RFC 6455 §4.1).
 */
export const handler = observed(speakerKeys, handle);

async function handle({
  requestContext,
  multiValueHeaders,
  queryStringParameters,
}: GatewayEvent): Promise<APIGatewayProxyStructuredResultV2> {
  const { authorizer: speaker, connectionId } = requestContext;
  const about = { identity: speaker.identity };
  if (speaker.protocol === "") {
    logger.warn("refused: no OCPP version that both sides speak", about);
    return { statusCode: 400, body: "no common OCPP version" };
  }
  const { protocol } = speaker;
  const source = queryStringParameters?.source;
  const connection = { connectionId, protocol, connectedAtMs: deps.clock.now() };
  const station = await beginConnection(deps, speaker.cpId, connection, source && sourceOf(source));
  if (!station) return { statusCode: 401 };
  const now = deps.clock.now();
  if (hasWork(station, now) || hasBulkWork(station))
    await runInBackground({ job: "resume", cpId: speaker.cpId });
  logger.info("station connected", { ...about, protocol });
  const offered = headersOf(multiValueHeaders, "sec-websocket-protocol").join(",");
  const subprotocol = subprotocolFor(offered, protocol);
  return { statusCode: 200, ...(subprotocol && { headers: { "Sec-WebSocket-Protocol": subprotocol } }) };
}
