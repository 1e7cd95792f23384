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
 * Accepts an asynchronous command: checks and stores it. A separate function runs it.
 *
 * @returns the result for a caller that does not wait for the station's answer
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
 * As `queueCommand`, but a command that contains a secret is not queued: its plain text would be stored until the
 * background function has run. The function that accepts it waits for the lane and sends it, and waits for the
 * station's answer only if another CALL follows.
 *
 * @throws Problem `station-busy` if the lane does not become free in time
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
    // some of several CALLs were sent; the command resource lists them
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
 * Runs a command that was queued: the body of the background function. It may run twice: only the run that marks the
 * stored CALL as sent sends it. The result for the caller is stored.
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
