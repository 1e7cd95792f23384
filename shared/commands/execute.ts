import { type ConnectedStation, giveTurnBack, notConnected, takeTurn } from "../calls/turn.ts";
import type { Outcome } from "../metrics.ts";
import { findStation } from "../stations/find.ts";
import type { StationItem } from "../store/items.ts";
import { type CommandName, commandOf, type Input, type Output, rowOf } from "./commands.ts";
import { handOver } from "./hand-over.ts";
import { counted } from "./outcome.ts";
import type { AcceptDeps, CommandDeps, CommandRequest, QueuedCommand } from "./request.ts";
import { type CommandRun, DrySession, LiveSession, type Prepare } from "./session.ts";

export interface ExecuteOptions {
  /** Whether its first CALL is stored as queued. @default false */
  readonly queued?: boolean;
  /** Told when its turn has come; nothing is sent where it throws. */
  readonly onTurn?: (station: ConnectedStation) => Promise<void>;
  /** Whether another run is to send what was not sent because of this. @default none */
  readonly goesOn?: (error: unknown) => boolean;
}

/**
 * Carries a command out: its turn in the station's lane, its CALLs, their answers; and counts how it ended. The
 * slot is the caller's.
 */
export async function execute<Name extends CommandName>(
  deps: CommandDeps,
  request: Omit<CommandRequest<Name>, "waitMs">,
  run: CommandRun,
  { goesOn = () => false, ...options }: ExecuteOptions = {},
): Promise<Output<Name>> {
  let session: LiveSession | undefined;
  const work = () =>
    carryOut(deps, request, run, options, (begun) => {
      session = begun;
    });
  const { output } = await counted(request.name, work, {
    ended: ({ outcome }) => (session?.isAnothers ? undefined : outcome),
    goesOn: (error) => session?.isAnothers || (!session?.isOut && goesOn(error)),
  });
  return output;
}

interface CarriedOut<Name extends CommandName> {
  readonly output: Output<Name>;
  /** Undefined where it goes on in another function. */
  readonly outcome?: Outcome;
}

async function carryOut<Name extends CommandName>(
  deps: CommandDeps,
  { name, input, cpId, networks }: Omit<CommandRequest<Name>, "waitMs">,
  run: CommandRun,
  { queued = false, onTurn }: Omit<ExecuteOptions, "goesOn">,
  began: (session: LiveSession) => void,
): Promise<CarriedOut<Name>> {
  const { commandId: messageId, deadlineMs } = run;
  const verify = (station: StationItem) => commandOf(name).verify?.(station, input);
  const station = await takeTurn(deps, { cpId, networks, messageId, deadlineMs, verify });
  let calls = 0;
  try {
    await onTurn?.(station);
    const row = await rowOf(station.connection.protocol, name);
    const callCount = row.callCount?.(input, station) ?? 1;
    const start = queued ? "queued" : "new";
    const session = new LiveSession(
      deps,
      { ...run, callCount },
      station,
      start,
      prepareOf(deps, name, input),
    );
    began(session);
    try {
      if (station.link === "legacy" && callCount > 1 && !queued) {
        const output = await answerAndGoOn(deps, { name, input, run }, station);
        if (output) return { output };
      }
      return { output: await row.run(input, session), outcome: session.outcome };
    } finally {
      calls = session.calls;
    }
  } finally {
    if (calls === 0) await giveTurnBack(deps.table, cpId, messageId);
  }
}

/** What the command has to store before each of its CALLs. */
export const prepareOf =
  <Name extends CommandName>(
    { table }: Pick<CommandDeps, "table">,
    name: Name,
    input: Input<Name>,
  ): Prepare =>
  async (station, messageId) =>
    commandOf(name).prepare?.(table, station, input, messageId);

/** What is known of a command before anything was sent. */
export interface Rehearsed<Name extends CommandName> {
  readonly dry: DrySession;
  readonly output: Output<Name>;
}

/**
 * Goes through a command without sending anything, so that everything is said that can be said beforehand.
 */
export async function rehearse<Name extends CommandName>(
  deps: AcceptDeps,
  { name, input, cpId, networks }: CommandRequest<Name>,
  run: CommandRun,
): Promise<Rehearsed<Name>> {
  const station = await findStation(deps.table, cpId, networks);
  commandOf(name).verify?.(station, input);
  if (!station.connection) throw await notConnected(deps.table, station);
  return rehearseOn(station as ConnectedStation, { name, input, run });
}

/**
 * Goes through a command on a connected station without sending anything.
 *
 * @throws Problem for a command that the station's version cannot take
 */
export async function rehearseOn<Name extends CommandName>(
  station: ConnectedStation,
  { name, input, run }: Pick<QueuedCommand<Name>, "name" | "input" | "run">,
): Promise<Rehearsed<Name>> {
  const row = await rowOf(station.connection.protocol, name);
  const dry = new DrySession({ ...run, callCount: row.callCount?.(input, station) ?? 1 }, station);
  const output = await row.run(input, dry);
  return { dry, output };
}

/**
 * Several CALLs to a station whose answers nobody waits for: the response names them, and they go on.
 *
 * @returns undefined where they carry a secret, and are to be sent by who was asked
 */
async function answerAndGoOn<Name extends CommandName>(
  deps: CommandDeps,
  queued: QueuedCommand<Name>,
  station: ConnectedStation,
): Promise<Output<Name> | undefined> {
  const { dry, output } = await rehearseOn(station, queued);
  if (dry.holdsSecret) return undefined;
  await handOver(deps, queued, dry);
  return output;
}
