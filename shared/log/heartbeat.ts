import type { HeartbeatItem, IncomingItem } from "../store/items.ts";
import { heartbeatKey, type Key, type ListKey, logListKey } from "../store/keys.ts";
import type { Table } from "../store/table.ts";
import { iso } from "../time.ts";
import { ENTRY_ID_OF_HEARTBEAT } from "./entry-id.ts";

/** How many Heartbeats the last one stands for. */
export interface HeartbeatCount {
  readonly count: number;
  /** When the first of them came. */
  readonly since: string;
}

/** The last Heartbeat as a row of the communication log, in its place by time. */
export type HeartbeatRow = IncomingItem & Key & ListKey & { readonly heartbeats: HeartbeatCount };

export const findHeartbeat = (table: Table, cpId: string): Promise<HeartbeatItem | undefined> =>
  table.get<HeartbeatItem>(heartbeatKey(cpId));

export function heartbeatRow(cpId: string, { count, sinceMs, ...kept }: HeartbeatItem): HeartbeatRow {
  return {
    ...kept,
    ...heartbeatKey(cpId),
    ...logListKey(cpId, kept.atMs, ENTRY_ID_OF_HEARTBEAT),
    entryId: ENTRY_ID_OF_HEARTBEAT,
    cpId,
    direction: "fromStation",
    action: "Heartbeat",
    messageType: "CALL_RESULT",
    answeredAtMs: kept.atMs,
    heartbeats: { count, since: iso(sinceMs) },
  };
}
