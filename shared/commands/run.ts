/**
 * The way of a command from its acceptance to the station's answer:
 *
 *     1 admit   a slot of the network, or 429; at the same time
 *       lane    the station's lane: the station itself, or 404, 409; then its turn, or 503
 *     2 CALLs   what the dialect makes of the command: check (422), store, post, wait
 *     3 give the slot back
 *
 * A command that outlives its response goes the same way in a function of its own; one that carries a secret
 * does not outlive it (queue.ts).
 */

import type { ConnectedStation } from "../calls/wait-for-lane.ts";
import { releaseSlot } from "../limits/semaphore.ts";
import { admit, networkOf, tooMany } from "./admission.ts";
import type { CommandName, Output } from "./commands.ts";
import { dryRunOn, execute } from "./execute.ts";
import { settle } from "./outcome.ts";
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
  // slot and lane are taken at once; a refusal of one gives the other back
  const admission = admit(deps, networkId, holderOf(run));
  // where the station refuses first, its error comes later than the one of the slot
  admission.catch(() => {});
  const admitted = async (station: ConnectedStation) => {
    const use = await admission;
    if (use.admitted) return request.onAdmitted?.(use);
    // what the station's version cannot take comes before the limit
    await dryRunOn(station, { ...request, run });
    throw tooMany(use);
  };
  try {
    return settle(request.name, await execute(deps, request, run, { admitted }));
  } finally {
    const isRefused = await admission.then(
      ({ admitted }) => !admitted,
      () => false,
    );
    if (!isRefused) await releaseSlot(deps.table, networkId, holderOf(run));
  }
}
