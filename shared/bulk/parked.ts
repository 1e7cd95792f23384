/** Stations that were offline: what waits for them is in a set on their item, which $connect reads anyway. */

import type { StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import type { BulkMessage, BulkQueue } from "./messages.ts";

interface Waiting {
  readonly bulkId: string;
  readonly n: number;
  readonly untilMs: number;
}

const entryOf = ({ bulkId, n, untilMs }: Waiting): string => `${bulkId}#${n}#${untilMs}`;

function waitingOf({ waitingBulks }: StationItem, now: number): Waiting[] {
  return [...(waitingBulks ?? [])]
    .map((entry) => {
      const [bulkId = "", n, untilMs] = entry.split("#");
      return { bulkId, n: Number(n), untilMs: Number(untilMs) };
    })
    .filter(({ untilMs }) => untilMs > now);
}

/** Whether a bulk command waits for the station's connection. */
export const hasBulkWork = (station: StationItem, now: number): boolean => waitingOf(station, now).length > 0;

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

export async function unpark(table: Table, cpId: string, waiting: Waiting): Promise<void> {
  await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: "DELETE waitingBulks :entry",
      condition: "attribute_exists(pk)",
      values: { ":entry": new Set([entryOf(waiting)]) },
    }),
  );
}

/** Sends on, to the queue, what waited for a station that has connected. */
export async function resumeBulks(
  { table, queue, clock }: { table: Table; queue: BulkQueue; clock: { now(): number } },
  cpId: string,
): Promise<void> {
  const station = await table.get<StationItem>(stationKey(cpId));
  if (!station?.connection) return;
  const messages = waitingOf(station, clock.now()).map(
    ({ bulkId, n }): BulkMessage => ({ job: "station", bulkId, n }),
  );
  if (messages.length > 0) await queue.send(messages);
}
