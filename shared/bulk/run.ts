/**
 * Runs a bulk command: what the function behind the queue does with a message. A message is a worker's turn. The
 * worker takes a slot, claims a station, sends the command (station.ts), and goes on with the next one while there is
 * time. Then it sends itself on. Until the bulk command is over, each worker has a message in the queue, or one that a
 * function is at and that comes again if the function is killed.
 */

import { LEASE_MS, releaseSlot } from "../limits/semaphore.ts";
import { acquireSpareSlot } from "../limits/spare-slot.ts";
import { addLogKeys } from "../logger.ts";
import { type BulkItem, bulkKey } from "../store/bulk.ts";
import { expire } from "./expiry.ts";
import {
  claimNext,
  claimParked,
  close,
  finish,
  handsOut,
  isBeingParked,
  isTakenUp,
  stopIfFailed,
} from "./head.ts";
import type { BulkMessage } from "./messages.ts";
import { readRow, takeRow } from "./rows.ts";
import { type BulkDeps, Snapshot } from "./snapshot.ts";
import { startAgain } from "./start.ts";
import { holderOf, runClaim } from "./station.ts";

/** Before a worker without a slot comes again: spread, as Retry-After is. */
const SLOT_DELAY_SECONDS = { from: 1, to: 3 } as const;

/** The longest time before a station that has connected is tried again: thousands may connect at once. */
const MAX_STATION_DELAY_SECONDS = 60;

/** @param mayGoOn whether there is time for another station */
export async function runBulkMessage(
  deps: BulkDeps,
  message: BulkMessage,
  mayGoOn: () => boolean,
): Promise<void> {
  addLogKeys({ bulkId: message.bulkId });
  const stored = await deps.table.get<BulkItem>(bulkKey(message.bulkId));
  if (!stored || stored.completedAtMs !== undefined) return;
  const bulk = await stopIfFailed(deps.table, stored);
  const snapshot = new Snapshot(deps.table);
  switch (message.job) {
    case "start":
      return startAgain(deps, bulk);
    case "share":
      return share(deps, snapshot, message, bulk, mayGoOn);
    case "station":
      return connected(deps, snapshot, message, bulk);
    case "expiry":
      return expire(deps, snapshot, bulk, mayGoOn);
  }
}

/** Takes stations of the snapshot while there is time. */
async function share(
  deps: BulkDeps,
  snapshot: Snapshot,
  message: BulkMessage & { readonly job: "share" },
  before: BulkItem,
  mayGoOn: () => boolean,
): Promise<void> {
  const { table, clock, queue } = deps;
  const { networkId, bulkId } = before;
  const worker = `w${message.worker}`;
  const hasWork = (bulk: BulkItem) =>
    bulk.workers[worker] !== undefined || (handsOut(bulk) && bulk.next < bulk.total);
  for (let bulk: BulkItem | undefined = before; bulk && hasWork(bulk); ) {
    if (!mayGoOn()) return queue.send([message]);
    const slot = await takeSlot(deps, networkId, holderOf(bulkId, worker));
    if (slot.outcome !== "taken") return queue.send([message], slotDelay(slot));
    try {
      const claim = await claimNext(table, bulkId, worker);
      if (claim.n === undefined) {
        if (claim.isBusy) return await queue.send([message], slotDelay());
        bulk = claim.bulk;
      } else {
        const row = claim.isResumed ? await readRow(table, bulkId, claim.n) : undefined;
        bulk = await runClaim(deps, snapshot, claim, row);
      }
    } finally {
      await releaseSlot(table, networkId, holderOf(bulkId, worker));
    }
  }
  await close(table, bulkId, clock.now());
}

/** Sends the command to a station that was offline when its turn came. */
async function connected(
  deps: BulkDeps,
  snapshot: Snapshot,
  message: BulkMessage & { readonly job: "station" },
  bulk: BulkItem,
): Promise<void> {
  const { table, clock, queue } = deps;
  const { networkId, bulkId } = bulk;
  const { n, tries = 0 } = message;
  if (!handsOut(bulk) && !isTakenUp(bulk, n)) return close(table, bulkId, clock.now());
  const again = (slot?: { readonly outcome: string }) => {
    const seconds = Math.min(slotDelay(slot) * 2 ** Math.min(tries, 10), MAX_STATION_DELAY_SECONDS);
    return queue.send([{ ...message, tries: tries + 1 }], seconds);
  };
  const holder = holderOf(bulkId, `s${n}`);
  const slot = await takeSlot(deps, networkId, holder);
  if (slot.outcome !== "taken") return again(slot);
  try {
    const claim = await claimParked(table, bulkId, n, "connection");
    if (!claim) return await ((await isOpen(deps, bulkId, n)) ? again() : undefined);
    if (isBeingParked(claim)) {
      await finish(table, claim, "parked");
      return await again();
    }
    await runClaim(deps, snapshot, claim, await takeRow(table, claim));
  } finally {
    await releaseSlot(table, networkId, holder);
  }
  await close(table, bulkId, clock.now());
}

/** Whether a parked station still waits for the command. */
async function isOpen({ table }: BulkDeps, bulkId: string, n: number): Promise<boolean> {
  const bulk = await table.get<BulkItem>(bulkKey(bulkId));
  if (bulk?.state !== "running" && !(bulk && isTakenUp(bulk, n))) return false;
  return (await readRow(table, bulkId, n))?.outcome === undefined;
}

/** Another run of the worker holds the slot: it is at a station, or was killed and loses the slot to its lease. */
const slotDelay = (slot?: { readonly outcome: string }): number => {
  const { from, to } = SLOT_DELAY_SECONDS;
  return slot?.outcome === "held" ? LEASE_MS / 1000 : from + Math.floor(Math.random() * (to - from + 1));
};

function takeSlot({ table, clock }: BulkDeps, networkId: string, holder: string) {
  const now = clock.now();
  return acquireSpareSlot(table, { networkId, holder, now, expiresAtMs: now + LEASE_MS });
}
