/**
 * A bulk command at one station: sends the command as a single one is sent, writes the row, counts it. Every step can
 * be done again: the message id of the CALL follows from bulk command and station, its exchange is written once, and so
 * is the row's outcome.
 */

import { readExchange } from "../calls/exchange.ts";
import type { ConnectedStation } from "../calls/wait-for-lane.ts";
import { execute } from "../commands/execute.ts";
import { type Execution, isRetriedByLambda, Obsolete, settle } from "../commands/outcome.ts";
import { type CommandRequest, systemRun } from "../commands/request.ts";
import { resumeCommand } from "../commands/resume.ts";
import type { CommandRun } from "../commands/session.ts";
import { addLogKeys } from "../logger.ts";
import { Problem } from "../problems.ts";
import { type BulkItem, type BulkRowItem, bulkKey } from "../store/bulk.ts";
import type { StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { iso } from "../time.ts";
import { bulkableOf } from "./bulkable.ts";
import { type Claim, finish, handsOut, stopIfFailed } from "./head.ts";
import { outcomeOf, type StationOutcome } from "./outcome.ts";
import { park, unpark } from "./parked.ts";
import { commandIdOf, concludeRow, isOwnOutcome, parkRow } from "./rows.ts";
import type { BulkDeps, Snapshot } from "./snapshot.ts";

/** How long a station has for its answer, the lane included. */
const WAIT_MS = 25_000;

/** After this time in the lane, the bulk command may have been cancelled in the meantime. */
const LOOK_AGAIN_AFTER_MS = 1_000;

/** What a run came to, where that is no outcome: nothing was sent. */
type NotSent = "offline" | "cancelled";

/**
 * Sends the command to a claimed station and ends the claim.
 *
 * @param row of an earlier claim or run
 * @returns the item as it stands, undefined where there is none any more
 */
export async function runClaim(
  deps: BulkDeps,
  snapshot: Snapshot,
  claim: Claim,
  row: BulkRowItem | undefined,
): Promise<BulkItem | undefined> {
  const cpId = row?.cpId ?? (await snapshot.stationOf(claim.bulk, claim.n));
  if (row?.outcome !== undefined) return count(deps, claim, row);
  // a run that was killed had found the station offline
  const isParking = claim.mark === undefined && row?.claim !== undefined;
  const result = isParking ? "offline" : await outcomeAt(deps, snapshot, claim, cpId);
  if (result === "cancelled") return finish(deps.table, claim, "parked");
  if (result !== "offline") return count(deps, claim, await concludeRow(deps, claim, cpId, result));
  const { offline, expiresAtMs = 0 } = claim.bulk;
  if (offline === "skip" || expiresAtMs <= deps.clock.now())
    return count(deps, claim, await concludeRow(deps, claim, cpId, { outcome: "skipped" }));
  const parked = await parkRow(deps, claim, cpId);
  return parked.outcome === undefined ? leaveParked(deps, claim, cpId) : count(deps, claim, parked);
}

/** Counts a station whose row has its outcome. */
async function count(deps: BulkDeps, claim: Claim, row: BulkRowItem): Promise<BulkItem | undefined> {
  const { table } = deps;
  const { bulk, n } = claim;
  const { outcome, cpId } = row;
  // another run of the worker parked the station, and this one had sent the command: the next claim finds the CALL
  if (outcome === undefined) return leaveParked(deps, claim, cpId);
  if (claim.mark !== undefined)
    await unpark(table, cpId, { bulkId: bulk.bulkId, n, untilMs: bulk.expiresAtMs ?? 0 });
  const after = await finish(table, claim, isOwnOutcome(row, claim) ? outcome : "parked");
  return after && stopIfFailed(table, after);
}

/** Lets a station whose row says that it is offline wait for its connection, which may be there already. */
async function leaveParked(deps: BulkDeps, claim: Claim, cpId: string): Promise<BulkItem | undefined> {
  const { bulk, n } = claim;
  const { bulkId, expiresAtMs: untilMs = 0 } = bulk;
  const isOffline = await park(deps.table, cpId, { bulkId, n, untilMs });
  if (!isOffline) await deps.queue.send([{ job: "station", bulkId, n }], 1);
  const after = await finish(deps.table, claim, "parked");
  return after && stopIfFailed(deps.table, after);
}

async function outcomeAt(
  deps: BulkDeps,
  snapshot: Snapshot,
  claim: Claim,
  cpId: string,
): Promise<StationOutcome | NotSent> {
  const { table, clock } = deps;
  const { bulk, mark } = claim;
  const isFirst = mark === undefined && !claim.isResumed;
  const before = isFirst ? undefined : await readExchange(table, cpId, commandIdOf(bulk.bulkId, cpId));
  const wasSent = before !== undefined && before.state !== "failed";
  if (!wasSent && !handsOut(bulk)) return "cancelled";
  if (!wasSent && mark !== undefined && (bulk.expiresAtMs ?? 0) <= clock.now()) return { outcome: "skipped" };
  return send(deps, snapshot, { bulk, claim, cpId, wasSent });
}

interface Sending {
  readonly bulk: BulkItem;
  readonly claim: Claim;
  readonly cpId: string;
  /** Whether an earlier run sent the first CALL. */
  readonly wasSent: boolean;
}

async function send(
  deps: BulkDeps,
  snapshot: Snapshot,
  { bulk, claim, cpId, wasSent }: Sending,
): Promise<StationOutcome | NotSent> {
  const { table, clock } = deps;
  const { bulkId, networkId, requestedBy } = bulk;
  const command = bulkableOf(bulk.command);
  const { name } = command;
  const commandId = commandIdOf(bulkId, cpId);
  addLogKeys({ commandId, cpId });
  const claimedAtMs = clock.now();
  const deadlineMs = claimedAtMs + WAIT_MS;
  const run = {
    ...systemRun(deps, name, { commandId, cpId, networkId, deadlineMs, requestedBy }),
    bulkId,
    // a run that was started anew recognizes its own CALLs by it
    idempotencyId: bulkId,
    holder: holderOf(bulkId, claim.worker),
  };
  let input: Parameters<typeof command.inputFor>[1];
  try {
    input = await command.inputFor(table, await snapshot.inputOf(bulk), { cpId, networkId });
  } catch (error) {
    const outcome = outcomeOf({ error, ended: "notSent" }) ?? "offline";
    return wasSent && outcome !== "offline" ? { ...outcome, outcome: "unknown" } : outcome;
  }
  const request = { name, input, cpId, networks: run.networks, waitMs: WAIT_MS } as CommandRequest;
  const beforeSending = async (_station: ConnectedStation) => {
    if (clock.now() - claimedAtMs < LOOK_AGAIN_AFTER_MS) return;
    const now = await table.get<BulkItem>(bulkKey(bulkId));
    if (!now || !handsOut(now)) throw new Obsolete("the bulk command hands out no station any more");
  };
  const execution = wasSent
    ? await resumed(deps, request, run)
    : await execute(deps, request, run, { beforeSending });
  if ("error" in execution && execution.error instanceof Obsolete) return "cancelled";
  settleQuietly(name, execution);
  const outcome = outcomeOf(execution, execution.ended === "byAnother" && (await isLegacy(deps, cpId)));
  if (outcome?.outcome === "accepted") await command.accepted?.(table, input, cpId, iso(clock.now()));
  return outcome ?? "offline";
}

/** In whose name a worker holds its slot. */
export const holderOf = (bulkId: string, worker: string): string => `${bulkId}/${worker}`;

/** Counts how a command ended. A problem is the outcome of the row. */
function settleQuietly(name: CommandRequest["name"], execution: Execution<object>): void {
  try {
    settle(name, execution, comesAgain);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

/** A message that failed comes again; a station that is offline is skipped or waited for. */
const comesAgain = (error: unknown): boolean =>
  isRetriedByLambda(error) || (error instanceof Problem && error.slug === "station-not-connected");

/** Waits for the CALLs of an earlier run, and sends those that are missing. */
async function resumed(deps: BulkDeps, request: CommandRequest, run: CommandRun): Promise<Execution<object>> {
  try {
    const output = await resumeCommand(deps, request, run, { hasSlot: true });
    return output ? { output, ended: "byAnother" } : execute(deps, request, run);
  } catch (error) {
    return { error, ended: "byAnother" };
  }
}

const isLegacy = async ({ table }: BulkDeps, cpId: string): Promise<boolean> =>
  (await table.get<StationItem>(stationKey(cpId)))?.link === "legacy";
