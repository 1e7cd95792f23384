import type { BulkItem } from "../store/bulk.ts";
import { close } from "./head.ts";
import { type BulkMessage, delayFor } from "./messages.ts";
import type { BulkDeps } from "./snapshot.ts";

/**
 * Before the message that starts a bulk command if the request that accepts it dies, in seconds: longer than the
 * request's function may run.
 */
export const START_AGAIN_SECONDS = 60;

/** Sends the turns of the workers and of the expiry to the queue. */
export async function start(
  { queue, clock }: Pick<BulkDeps, "queue" | "clock">,
  { bulkId, parallel, total, expiresAtMs }: BulkItem,
): Promise<void> {
  if (total === 0) return;
  if (expiresAtMs !== undefined)
    await queue.send([{ job: "expiry", bulkId }], delayFor(expiresAtMs - clock.now()));
  const workers = Array.from({ length: Math.min(parallel, total) }, (_, worker) => worker);
  await queue.send(workers.map((worker): BulkMessage => ({ job: "share", bulkId, worker })));
}

/**
 * Starts a bulk command that no worker has begun: the request died after it was accepted, or there is no slot yet. One
 * that was cancelled before has no worker that would complete it.
 */
export async function startAgain(deps: BulkDeps, bulk: BulkItem): Promise<void> {
  if (bulk.state !== "running") return close(deps.table, bulk.bulkId, deps.clock.now());
  if (bulk.next === 0) await start(deps, bulk);
}
