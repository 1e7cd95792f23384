import { messageIdReused } from "../calls/call.ts";
import { endExchange, isOfRequest, storeQueued } from "../calls/exchange.ts";
import { releaseSlot } from "../limits/semaphore.ts";
import type { OutgoingItem } from "../store/items.ts";
import { ConditionFailed } from "../store/table.ts";
import { type AcceptDeps, holderOf, type QueuedCommand } from "./request.ts";
import type { DrySession } from "./session.ts";

/**
 * Stores the first CALL of a command as queued and hands the command to the function that runs it. Not one that
 * carries a secret: the event lies about in plain text until the function has done its work, and in a dead-letter
 * queue for two weeks where it cannot.
 *
 * @throws Problem `message-id-reused`
 */
export async function handOver(deps: AcceptDeps, queued: QueuedCommand, dry: DrySession): Promise<void> {
  const { cpId, commandId: messageId } = queued.run;
  if (dry.holdsSecret) throw new Error(`${queued.name} contains a secret and cannot be queued`);
  try {
    await storeQueued(deps.table, dry.firstCall, deps.logDays);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const before = error.item as OutgoingItem | undefined;
    if (!before || !isOfRequest(before, queued.run.idempotencyId)) throw messageIdReused(messageId);
    return handOverAgain(deps, queued, before);
  }
  try {
    await deps.runInBackground(queued);
  } catch (error) {
    const change = { from: "queued", to: "failed", atMs: deps.clock.now() } as const;
    await endExchange(deps.table, { cpId, messageId }, change);
    throw error;
  }
}

/**
 * Continues for a repeat: the function that stored the CALL may have died before it invoked the background function.
 */
async function handOverAgain(deps: AcceptDeps, queued: QueuedCommand, before: OutgoingItem): Promise<void> {
  const { requestedAtMs, deadlineMs, state } = before;
  if (state === "queued")
    return deps.runInBackground({ ...queued, run: { ...queued.run, requestedAtMs, deadlineMs } });
  // while it is under way, the slot is that of the function that runs it
  if (queued.slotOf && state !== "sent") await releaseSlot(deps.table, queued.slotOf, holderOf(queued.run));
}
