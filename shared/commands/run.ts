/**
 * The way of a command from its acceptance to the station's answer:
 *
 *     1 admit   a slot of the network, or 429
 *     2 turn    the station's lane: the station itself, or 404, 409, 503
 *     3 CALLs   what the dialect makes of the command: check (422), store, post, wait
 *     4 give the slot back
 *
 * A command that outlives its response goes the same way in a function of its own.
 */

import type { CallDeps } from "../calls/call.ts";
import { AlreadySent, messageIdReused } from "../calls/call.ts";
import { endExchange, storeQueued } from "../calls/exchange.ts";
import { type ConnectedStation, notConnected, takeTurn } from "../calls/turn.ts";
import { leaveLane } from "../limits/lane.ts";
import { type Admission, acquireSlot, LEASE_MS, releaseSlot } from "../limits/semaphore.ts";
import { Problem } from "../problems.ts";
import { findStation } from "../stations/find.ts";
import type { OutgoingItem, StationItem } from "../store/items.ts";
import { ConditionFailed } from "../store/table.ts";
import { type CommandName, type Commands, commands, rowOf } from "./commands.ts";
import type { Once } from "./once.ts";
import { resumeCommand } from "./resume.ts";
import { type CommandRun, DrySession, LiveSession } from "./session.ts";

export interface CommandDeps extends CallDeps {
  readonly newId: () => string;
  /** Hands a command to the function that runs it after the response has gone out. */
  readonly runInBackground: (queued: QueuedCommand) => Promise<void>;
}

/** What accepting a command takes: everything but the way to the stations. */
export type AcceptDeps = Omit<CommandDeps, "connections" | "answerTimes">;

export interface CommandRequest<Name extends CommandName = CommandName> {
  readonly name: Name;
  readonly input: Commands[Name]["input"];
  readonly cpId: string;
  /** The caller's networks. */
  readonly networks: readonly string[];
  /** How long the caller waits, in milliseconds from now. */
  readonly waitMs: number;
  /** The command's id where the caller chose it: unique for the station only. @default a new one */
  readonly commandId?: string | undefined;
  /** Given where repeats of the request are to have no second effect. */
  readonly once?: Once | undefined;
}

/** A command on its way to the function that runs it: the event of that function. */
export interface QueuedCommand<Name extends CommandName = CommandName> {
  readonly name: Name;
  readonly input: Commands[Name]["input"];
  readonly run: CommandRun;
  /** The network whose slot it holds; none where the slot was given back with the response. */
  readonly slotOf?: string;
}

export type CommandResult<Name extends CommandName> = {
  readonly commandId: string;
} & Commands[Name]["output"];

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
  const resumed = request.once?.isRepeat && (await resumeCommand(deps, request, run));
  if (resumed) return { commandId: run.commandId, ...resumed };
  const networkId = await networkToCharge(deps, request);
  const admission = await admit(deps, networkId, holderOf(run));
  if (!admission.admitted) {
    await rehearse(deps, request, run);
    throw tooMany(admission);
  }
  try {
    return { commandId: run.commandId, ...(await execute(deps, request, run, false)) };
  } finally {
    await releaseSlot(deps.table, networkId, holderOf(run));
  }
}

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
  const { dry, output } = await rehearse(deps, request, run);
  const slotOf = dry.station.networkId;
  await takeSlot(deps, slotOf, holderOf(run));
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

function begin(
  { clock, newId }: AcceptDeps,
  { name, cpId, networks, waitMs, commandId, once }: CommandRequest,
): CommandRun {
  const requestedAtMs = clock.now();
  return {
    commandId: commandId ?? once?.id ?? newId(),
    ...(commandId !== undefined && { holder: once?.id ?? newId() }),
    ...(once && { onceId: once.id }),
    command: commands[name].name,
    cpId,
    networks,
    requestedAtMs,
    deadlineMs: requestedAtMs + waitMs,
  };
}

const holderOf = ({ holder, commandId }: CommandRun): string => holder ?? commandId;

/** The network whose limit counts: the station's, which a caller of one network need not look up. */
async function networkToCharge(deps: CommandDeps, { cpId, networks }: CommandRequest): Promise<string> {
  const [only] = networks;
  if (only !== undefined && networks.length === 1) return only;
  return (await findStation(deps.table, cpId, networks)).networkId;
}

/**
 * Takes a slot of the network.
 *
 * @throws Problem `too-many-parallel-requests`
 */
export async function takeSlot(deps: AcceptDeps, networkId: string, holder: string): Promise<void> {
  const admission = await admit(deps, networkId, holder);
  if (!admission.admitted) throw tooMany(admission);
}

const admit = ({ table, clock }: AcceptDeps, networkId: string, holder: string): Promise<Admission> =>
  acquireSlot(table, { networkId, holder, now: clock.now(), expiresAtMs: clock.now() + LEASE_MS });

const tooMany = ({ limit, inUse, retryAfterMs }: Exclude<Admission, { admitted: true }>): Problem =>
  new Problem(
    "too-many-parallel-requests",
    `The network runs ${inUse} commands now, and ${limit} is its limit; nothing was sent.`,
    { limit, inUse },
    { headers: { "Retry-After": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) } },
  );

/**
 * Carries a command out: its turn in the station's lane, its CALLs, their answers. The slot is the caller's.
 *
 * @param queued whether its first CALL is stored as queued
 * @param onTurn told when its turn has come; nothing is sent where it throws
 */
export async function execute<Name extends CommandName>(
  deps: CommandDeps,
  { name, input, cpId, networks }: Omit<CommandRequest<Name>, "waitMs">,
  run: CommandRun,
  queued: boolean,
  onTurn?: (station: ConnectedStation) => Promise<void>,
): Promise<Commands[Name]["output"]> {
  const { commandId: messageId, deadlineMs } = run;
  const verify = (station: StationItem) => commands[name].verify?.(station, input);
  const station = await takeTurn(deps, { cpId, networks, messageId, deadlineMs, verify });
  let calls = 0;
  try {
    await onTurn?.(station);
    const row = await rowOf(station.connection.protocol, name);
    const callCount = row.callCount?.(input, station) ?? 1;
    const session = new LiveSession(deps, { ...run, callCount }, station, queued ? "queued" : "new");
    try {
      if (station.link === "legacy" && callCount > 1 && !queued)
        return await answerAndGoOn(deps, { name, input, run }, station);
      return await row.run(input, session);
    } finally {
      calls = session.calls;
    }
  } finally {
    if (calls === 0) await leaveLane(deps.table, cpId, messageId);
  }
}

/**
 * Goes through a command without sending anything, so that everything is said that can be said beforehand.
 */
async function rehearse<Name extends CommandName>(
  deps: AcceptDeps,
  { name, input, cpId, networks }: CommandRequest<Name>,
  run: CommandRun,
): Promise<{ dry: DrySession; output: Commands[Name]["output"] }> {
  const station = await findStation(deps.table, cpId, networks);
  commands[name].verify?.(station, input);
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
): Promise<{ dry: DrySession; output: Commands[Name]["output"] }> {
  const row = await rowOf(station.connection.protocol, name);
  const dry = new DrySession({ ...run, callCount: row.callCount?.(input, station) ?? 1 }, station);
  const output = await row.run(input, dry);
  return { dry, output };
}

/** Several CALLs to a station whose answers nobody waits for: the response names them, and they go on. */
async function answerAndGoOn<Name extends CommandName>(
  deps: CommandDeps,
  queued: QueuedCommand<Name>,
  station: ConnectedStation,
): Promise<Commands[Name]["output"]> {
  const { dry, output } = await rehearseOn(station, queued);
  await handOver(deps, queued, dry);
  return output;
}

async function handOver(deps: AcceptDeps, queued: QueuedCommand, dry: DrySession): Promise<void> {
  const { cpId, commandId: messageId } = queued.run;
  try {
    await storeQueued(deps.table, dry.firstCall, deps.logDays);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const before = error.item as OutgoingItem | undefined;
    if (!before || !queued.run.onceId || before.onceId !== queued.run.onceId)
      throw messageIdReused(messageId);
    return handOverAgain(deps, queued, before);
  }
  try {
    await deps.runInBackground(queued);
  } catch (error) {
    const change = { from: "queued", to: "failed", atMs: deps.clock.now() } as const;
    await endExchange(deps.table, { cpId, messageId }, change);
    throw error;
  }
}

/** For a repeat of what was stored before: whoever stored it may have died before the background function knew. */
async function handOverAgain(deps: AcceptDeps, queued: QueuedCommand, before: OutgoingItem): Promise<void> {
  const { requestedAtMs, deadlineMs, state } = before;
  if (state === "queued")
    return deps.runInBackground({ ...queued, run: { ...queued.run, requestedAtMs, deadlineMs } });
  // while it is under way, the slot is that of the function that runs it
  if (queued.slotOf && state !== "sent") await releaseSlot(deps.table, queued.slotOf, holderOf(queued.run));
}
