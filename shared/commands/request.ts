import type { CallDeps } from "../calls/call.ts";
import type { SlotUse } from "../limits/semaphore.ts";
import { addLogKeys } from "../logger.ts";
import type { RequestedBy } from "../store/items.ts";
import { type CommandName, commands, type Input, type Output } from "./commands.ts";
import type { Idempotency } from "./idempotency.ts";
import type { CommandRun } from "./session.ts";

export interface CommandDeps extends CallDeps {
  readonly newId: () => string;
  /** Hands a command to the function that runs it after the response has gone out. */
  readonly runInBackground: (queued: QueuedCommand) => Promise<void>;
}

/** What accepting a command takes: everything but the way to the stations. */
export type AcceptDeps = Omit<CommandDeps, "connections">;

export interface CommandRequest<Name extends CommandName = CommandName> {
  readonly name: Name;
  readonly input: Input<Name>;
  readonly cpId: string;
  /** The caller's networks. */
  readonly networks: readonly string[];
  /** Who sends it; absent if the system does. */
  readonly requestedBy?: RequestedBy;
  /** Called when the command has its slot. */
  readonly onAdmitted?: ((use: SlotUse) => void) | undefined;
  /** How long the caller waits, in milliseconds from now. */
  readonly waitMs: number;
  /** The command's id where the caller chose it: unique for the station only. @default a new one */
  readonly commandId?: string | undefined;
  /** Given where repeats of the request are to have no second effect. */
  readonly idempotency?: Idempotency | undefined;
}

/** A command on its way to the function that runs it: the event of that function. */
export interface QueuedCommand<Name extends CommandName = CommandName> {
  readonly name: Name;
  readonly input: Input<Name>;
  readonly run: CommandRun;
  /** The network whose slot it holds; none where the slot was given back with the response. */
  readonly slotOf?: string;
}

export type CommandResult<Name extends CommandName> = {
  readonly commandId: string;
} & Output<Name>;

/** A command from its acceptance on: its id, and until when its caller waits. */
export function begin(
  { clock, newId }: AcceptDeps,
  { name, cpId, networks, requestedBy, waitMs, commandId, idempotency }: CommandRequest,
): CommandRun {
  const requestedAtMs = clock.now();
  const id = commandId ?? idempotency?.id ?? newId();
  addLogKeys({ commandId: id, cpId });
  return {
    commandId: id,
    ...(commandId !== undefined && { holder: idempotency?.id ?? newId() }),
    ...(idempotency && { idempotencyId: idempotency.id }),
    command: commands[name].name,
    cpId,
    networks,
    ...(requestedBy && { requestedBy }),
    requestedAtMs,
    deadlineMs: requestedAtMs + waitMs,
  };
}

interface SystemRun {
  readonly commandId: string;
  readonly cpId: string;
  readonly networkId: string;
  readonly deadlineMs: number;
  /** Who made the attempt. */
  readonly requestedBy: RequestedBy | undefined;
}

/** A run that the system starts by itself, for an attempt, under an id of its own. */
export const systemRun = (
  { clock }: Pick<AcceptDeps, "clock">,
  name: CommandName,
  { networkId, requestedBy, ...run }: SystemRun,
): CommandRun => ({
  ...run,
  command: commands[name].name,
  networks: [networkId],
  ...(requestedBy && { requestedBy }),
  requestedAtMs: clock.now(),
});

/** In whose name a command holds its slot. */
export const holderOf = ({ holder, commandId }: CommandRun): string => holder ?? commandId;
