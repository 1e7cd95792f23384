/** Stations that were offline: what waits for them is in a set on their item, which $connect reads anyway. */

import { type BulkItem, bulkKey } from "../store/bulk.ts";
import type { StationItem } from "../store/items.ts";
import { type Key, stationKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import type { BulkMessage, BulkQueue } from "./messages.ts";

interface Waiting {
  readonly bulkId: string;
  readonly n: number;
  readonly untilMs: number;
}

const entryOf = ({ bulkId, n, untilMs }: Waiting): string => `${bulkId}#${n}#${untilMs}`;

const waitingOf = ({ waitingBulks }: StationItem): Waiting[] =>
  [...(waitingBulks ?? [])].map((entry) => {
    const [bulkId = "", n, untilMs] = entry.split("#");
    return { bulkId, n: Number(n), untilMs: Number(untilMs) };
  });

/** Whether a bulk command waits for the station's connection, or did. */
export const hasBulkWork = ({ waitingBulks }: StationItem): boolean => (waitingBulks?.size ?? 0) > 0;

/** @returns whether the station is offline, and waited for now */
export async function park(table: Table, cpId: string, waiting: Waiting): Promise<boolean> {
  const { applied } = await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: "ADD waitingBulks :entry",
      condition: "attribute_exists(pk) AND attribute_not_exists(#connection)",
      names: { "#connection": "connection" },
      values: { ":entry": new Set([entryOf(waiting)]) },
    }),
  );
  return applied;
}

export async function unpark(table: Table, cpId: string, ...waiting: readonly Waiting[]): Promise<void> {
  if (waiting.length === 0) return;
  await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: "DELETE waitingBulks :entries",
      condition: "attribute_exists(pk)",
      values: { ":entries": new Set(waiting.map(entryOf)) },
    }),
  );
}

/**
 * Sends a message for each bulk command that waits for a station which has connected. Entries of bulk commands that
 * were cancelled, stopped, or are over are removed.
 */
export async function resumeBulks(
  { table, queue, clock }: { table: Table; queue: BulkQueue; clock: { now(): number } },
  cpId: string,
): Promise<void> {
  const station = await table.get<StationItem>(stationKey(cpId));
  if (!station?.connection) return;
  const waiting = waitingOf(station).slice(0, AT_ONCE);
  if (waiting.length === 0) return;
  const keys = [...new Set(waiting.map(({ bulkId }) => bulkId))].map(bulkKey);
  const bulks = await table.getMany<BulkItem & Key>(keys);
  const running = new Set(bulks.filter(({ state }) => state === "running").map(({ bulkId }) => bulkId));
  const isDue = ({ bulkId, untilMs }: Waiting) => untilMs > clock.now() && running.has(bulkId);
  const messages = waiting.filter(isDue).map(({ bulkId, n }): BulkMessage => ({ job: "station", bulkId, n }));
  if (messages.length > 0) await queue.send(messages);
  await unpark(table, cpId, ...waiting.filter((one) => !isDue(one)));
}

/** BatchGetItem reads so many; the station's next connection takes what is left. */
const AT_ONCE = 100;
