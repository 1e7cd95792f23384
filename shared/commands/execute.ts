import { abandonLane, type ConnectedStation, notConnected, waitForLane } from "../calls/wait-for-lane.ts";
import { findStation } from "../stations/find.ts";
import type { StationItem } from "../store/items.ts";
import { type CommandName, commandOf, type Output, rowOf } from "./commands.ts";
import { handOver } from "./hand-over.ts";
import type { Execution } from "./outcome.ts";
import type { AcceptDeps, CommandDeps, CommandRequest, QueuedCommand } from "./request.ts";
import { type CommandRun, callCountOf, DrySession, LiveSession } from "./session.ts";

export interface ExecuteOptions {
  /** Whether the first CALL is stored as queued. @default false */
  readonly queued?: boolean;
  /** Called with the station before the command waits for its turn. If it throws, nothing is sent. */
  readonly admitted?: (station: ConnectedStation) => Promise<void>;
  /** Called when the command is at the head of the lane. If it throws, nothing is sent. */
  readonly beforeSending?: (station: ConnectedStation) => Promise<void>;
}

/**
 * Executes a command: waits for the station's lane, sends the CALLs, waits for their answers. The caller holds the
 * slot and counts the end (`settle`). Never throws.
 */
export async function execute<Name extends CommandName>(
  deps: CommandDeps,
  { name, input, cpId, networks }: Omit<CommandRequest<Name>, "waitMs">,
  run: CommandRun,
  { queued = false, admitted, beforeSending }: ExecuteOptions = {},
): Promise<Execution<Output<Name>>> {
  const { commandId: messageId, deadlineMs } = run;
  let session: LiveSession | undefined;
  try {
    const verify = (station: StationItem) => commandOf(name).verify?.(station, input);
    const station = await waitForLane(deps, { cpId, networks, messageId, deadlineMs, verify, admitted });
    try {
      await beforeSending?.(station);
      const row = rowOf(station.connection.protocol, name);
      const callCount = callCountOf(row, input, station);
      const start = queued ? "queued" : "new";
      session = new LiveSession(deps, { ...run, callCount }, station, start);
      if (station.link === "legacy" && callCount > 1 && !queued) {
        const output = await answerAndHandOver(deps, { name, input, run }, station);
        if (output) return { output, ended: "handedOver" };
      }
      const output = await row.run(input, session);
      return { output, ended: session.isAnothers ? "byAnother" : session.lastEnd };
    } finally {
      if (!session?.hasCalled) await abandonLane(deps.table, cpId, messageId);
    }
  } catch (error) {
    if (session?.isAnothers) return { error, ended: "byAnother" };
    return { error, ended: session?.isOut ? "failed" : "notSent" };
  }
}

/** The result of a dry run: what is known of a command before anything is sent. */
export interface DryRun<Name extends CommandName> {
  readonly dry: DrySession;
  readonly output: Output<Name>;
}

/** Goes through a command without sending anything, so that every problem is found that can be found beforehand. */
export async function dryRun<Name extends CommandName>(
  deps: AcceptDeps,
  { name, input, cpId, networks }: CommandRequest<Name>,
  run: CommandRun,
): Promise<DryRun<Name>> {
  const station = await findStation(deps.table, cpId, networks);
  commandOf(name).verify?.(station, input);
  if (!station.connection) throw await notConnected(deps.table, station);
  return dryRunOn(station as ConnectedStation, { name, input, run });
}

/**
 * Goes through a command on a connected station without sending anything.
 *
 * @throws Problem for a command that the station's version cannot take
 */
export async function dryRunOn<Name extends CommandName>(
  station: ConnectedStation,
  { name, input, run }: Pick<QueuedCommand<Name>, "name" | "input" | "run">,
): Promise<DryRun<Name>> {
  const row = rowOf(station.connection.protocol, name);
  const dry = new DrySession({ ...run, callCount: callCountOf(row, input, station) }, station);
  const output = await row.run(input, dry);
  return { dry, output };
}

/**
 * Several CALLs to a legacy station: the response names them, and the background function sends them.
 *
 * @returns undefined if a CALL carries a secret: then this function has to send them
 */
async function answerAndHandOver<Name extends CommandName>(
  deps: CommandDeps,
  queued: QueuedCommand<Name>,
  station: ConnectedStation,
): Promise<Output<Name> | undefined> {
  const { dry, output } = await dryRunOn(station, queued);
  if (dry.holdsSecret) return undefined;
  await handOver(deps, queued, dry);
  return output;
}
