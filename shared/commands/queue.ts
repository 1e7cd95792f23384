import { AlreadySent } from "../calls/call.ts";
import { endExchange } from "../calls/exchange.ts";
import { releaseSlot } from "../limits/semaphore.ts";
import { Problem } from "../problems.ts";
import { takeSlot } from "./admission.ts";
import type { CommandName } from "./commands.ts";
import { execute, rehearse } from "./execute.ts";
import { handOver } from "./hand-over.ts";
import { counted } from "./outcome.ts";
import {
  type AcceptDeps,
  begin,
  type CommandDeps,
  type CommandRequest,
  type CommandResult,
  holderOf,
  type QueuedCommand,
} from "./request.ts";

/**
 * Accepts a command that nobody waits for: it is checked and stored, and runs in a function of its own.
 *
 * @returns what a caller is told who does not wait for the station's answer
 * @throws Problem for everything that is known before a CALL goes out
 */
export async function queueCommand<Name extends CommandName>(
  deps: AcceptDeps,
  request: CommandRequest<Name>,
): Promise<CommandResult<Name>> {
  const run = begin(deps, request);
  const { dry, output } = await counted(request.name, async () => {
    const rehearsed = await rehearse(deps, request, run);
    await takeSlot(deps, rehearsed.dry.station.networkId, holderOf(run));
    return rehearsed;
  });
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
    if (slotOf) await takeSlot(deps, slotOf, holderOf(run));
    await execute(deps, request, run, true);
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
