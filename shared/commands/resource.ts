import { storedCallCount } from "../calls/exchange.ts";
import { callIdOf } from "../calls/ids.ts";
import { problemOf, stateOf } from "../calls/outcome.ts";
import { mayRead, type Reader } from "../networks/reader.ts";
import { notFound, type ProblemDetails } from "../problems.ts";
import type { ExchangeState, OutgoingItem, RequestedBy } from "../store/items.ts";
import { outgoingKey } from "../store/keys.ts";
import { payloadOf } from "../store/payload.ts";
import type { Table } from "../store/table.ts";
import { iso } from "../time.ts";

/** A command as API consumers read it. */
export interface CommandResource {
  readonly commandId: string;
  readonly cpId: string;
  readonly command: string;
  readonly state: ExchangeState;
  readonly late?: true;
  readonly requestedAt: string;
  readonly completedAt?: string;
  readonly requestedBy?: RequestedBy;
  readonly calls: readonly CommandCall[];
  readonly problem?: ProblemDetails;
}

export interface CommandCall {
  readonly ocppMessageId: string;
  readonly action: string;
  readonly request: unknown;
  readonly response?: unknown;
  readonly sentAt?: string;
  readonly answeredAt?: string;
}

/** A command's id is an OCPP message id, which has 36 characters at most. */
const MAX_MESSAGE_ID = 36;

/**
 * Reads a command by its id, as it stands now: one Query, and one BatchGetItem where it has several CALLs.
 *
 * @param reader a command that the caller may not read is not there
 * @throws Problem `not-found`
 */
export async function readCommand(
  table: Table,
  commandId: string,
  reader: Reader,
  now: number,
): Promise<CommandResource> {
  if (commandId.length > MAX_MESSAGE_ID) throw notFound("command");
  const candidates = await table.partition<OutgoingItem>(outgoingKey(commandId, "").pk);
  const first = candidates.find((call) => mayRead(reader, call) && call.commandId === commandId);
  if (!first) throw notFound("command");
  const others = Array.from({ length: storedCallCount(first) - 1 }, (_, n) =>
    outgoingKey(callIdOf(commandId, n + 1), first.cpId),
  );
  const items = others.length > 0 ? await table.getMany<OutgoingItem & { pk: string }>(others) : [];
  const inOrder = others.map(({ pk }) => items.find((item) => item.pk === pk));
  return commandResource([first, ...inOrder.filter((item) => item !== undefined)], now);
}

/**
 * A command of one or more CALLs, in their order; those that were not made yet are missing. The command is in
 * progress while one of its CALLs is, or while a missing CALL may still be made. Otherwise the first CALL that failed
 * determines its state; it is answered if all CALLs are.
 */
export function commandResource(calls: readonly OutgoingItem[], now: number): CommandResource {
  const [first] = calls;
  if (!first) throw new Error("a command has at least one CALL");
  const { state, completedAtMs, problem } = outcomeOf(calls, storedCallCount(first) - calls.length, now);
  return {
    commandId: first.commandId,
    cpId: first.cpId,
    command: first.command,
    state,
    ...(calls.some(({ late }) => late) && { late: true }),
    requestedAt: iso(first.requestedAtMs),
    ...(completedAtMs !== undefined && { completedAt: iso(completedAtMs) }),
    ...(first.requestedBy && { requestedBy: first.requestedBy }),
    calls: calls.map(callOf),
    ...(problem && { problem }),
  };
}

interface Outcome {
  readonly state: ExchangeState;
  readonly completedAtMs?: number;
  readonly problem?: ProblemDetails;
}

function outcomeOf(calls: readonly OutgoingItem[], missing: number, now: number): Outcome {
  const open = calls.find((call) => isOpen(stateOf(call, now)));
  if (open) return { state: stateOf(open, now) };
  const last = calls[calls.length - 1] as OutgoingItem;
  const wrong = calls.find((call) => stateOf(call, now) !== "answered" || problemOf(call, now));
  const goesOn = missing > 0 && !calls.some((call) => endsCommand(stateOf(call, now)));
  if (goesOn && now <= last.deadlineMs) return { state: "sent" };
  // a CALL that was never made is missed like an answer that never came
  const decisive = wrong ?? (goesOn ? ({ ...last, state: "sent" } as const) : last);
  const problem = decisive.problem ?? problemOf(decisive, now)?.toDetails();
  return {
    state: stateOf(decisive, now),
    completedAtMs: goesOn ? last.deadlineMs : Math.max(...calls.map(completionOf)),
    ...(problem && { problem }),
  };
}

const isOpen = (state: ExchangeState): boolean => state === "queued" || state === "sent";

/** After these no further CALL of the command is made; a CALLERROR stops nothing but its own CALL. */
const endsCommand = (state: ExchangeState): boolean => state !== "answered" && state !== "callError";

/** Without a stored end, a command ended at its deadline. */
const completionOf = ({ completedAtMs, deadlineMs }: OutgoingItem): number => completedAtMs ?? deadlineMs;

const callOf = (call: OutgoingItem): CommandCall => ({
  ocppMessageId: call.ocppMessageId,
  action: call.action,
  request: payloadOf(call.request),
  ...(call.response !== undefined && { response: payloadOf(call.response) }),
  ...(call.sentAtMs !== undefined && { sentAt: iso(call.sentAtMs) }),
  ...(call.answeredAtMs !== undefined && { answeredAt: iso(call.answeredAtMs) }),
});
