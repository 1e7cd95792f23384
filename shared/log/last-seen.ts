import type { ExchangeItem, StationItem } from "../store/items.ts";
import { logOf } from "../store/keys.ts";
import type { Table } from "../store/table.ts";
import { iso } from "../time.ts";

/**
 * When the station was last heard of, as ISO 8601: the newest of its connects, disconnects and log entries.
 * A Heartbeat writes nothing but its log entry, so the log is what knows.
 */
export async function lastSeenAt(table: Table, station: StationItem): Promise<string | undefined> {
  const { items } = await table.list<ExchangeItem>({
    partition: logOf(station.cpId),
    newestFirst: true,
    limit: 20,
  });
  const heard = items.map((entry) => (entry.direction === "fromStation" ? entry.atMs : entry.answeredAtMs));
  const times = [station.connection?.connectedAtMs, station.lastSeenAtMs, ...heard].filter(
    (time) => time !== undefined,
  );
  return times.length > 0 ? iso(Math.max(...times)) : undefined;
}
