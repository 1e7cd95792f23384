/**
 * The way of a command from its acceptance to the station's answer:
 *
 *     1 admit   a slot of the network, or 429
 *     2 lane    the station's lane: the station itself, or 404, 409, 503
 *     3 CALLs   what the dialect makes of the command: check (422), store, post, wait
 *     4 give the slot back
 *
 * A command that outlives its response goes the same way in a function of its own; one that carries a secret
 * does not outlive it (queue.ts).
 */

import { releaseSlot } from "../limits/semaphore.ts";
import { admit, networkOf, tooMany } from "./admission.ts";
import type { CommandName, Output } from "./commands.ts";
import { dryRun, execute } from "./execute.ts";
import { countingFailure, settle } from "./outcome.ts";
import { begin, type CommandDeps, type CommandRequest, type CommandResult, holderOf } from "./request.ts";
import { resumeCommand } from "./resume.ts";
import type { CommandRun } from "./session.ts";

/**
 * Runs a command and waits for the station's answer.
 *
 * @throws Problem for everything the caller can meet, in the order the contract gives
 */
export async function runCommand<Name extends CommandName>(
  deps: CommandDeps,
  request: CommandRequest<Name>,
): Promise<CommandResult<Name>> {
  const run = begin(deps, request);
  return { commandId: run.commandId, ...(await runBegun(deps, request, run)) };
}

/** Runs a command that has its id. @throws Problem as `runCommand` */
export async function runBegun<Name extends CommandName>(
  deps: CommandDeps,
  request: CommandRequest<Name>,
  run: CommandRun,
): Promise<Output<Name>> {
  const resumed = request.idempotency?.isRepeat && (await resumeCommand(deps, request, run));
  if (resumed) return resumed;
  const networkId = await networkOf(deps, request);
  const admission = await admit(deps, networkId, holderOf(run));
  if (!admission.admitted) {
    return countingFailure(request.name, async () => {
      await dryRun(deps, request, run);
      throw tooMany(admission);
    });
  }
  request.onAdmitted?.(admission);
  try {
    return settle(request.name, await execute(deps, request, run));
  } finally {
    await releaseSlot(deps.table, networkId, holderOf(run));
  }
}
