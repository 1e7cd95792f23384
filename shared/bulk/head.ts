/**
 * The writes to a bulk command's item. Each is one conditional update, and safe to be done again by a run that was
 * started anew:
 *
 *     claim    workers.w = next, next + 1          a station is handed out once
 *     finish   outcome + 1, workers.w removed      ... and counted once, after its row was written
 *     end      state                               no station is handed out any more
 *     close    completedAtMs                       no worker is at a station any more
 */

import { type BulkItem, type BulkOutcome, bulkKey } from "../store/bulk.ts";
import { type Table, tryWrite } from "../store/table.ts";

/** A station that a worker has claimed. */
export interface Claim {
  readonly bulk: BulkItem;
  readonly worker: string;
  readonly n: number;
  /** Whether an earlier run claimed it, and may have sent the command. */
  readonly isResumed: boolean;
}

const isRunning = "#state = :running";
const names = { "#state": "state" };

/** @returns the item as it stands where there is nothing to claim */
export async function claimNext(
  table: Table,
  bulkId: string,
  worker: string,
): Promise<Claim | { readonly bulk: BulkItem | undefined; readonly n: undefined }> {
  const { applied, item: bulk } = await tryWrite<BulkItem>(
    table.update({
      key: bulkKey(bulkId),
      update: "SET workers.#worker = #next, #next = #next + :one",
      condition: `${isRunning} AND #next < #total AND failed < failureLimit AND attribute_not_exists(workers.#worker)`,
      names: { ...names, "#next": "next", "#total": "total", "#worker": worker },
      values: { ":running": "running", ":one": 1 },
      returning: "ALL_NEW",
    }),
  );
  const n = bulk?.workers[worker];
  return bulk && n !== undefined ? { bulk, worker, n, isResumed: !applied } : { bulk, n: undefined };
}

/** Claims a station that was parked. @returns undefined where it cannot be claimed now, or at all */
export async function claimParked(table: Table, bulkId: string, n: number): Promise<Claim | undefined> {
  const worker = `s${n}`;
  const { applied, item: bulk } = await tryWrite<BulkItem>(
    table.update({
      key: bulkKey(bulkId),
      update: "SET workers.#worker = :n, parked = parked - :one",
      condition: `${isRunning} AND parked > :zero AND attribute_not_exists(workers.#worker)`,
      names: { ...names, "#worker": worker },
      values: { ":running": "running", ":one": 1, ":zero": 0, ":n": n },
      returning: "ALL_NEW",
    }),
  );
  if (!bulk || bulk.workers[worker] === undefined) return undefined;
  return { bulk, worker, n, isResumed: !applied };
}

/** Takes a claim of a parked station back: it has ended, or another worker is still at it. */
export async function unclaimParked(table: Table, claim: Claim): Promise<void> {
  await finish(table, claim, "parked");
}

/** Ends a claim. @returns the item as it stands; undefined where another run of the worker has ended the claim */
export async function finish(
  table: Table,
  { bulk, worker, n }: Claim,
  outcome: BulkOutcome | "parked",
): Promise<BulkItem | undefined> {
  const { applied, item } = await tryWrite<BulkItem>(
    table.update({
      key: bulkKey(bulk.bulkId),
      update: "SET #member = #member + :one REMOVE workers.#worker",
      condition: "workers.#worker = :n",
      // `unknown` is a reserved word
      names: { "#worker": worker, "#member": outcome },
      values: { ":one": 1, ":n": n },
      returning: "ALL_NEW",
    }),
  );
  return applied ? item : undefined;
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

/** Completes it if every station has ended. */
export async function close(table: Table, bulkId: string, atMs: number): Promise<void> {
  const write = (update: string, condition: string, values: object, more: object) =>
    tryWrite(
      table.update({
        key: bulkKey(bulkId),
        update: `SET completedAtMs = :at${update}`,
        condition: `${condition} AND size(workers) = :zero AND attribute_not_exists(completedAtMs)`,
        names: { ...names, ...more },
        values: { ":running": "running", ":at": atMs, ":zero": 0, ...values },
      }),
    );
  const completed = await write(
    ", #state = :completed",
    `${isRunning} AND #next = #total AND parked = :zero`,
    { ":completed": "completed" },
    { "#next": "next", "#total": "total" },
  );
  if (!completed.applied) await write("", "#state <> :running", {}, {});
}
