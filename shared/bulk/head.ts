/**
 * The writes to a bulk command's item. Each is one conditional update, and safe to be repeated by a run that was
 * started anew:
 *
 *     claim    workers.w = next, next + 1             a station is handed out once
 *              workers.s7 = {7, mark}, parked - 1     ... and once more for each time that it was parked
 *     finish   outcome + 1, workers.w removed         ... and counted once, after its row was written
 *     end      state                                  no station is handed out any more
 *     close    completedAtMs                          no worker is at a station any more
 *
 * A parked station may be claimed by mistake: twice for two connections, or before the worker that parks it has counted
 * it. Such a claim is given back (`finish` as parked). Its mark tells it from every other claim of the same station, so
 * that a run that was started anew knows which of the two it has to do.
 */

import { randomBytes } from "node:crypto";
import { type BulkItem, type BulkOutcome, bulkKey } from "../store/bulk.ts";
import { type Table, tryWrite } from "../store/table.ts";

/** A station that a worker has claimed. */
export interface Claim {
  readonly bulk: BulkItem;
  readonly worker: string;
  readonly n: number;
  /** Absent for the first claim of a station. */
  readonly mark?: string;
  /** Whether an earlier run claimed it, and may have sent the command. */
  readonly isResumed: boolean;
}

/** Why there is no claim: every station is handed out, or as many as may be are claimed. */
export interface Unclaimed {
  readonly bulk: BulkItem | undefined;
  readonly n: undefined;
  readonly isBusy: boolean;
}

const isRunning = "#state = :running";
const names = { "#state": "state" };
const mayBeSent = `${isRunning} AND failed < failureLimit`;
const hasRoom = "size(workers) < #parallel";
const isNotClaimed = "attribute_not_exists(workers.#worker)";

/** Whether it hands out stations: as many have not failed as would stop it. */
export const handsOut = ({ state, failed, failureLimit }: BulkItem): boolean =>
  state === "running" && failed < failureLimit;

export async function claimNext(table: Table, bulkId: string, worker: string): Promise<Claim | Unclaimed> {
  const { applied, item: bulk } = await tryWrite<BulkItem>(
    table.update({
      key: bulkKey(bulkId),
      update: "SET workers.#worker = #next, #next = #next + :one",
      condition: `${mayBeSent} AND #next < #total AND ${hasRoom} AND ${isNotClaimed}`,
      names: { ...names, "#next": "next", "#total": "total", "#parallel": "parallel", "#worker": worker },
      values: { ":running": "running", ":one": 1 },
      returning: "ALL_NEW",
    }),
  );
  const n = bulk?.workers[worker];
  if (bulk && typeof n === "number") return { bulk, worker, n, isResumed: !applied };
  return { bulk, n: undefined, isBusy: bulk !== undefined && handsOut(bulk) && bulk.next < bulk.total };
}

/** Who takes up a parked station: the run for its connection, or the one for the expiry, which sends nothing. */
export type TakenUpBy = "connection" | "expiry";

const marksOf = { connection: "c", expiry: "x" } as const;

const parkedWorker = (n: number): string => `s${n}`;

/** Claims a station that was parked. @returns undefined where it cannot be claimed now, or the other one has it */
export async function claimParked(
  table: Table,
  bulkId: string,
  n: number,
  by: TakenUpBy,
): Promise<Claim | undefined> {
  const worker = parkedWorker(n);
  const mark = marksOf[by] + randomBytes(6).toString("base64url");
  const room = by === "connection" ? ` AND ${mayBeSent} AND ${hasRoom}` : "";
  const { applied, item: bulk } = await tryWrite<BulkItem>(
    table.update({
      key: bulkKey(bulkId),
      update: "SET workers.#worker = :claim, parked = parked - :one",
      condition: `${isRunning}${room} AND parked > :zero AND ${isNotClaimed}`,
      names: { ...names, "#worker": worker, ...(room && { "#parallel": "parallel" }) },
      values: { ":running": "running", ":one": 1, ":zero": 0, ":claim": { n, mark } },
      returning: "ALL_NEW",
    }),
    ({ workers }) => isParkedClaim(workers[worker]) && workers[worker].mark === mark,
  );
  const claimed = bulk?.workers[worker];
  if (!bulk || !isParkedClaim(claimed) || !claimed.mark.startsWith(marksOf[by])) return undefined;
  return { bulk, worker, n, mark: claimed.mark, isResumed: !applied };
}

const isParkedClaim = (claim: BulkItem["workers"][string] | undefined) => typeof claim === "object";

/** Whether a parked station is taken up. */
export const isTakenUp = ({ workers }: BulkItem, n: number): boolean =>
  workers[parkedWorker(n)] !== undefined;

/** Which parked stations the run for the expiry has claimed. */
export const claimedByExpiry = ({ workers }: BulkItem): number[] =>
  Object.values(workers).flatMap((claim) =>
    isParkedClaim(claim) && claim.mark.startsWith(marksOf.expiry) ? [claim.n] : [],
  );

/** Whether the worker that parks the station has not counted it as parked yet. */
export const isBeingParked = ({ bulk: { workers }, n }: Claim): boolean => Object.values(workers).includes(n);

/** The stations that workers are at. */
export const stationsAtWork = ({ workers }: BulkItem): Set<number> =>
  new Set(Object.values(workers).map((claim) => (isParkedClaim(claim) ? claim.n : claim)));

/**
 * Ends a claim; nothing where another run of the worker has ended it.
 *
 * @param outcome `parked` for a station that was not sent the command; it is cancelled with the bulk command
 * @returns the item as it stands, undefined where there is none any more
 */
export async function finish(
  table: Table,
  { bulk, worker, n, mark }: Claim,
  outcome: BulkOutcome | "parked",
): Promise<BulkItem | undefined> {
  const { item } = await tryWrite<BulkItem>(
    table.update({
      key: bulkKey(bulk.bulkId),
      update: "SET #member = #member + :one REMOVE workers.#worker",
      condition: mark === undefined ? "workers.#worker = :claim" : "workers.#worker.#mark = :claim",
      // `unknown` is a reserved word
      names: { "#worker": worker, "#member": outcome, ...(mark !== undefined && { "#mark": "mark" }) },
      values: { ":one": 1, ":claim": mark ?? n },
      returning: "ALL_NEW",
    }),
  );
  return item;
}

/** Hands out no station any more: those that are left, and those that are parked, are cancelled. */
export async function end(table: Table, bulkId: string, state: "cancelled" | "stopped"): Promise<void> {
  await tryWrite(
    table.update({
      key: bulkKey(bulkId),
      update: "SET #state = :state",
      condition: isRunning,
      names,
      values: { ":running": "running", ":state": state },
    }),
  );
}

/** Stops it if as many have failed as stop it. The state does not depend on which write came last. */
export async function stopIfFailed(table: Table, bulk: BulkItem): Promise<BulkItem> {
  if (bulk.state !== "running" || handsOut(bulk)) return bulk;
  await end(table, bulk.bulkId, "stopped");
  return { ...bulk, state: "stopped" };
}

/** Completes it if every station has ended. */
export async function close(table: Table, bulkId: string, atMs: number): Promise<void> {
  const write = (update: string, condition: string, values: object, more: object) =>
    tryWrite<BulkItem>(
      table.update({
        key: bulkKey(bulkId),
        update: `SET completedAtMs = :at${update}`,
        condition: `${condition} AND size(workers) = :zero AND attribute_not_exists(completedAtMs)`,
        names: { ...names, ...more },
        values: { ":running": "running", ":at": atMs, ":zero": 0, ...values },
      }),
    );
  const { applied, item } = await write(
    ", #state = :completed",
    `${mayBeSent} AND #next = #total AND parked = :zero`,
    { ":completed": "completed" },
    { "#next": "next", "#total": "total" },
  );
  if (applied || !item) return;
  await stopIfFailed(table, item);
  await write("", "#state <> :running", {}, {});
}
