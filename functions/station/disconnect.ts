import { endConnection } from "../../shared/calls/connection.ts";
import { systemClock } from "../../shared/clock.ts";
import { logger } from "../../shared/logger.ts";
import { observed } from "../../shared/observed.ts";
import { openTable } from "../../shared/store/table.ts";
import { environment } from "../environment.ts";
import { type GatewayEvent, speakerKeys } from "./event.ts";

const deps = { table: openTable(environment("TABLE_NAME")), clock: systemClock };

/** $disconnect: best effort, in any order, perhaps never. */
export const handler = observed(speakerKeys, handle);

async function handle({ requestContext }: GatewayEvent): Promise<{ statusCode: number }> {
  const { authorizer, connectionId, disconnectStatusCode, disconnectReason } = requestContext;
  await endConnection(deps, authorizer.cpId, connectionId);
  logger.info("station disconnected", { disconnectStatusCode, disconnectReason });
  return { statusCode: 200 };
}
