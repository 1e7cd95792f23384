import type { Clock } from "../clock.ts";
import type { Connection, StationItem } from "../store/items.ts";
import type { Table } from "../store/table.ts";
import { MINUTE_MS } from "../time.ts";
import { endConnection } from "./connection.ts";
import type { VisibleConnections } from "./post.ts";

/** API Gateway ends a connection after two hours, and after ten minutes without a message. */
const LIFETIME_MS = 2 * 60 * MINUTE_MS;
const IDLE_MS = 10 * MINUTE_MS;

/** Whether a connection can be open still, as far as its age shows. */
export const canBeOpen = ({ connectedAtMs }: Connection, now: number): boolean =>
  now - connectedAtMs <= LIFETIME_MS;

export interface LookDeps {
  readonly table: Table;
  readonly clock: Clock;
  readonly connections: Pick<VisibleConnections, "isGone">;
}

/**
 * Ends a connection that API Gateway must have ended, although its $disconnect never came. One that was silent for
 * ten minutes may still be open, since frames that carry no message keep it alive: API Gateway is asked.
 *
 * @param seenAtMs when the station was last heard of
 * @returns the station as it stands then
 */
export async function withLiveConnection(
  { table, clock, connections }: LookDeps,
  station: StationItem,
  seenAtMs: number,
): Promise<StationItem> {
  const { cpId, connection } = station;
  if (!connection) return station;
  const { connectionId, connectedAtMs } = connection;
  const now = clock.now();
  const isOver = !canBeOpen(connection, now);
  const isSilent = now - Math.max(seenAtMs, connectedAtMs) > IDLE_MS;
  if (!isOver && !(isSilent && (await connections.isGone(connectionId)))) return station;
  await endConnection({ table, clock }, cpId, connectionId, seenAtMs);
  const { connection: _, ...offline } = station;
  return { ...offline, lane: [] };
}
