import type { ExchangeItem, StationItem } from "../store/items.ts";
import { logOf } from "../store/keys.ts";
import { readList } from "../store/page.ts";
import type { Table } from "../store/table.ts";
import { iso } from "../time.ts";
import { findHeartbeat } from "./heartbeat.ts";

/**
 * When the station was last heard of, as ISO 8601: the newest of its connects, disconnects, Heartbeats and log entries.
 * No message writes the time on the station's item. Only a connected station sends Heartbeats; of another one the time
 * of its disconnect is later than the last of them.
 */
export async function lastSeenAt(table: Table, station: StationItem): Promise<string | undefined> {
  const { cpId, connection } = station;
  const [{ items }, heartbeat] = await Promise.all([
    readList<ExchangeItem>(table, { partition: logOf(cpId), newestFirst: true, limit: 20 }),
    connection && findHeartbeat(table, cpId),
  ]);
  const heard = items.map((entry) => (entry.direction === "fromStation" ? entry.atMs : entry.answeredAtMs));
  const times = [connection?.connectedAtMs, station.lastSeenAtMs, heartbeat?.atMs, ...heard].filter(
    (time) => time !== undefined,
  );
  return times.length > 0 ? iso(Math.max(...times)) : undefined;
}
