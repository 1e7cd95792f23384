import { AlreadySent } from "../calls/call.ts";
import { endExchange } from "../calls/exchange.ts";
import { releaseSlot } from "../limits/semaphore.ts";
import { Problem } from "../problems.ts";
import { takeSlot } from "./admission.ts";
import type { CommandName } from "./commands.ts";
import { type DryRun, dryRun, execute } from "./execute.ts";
import { handOver } from "./hand-over.ts";
import { countingFailure, isRetriedByLambda, settle } from "./outcome.ts";
import {
  type AcceptDeps,
  begin,
  type CommandDeps,
  type CommandRequest,
  type CommandResult,
  holderOf,
  type QueuedCommand,
} from "./request.ts";
import { runBegun } from "./run.ts";
import type { CommandRun } from "./session.ts";

/**
 * Accepts an asynchronous command: it is checked and stored, and runs in a function of its own.
 *
 * @returns what a caller is told who does not wait for the station's answer
 * @throws Problem for everything that is known before a CALL goes out
 */
export async function queueCommand<Name extends CommandName>(
  deps: AcceptDeps,
  request: CommandRequest<Name>,
): Promise<CommandResult<Name>> {
  const run = begin(deps, request);
  const tried = await countingFailure(request.name, () => dryRun(deps, request, run));
  return queueBegun(deps, request, run, tried);
}

/**
 * As `queueCommand`, but for one that carries a secret: nothing keeps that until a function of its own has time.
 * Who accepts it waits for its turn and sends it, and waits for the station's answer only where another CALL is to
 * follow.
 *
 * @throws Problem `station-busy` where its turn did not come
 */
export async function queueOrSendCommand<Name extends CommandName>(
  deps: CommandDeps,
  request: CommandRequest<Name>,
): Promise<CommandResult<Name>> {
  const run = begin(deps, request);
  const tried = await countingFailure(request.name, () => dryRun(deps, request, run));
  if (!tried.dry.holdsSecret) return queueBegun(deps, request, run, tried);
  try {
    return { commandId: run.commandId, ...(await runBegun(deps, request, { ...run, unawaited: true })) };
  } catch (error) {
    // of several CALLs some have gone out, and the command tells which
    if (!(error instanceof Problem) || error.slug !== "station-timeout") throw error;
    return { commandId: run.commandId, ...tried.output };
  }
}

async function queueBegun<Name extends CommandName>(
  deps: AcceptDeps,
  request: CommandRequest<Name>,
  run: CommandRun,
  { dry, output }: DryRun<Name>,
): Promise<CommandResult<Name>> {
  await countingFailure(request.name, () => takeSlot(deps, dry.station.networkId, holderOf(run)));
  const slotOf = dry.station.networkId;
  try {
    await handOver(deps, { name: request.name, input: request.input, run, slotOf }, dry);
  } catch (error) {
    await releaseSlot(deps.table, slotOf, holderOf(run));
    throw error;
  }
  return { commandId: run.commandId, ...output };
}

/**
 * Runs a command that was queued: the body of the background function. Safe to be run twice: whoever turns
 * the stored CALL from queued to sent sends it. What the caller would have been told is stored.
 */
export async function runQueued(deps: CommandDeps, queued: QueuedCommand): Promise<void> {
  const { name, input, run, slotOf } = queued;
  const request = { name, input, cpId: run.cpId, networks: run.networks, waitMs: 0 };
  try {
    if (slotOf) await countingFailure(name, () => takeSlot(deps, slotOf, holderOf(run)), isRetriedByLambda);
    settle(name, await execute(deps, request, run, { queued: true }), isRetriedByLambda);
  } catch (error) {
    if (error instanceof AlreadySent) return;
    if (!(error instanceof Problem)) throw error;
    await endExchange(
      deps.table,
      { cpId: run.cpId, messageId: run.commandId },
      { from: "queued", to: "failed", atMs: deps.clock.now(), problem: error.toDetails() },
    );
  }
  if (slotOf) await releaseSlot(deps.table, slotOf, holderOf(run));
}
