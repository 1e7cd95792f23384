/**
 * Runs a bulk command: what the function behind the queue does with a message. A message is a worker's turn. The
 * worker takes a slot, claims a station, sends the command as a single command is sent, writes the row, counts it, and
 * goes on with the next one while there is time. Then it sends itself on.
 *
 * Every step can be done again: the claim is on the bulk command's item, the message id of the CALL follows from
 * bulk command and station, and the exchange is written once.
 */

import { v5 } from "uuid";
import { readExchange } from "../calls/exchange.ts";
import { execute } from "../commands/execute.ts";
import { type Execution, isRetriedByLambda, settle } from "../commands/outcome.ts";
import { type CommandDeps, type CommandRequest, systemRun } from "../commands/request.ts";
import { resumeCommand } from "../commands/resume.ts";
import type { CommandRun } from "../commands/session.ts";
import { LEASE_MS, releaseSlot } from "../limits/semaphore.ts";
import { acquireSpareSlot } from "../limits/spare-slot.ts";
import { addLogKeys } from "../logger.ts";
import { Problem } from "../problems.ts";
import {
  type BulkInputItem,
  type BulkItem,
  type BulkRowItem,
  type BulkStationsItem,
  bulkInputKey,
  bulkKey,
  bulkRowKey,
  bulkRowsPrefix,
  bulkStationsKey,
  STATIONS_PER_PART,
} from "../store/bulk.ts";
import { payloadOf } from "../store/payload.ts";
import { iso } from "../time.ts";
import { bulkableOf } from "./bulkable.ts";
import { type Claim, claimNext, claimParked, close, end, finish, unclaimParked } from "./head.ts";
import { type BulkMessage, type BulkQueue, MAX_DELAY_SECONDS } from "./messages.ts";
import { outcomeOf, type StationOutcome } from "./outcome.ts";
import { park, unpark } from "./parked.ts";

export interface BulkDeps extends CommandDeps {
  readonly queue: BulkQueue;
}

/** How long a station has for its answer, the lane included. */
const WAIT_MS = 25_000;

/** Before a worker without a slot comes again: spread, as Retry-After is. */
const SLOT_DELAY_SECONDS = { from: 1, to: 3 } as const;

/** In a network with one slot: longer than the Retry-After of a caller that was refused meanwhile. */
const ONLY_SLOT_DELAY_SECONDS = 4;

/** How often a station that connects and disconnects meanwhile is tried before it counts as failed. */
const MAX_TRIES = 3;

/** @param mayGoOn whether there is time for another station */
export async function runBulkMessage(
  deps: BulkDeps,
  message: BulkMessage,
  mayGoOn: () => boolean,
): Promise<void> {
  addLogKeys({ bulkId: message.bulkId });
  const bulk = await deps.table.get<BulkItem>(bulkKey(message.bulkId));
  if (!bulk || bulk.completedAtMs !== undefined) return;
  switch (message.job) {
    case "share":
      return share(deps, message, bulk, mayGoOn);
    case "station":
      return connected(deps, message, bulk);
    case "expiry":
      return expire(deps, message, bulk, mayGoOn);
  }
}

/** Takes stations of the snapshot while there is time. */
async function share(
  deps: BulkDeps,
  message: BulkMessage & { job: "share" },
  { networkId, bulkId, ...before }: BulkItem,
  mayGoOn: () => boolean,
): Promise<void> {
  const { table, clock, queue } = deps;
  const worker = `w${message.worker}`;
  const hasWork = (bulk: Pick<BulkItem, "state" | "next" | "total" | "workers">) =>
    bulk.workers[worker] !== undefined || (bulk.state === "running" && bulk.next < bulk.total);
  for (let goesOn = hasWork(before); goesOn; ) {
    if (!mayGoOn()) return queue.send([message]);
    const slot = await takeSlot(deps, networkId, `${bulkId}/${worker}`);
    if (!slot.taken) return queue.send([message], slotDelay());
    try {
      const claim = await claimNext(table, bulkId, worker);
      if (claim.n === undefined) {
        if (claim.bulk && claim.bulk.failed >= claim.bulk.failureLimit) await end(table, bulkId, "stopped");
        break;
      }
      const bulk = await runClaim(deps, claim);
      // another run of this worker is at it: that one goes on
      if (!bulk) return;
      goesOn = hasWork(bulk);
    } finally {
      await releaseSlot(table, networkId, `${bulkId}/${worker}`);
    }
    if (goesOn && slot.limit <= 1) return queue.send([message], ONLY_SLOT_DELAY_SECONDS);
  }
  await close(table, bulkId, clock.now());
}

/** Sends the command to a station that was offline when its turn came. */
async function connected(
  deps: BulkDeps,
  message: BulkMessage & { job: "station" },
  { networkId, bulkId }: BulkItem,
): Promise<void> {
  const { table, clock, queue } = deps;
  const { n } = message;
  const holder = `${bulkId}/s${n}`;
  const { taken } = await takeSlot(deps, networkId, holder);
  if (!taken) return queue.send([message], slotDelay());
  try {
    const claim = await claimParked(table, bulkId, n);
    const row = await readRow(deps, bulkId, n);
    if (!claim) {
      const bulk = await table.get<BulkItem>(bulkKey(bulkId));
      const isDue = bulk?.state === "running" && row?.outcome === undefined;
      return isDue ? queue.send([message], slotDelay()) : undefined;
    }
    if (await isUnclaimed(deps, claim, row)) return queue.send([message], slotDelay());
    await runClaim(deps, claim);
  } finally {
    await releaseSlot(table, networkId, holder);
  }
  await close(table, bulkId, clock.now());
}

/**
 * Takes a claim back that should not have been made: the station has ended already, or the worker that parks it has
 * not counted it as parked yet.
 *
 * @returns whether it is to be tried again
 */
async function isUnclaimed(deps: BulkDeps, claim: Claim, row: BulkRowItem | undefined): Promise<boolean> {
  const { workers } = claim.bulk;
  const isAnothers = Object.entries(workers).some(([name, n]) => n === claim.n && name !== claim.worker);
  if (!isAnothers && (row?.outcome === undefined || claim.isResumed)) return false;
  await unclaimParked(deps.table, claim);
  return row?.outcome === undefined;
}

/** After the expiry: what is still offline is skipped. */
async function expire(
  deps: BulkDeps,
  message: BulkMessage & { job: "expiry" },
  { bulkId, expiresAtMs = 0, state }: BulkItem,
  mayGoOn: () => boolean,
): Promise<void> {
  const { table, clock, queue } = deps;
  if (state !== "running") return close(table, bulkId, clock.now());
  const leftMs = expiresAtMs - clock.now();
  if (leftMs > 0) return queue.send([message], delayFor(leftMs));
  const rows = await table.partition<BulkRowItem>(bulkKey(bulkId).pk, bulkRowsPrefix);
  for (const row of rows.filter(({ outcome }) => outcome === undefined)) {
    if (!mayGoOn()) return queue.send([message]);
    const claim = await claimParked(table, bulkId, row.n);
    if (!claim) continue;
    const current = await readRow(deps, bulkId, row.n);
    if (await isUnclaimed(deps, claim, current)) continue;
    await conclude(deps, claim, row.cpId, current ?? { outcome: "skipped" });
  }
  const after = await table.get<BulkItem>(bulkKey(bulkId));
  const goesOn = after && (after.parked > 0 || after.next < after.total || hasWorkers(after));
  if (goesOn && after.state === "running") return queue.send([message], ONLY_SLOT_DELAY_SECONDS);
  await close(table, bulkId, clock.now());
}

const hasWorkers = ({ workers }: BulkItem): boolean => Object.keys(workers).length > 0;

export const delayFor = (ms: number): number => Math.min(Math.ceil(ms / 1000), MAX_DELAY_SECONDS);

/** Sends the command to a claimed station and ends the claim. @returns the item as it stands; see `finish` */
async function runClaim(deps: BulkDeps, claim: Claim): Promise<BulkItem | undefined> {
  const { table, clock } = deps;
  const { bulk, n } = claim;
  const row = claim.isResumed ? await readRow(deps, bulk.bulkId, n) : undefined;
  const cpId = row?.cpId ?? (await stationOf(deps, bulk.bulkId, n));
  if (row?.outcome) return conclude(deps, claim, cpId, { ...row, outcome: row.outcome });
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const outcome = await send(deps, claim, cpId);
    if (outcome) return conclude(deps, claim, cpId, outcome);
    const { expiresAtMs = 0, offline } = bulk;
    if (offline === "skip" || expiresAtMs <= clock.now())
      return conclude(deps, claim, cpId, { outcome: "skipped" });
    await putRow(deps, claim, cpId, {});
    const waiting = { bulkId: bulk.bulkId, n, untilMs: expiresAtMs };
    if (await park(table, cpId, waiting)) return finish(table, claim, "parked");
  }
  const problem = new Problem(
    "station-not-connected",
    "The station connected and disconnected again and again.",
  );
  return conclude(deps, claim, cpId, { outcome: "failed", problem: problem.toDetails() });
}

/** Writes the row, and counts the station once the row is there. */
async function conclude(
  deps: BulkDeps,
  claim: Claim,
  cpId: string,
  { outcome, status, problem }: Partial<BulkRowItem>,
): Promise<BulkItem | undefined> {
  const { table } = deps;
  const { bulk, n } = claim;
  const counted = outcome ?? "skipped";
  await putRow(deps, claim, cpId, {
    outcome: counted,
    ...(status !== undefined && { status }),
    ...(problem && { problem }),
  });
  if (bulk.offline === "wait" && claim.worker.startsWith("s"))
    await unpark(table, cpId, { bulkId: bulk.bulkId, n, untilMs: bulk.expiresAtMs ?? 0 });
  const after = await finish(table, claim, counted);
  if (after && after.state === "running" && after.failed >= after.failureLimit) {
    await end(table, bulk.bulkId, "stopped");
    return { ...after, state: "stopped" };
  }
  return after;
}

/** @returns undefined where the station is not connected, and was not sent the command before */
async function send(deps: BulkDeps, claim: Claim, cpId: string): Promise<StationOutcome | undefined> {
  const { table, clock } = deps;
  const { bulk } = claim;
  const { bulkId, networkId, requestedBy } = bulk;
  const command = bulkableOf(bulk.command);
  const { name } = command;
  const commandId = commandIdOf(bulkId, cpId);
  addLogKeys({ commandId, cpId });
  const deadlineMs = clock.now() + WAIT_MS;
  const run = {
    ...systemRun(deps, name, { commandId, cpId, networkId, deadlineMs, requestedBy }),
    bulkId,
    // a run that was started anew recognizes its own CALLs by it
    idempotencyId: bulkId,
    holder: `${bulkId}/${claim.worker}`,
  };
  const given = await readInput(deps, bulkId);
  let input: Parameters<typeof command.inputFor>[1];
  try {
    input = await command.inputFor(table, given, { cpId, networkId });
  } catch (error) {
    return outcomeOf({ error, ended: "notSent" });
  }
  const request = { name, input, cpId, networks: run.networks, waitMs: WAIT_MS } as CommandRequest;
  const before = claim.isResumed ? await readExchange(table, cpId, commandId) : undefined;
  const wasSent = before !== undefined && before.state !== "failed";
  const execution = wasSent ? await resumed(deps, request, run) : await execute(deps, request, run);
  try {
    settle(name, execution, comesAgain);
  } catch (error) {
    // a problem is the outcome of the row
    if (!(error instanceof Problem)) throw error;
  }
  const outcome = outcomeOf(execution);
  if (outcome?.outcome === "accepted") await command.accepted?.(table, input, cpId, iso(clock.now()));
  return outcome;
}

/** A message that failed comes again; a station that is offline is skipped or waited for. */
const comesAgain = (error: unknown): boolean =>
  isRetriedByLambda(error) || (error instanceof Problem && error.slug === "station-not-connected");

/** Waits for the CALLs of an earlier run, and sends those that are missing. */
async function resumed(deps: BulkDeps, request: CommandRequest, run: CommandRun): Promise<Execution<object>> {
  try {
    const output = await resumeCommand(deps, request, run);
    return output ? { output, ended: "byAnother" } : execute(deps, request, run);
  } catch (error) {
    return { error, ended: "byAnother" };
  }
}

/** The command's id at one station: the same in every run. */
const commandIdOf = (bulkId: string, cpId: string): string => v5(cpId, bulkId);

const slotDelay = (): number =>
  SLOT_DELAY_SECONDS.from + Math.floor(Math.random() * (SLOT_DELAY_SECONDS.to - SLOT_DELAY_SECONDS.from + 1));

function takeSlot({ table, clock }: BulkDeps, networkId: string, holder: string) {
  const now = clock.now();
  return acquireSpareSlot(table, { networkId, holder, now, expiresAtMs: now + LEASE_MS });
}

const readRow = ({ table }: BulkDeps, bulkId: string, n: number) =>
  table.get<BulkRowItem>(bulkRowKey(bulkId, n));

async function readInput({ table }: BulkDeps, bulkId: string): Promise<object> {
  const item = await table.get<BulkInputItem>(bulkInputKey(bulkId));
  if (!item) throw new Error(`the bulk command ${bulkId} has no input`);
  return payloadOf<object>(item.input);
}

async function stationOf({ table }: BulkDeps, bulkId: string, n: number): Promise<string> {
  const part = await table.get<BulkStationsItem>(bulkStationsKey(bulkId, Math.floor(n / STATIONS_PER_PART)));
  const cpId = part?.cpIds[n % STATIONS_PER_PART];
  if (cpId === undefined) throw new Error(`the bulk command ${bulkId} has no station ${n}`);
  return cpId;
}

const putRow = (
  { table, clock }: BulkDeps,
  { bulk, n }: Claim,
  cpId: string,
  about: Pick<BulkRowItem, "outcome" | "status" | "problem">,
): Promise<void> => {
  const { bulkId, expiresAt } = bulk;
  const commandId = commandIdOf(bulkId, cpId);
  return table.put({ ...bulkRowKey(bulkId, n), n, cpId, commandId, ...about, atMs: clock.now(), expiresAt });
};
