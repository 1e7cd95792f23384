/**
 * A remote start attempt and how it changes: one pure function over what happens.
 *
 *     pending ──► sent ──► accepted ──► started ──► stopping ──► stopped
 *      │   ▲──┘    │          │          │  ▲───────┘ │              ▲
 *      │  (a)      │          │          └───(b)──────┼──────────────┘ (c)
 *      │           ├► rejected│
 *      ├───────────┼──────────┴──► expired ──► started (d)
 *      ├───────────┴► failed
 *      └► cancelled
 *
 * - `started` is the station's word alone, and may come before the answer to the start CALL: also `sent ──►
 *   started`.
 * - (a) back again where the CALL certainly did not leave (410 from API Gateway), as if it had not been tried.
 * - (b) the station refuses to stop: the charge goes on.
 * - (c) ended by the driver or the station.
 * - (d) the station's word comes late. By a remoteStartId (OCPP 2.x) it wins over every end of an attempt that
 *   was sent; by an idTag (1.6) only where the charge began before `validUntil`.
 *
 * Time passes by itself: whatever happens, an attempt past its `validUntil` has expired first.
 */

import { isDeepStrictEqual } from "node:util";
import type { ProblemDetails } from "../problems.ts";
import type { AttemptItem, AttemptState, StationItem } from "../store/items.ts";
import { payloadText } from "../store/payload.ts";
import { MINUTE_MS } from "../time.ts";

/** Everything that can happen to an attempt; `atMs` is when we hear of it. */
export type AttemptEvent = { readonly atMs: number } & (
  | { readonly type: "expire" | "cancel" }
  /** The CALL is at the head of the lane and about to be posted. */
  | { readonly type: "sending"; readonly connectionId?: string }
  /** The CALL that was about to be posted at that moment certainly did not leave. */
  | { readonly type: "notSent"; readonly sendingAtMs: number }
  /** It cannot be sent. */
  | { readonly type: "fail"; readonly problem: ProblemDetails }
  | { readonly type: "callError"; readonly problem: ProblemDetails }
  | { readonly type: "answered"; readonly status: string }
  | TransactionBegan
  | { readonly type: "stopDue" }
  /** The station asked for the transaction's id once more. */
  | { readonly type: "idAnsweredAgain" }
  | StopAnswered
  /** A stop CALL brought no answer. */
  | { readonly type: "stopUnanswered"; readonly problem: ProblemDetails }
  | { readonly type: "stopped"; readonly transactionId: string; readonly stoppedAtMs: number }
);

export interface TransactionBegan {
  readonly type: "started";
  readonly transactionId: string;
  /** By the station's clock. */
  readonly startedAtMs: number;
  /** The connection that the station reported it on. */
  readonly connectionId?: string | undefined;
  /** The EVSE and connector, as far as the station reported them. */
  readonly evseId?: number | undefined;
  readonly connectorId?: number | undefined;
  /** It may have begun while the station was offline. */
  readonly mayBeBuffered?: boolean;
  /** How the transaction was matched to this attempt. */
  readonly proof: "idTag" | "remoteStartId";
}

export interface StopAnswered {
  readonly type: "stopAnswered";
  readonly status: string;
  /** When the stop CALL went out. */
  readonly sentAtMs: number;
  /** It was answered by a CALLERROR. */
  readonly problem?: ProblemDetails;
}

/**
 * How much a station's clock may be behind. A charge that began longer than this before the start CALL comes
 * from a buffer that the station filled while it was offline.
 */
const CLOCK_LAG_MS = 10 * MINUTE_MS;

const waits = (state: AttemptState): boolean =>
  state === "pending" || state === "sent" || state === "accepted";

/** Whether it has a transaction that is not over. */
export const isRunning = ({ state }: Pick<AttemptItem, "state">): boolean =>
  state === "started" || state === "stopping";

/** Whether the stop is due and no stop CALL has been answered since. */
export const wantsStop = (attempt: AttemptItem, now: number): boolean =>
  isRunning(attempt) &&
  attempt.stopDueAtMs !== undefined &&
  attempt.stopDueAtMs <= now &&
  (attempt.stopAnsweredAtMs ?? 0) < attempt.stopDueAtMs;

/** How long after its validity an attempt that was sent may turn out to have started. */
export const LATE_WORD_MS = 24 * 60 * MINUTE_MS;

/** Whether a station that connects may have to be sent something: a start that waits, or a stop that is due. */
export const hasWork = ({ openAttempts }: Pick<StationItem, "openAttempts">, now: number): boolean =>
  Object.values(openAttempts).some(({ transactionId, stopDueAtMs, validUntilMs }) =>
    transactionId === undefined
      ? now < validUntilMs + LATE_WORD_MS
      : stopDueAtMs !== undefined && stopDueAtMs <= now,
  );

/** The attempt as it stands at this moment: expired where nothing else ended it before. */
export function asOf(attempt: AttemptItem, now: number): AttemptItem {
  if (!waits(attempt.state) || now < attempt.validUntilMs) return attempt;
  return become("expired", attempt, attempt.validUntilMs);
}

/**
 * What an event makes of an attempt.
 *
 * @returns the same object where nothing changes, undefined where the event is refused. An event that came before
 *   changes nothing: of two processes that apply one event at once, each would otherwise see the other's write as a
 *   change, and write again.
 */
export function transition(stored: AttemptItem, event: AttemptEvent): AttemptItem | undefined {
  const next = changed(stored, event);
  return isDeepStrictEqual(next, stored) ? stored : next;
}

function changed(stored: AttemptItem, event: AttemptEvent): AttemptItem | undefined {
  const attempt = asOf(stored, event.atMs);
  const { state } = attempt;
  switch (event.type) {
    case "expire":
      return attempt;
    case "cancel":
      return state === "pending" ? become("cancelled", attempt, event.atMs) : undefined;
    case "sending":
      return sending(attempt, event);
    case "notSent":
      return attempt.sentAtMs === event.sendingAtMs ? takeBack(attempt) : undefined;
    case "fail":
    case "callError":
      if (state !== (event.type === "fail" ? "pending" : "sent")) return undefined;
      return { ...become("failed", attempt, event.atMs), problem: payloadText(event.problem) };
    case "answered":
      return answered(attempt, event);
    case "started":
      return started(attempt, event);
    case "stopDue":
      if (!wantsStop(attempt, event.atMs)) return undefined;
      return state === "started" ? become("stopping", attempt, event.atMs) : attempt;
    case "idAnsweredAgain":
      return idAnsweredAgain(attempt, event.atMs);
    case "stopAnswered":
      return stopAnswered(attempt, event);
    case "stopUnanswered":
      return isRunning(attempt) ? { ...attempt, problem: payloadText(event.problem) } : undefined;
    case "stopped":
      if (attempt.transactionId !== event.transactionId) return undefined;
      if (state === "stopped") return attempt;
      if (!isRunning(attempt)) return undefined;
      return {
        ...without(become("stopped", attempt, event.atMs), "problem"),
        stoppedAtMs: Math.max(event.stoppedAtMs, attempt.startedAtMs ?? 0),
      };
  }
}

function sending(
  attempt: AttemptItem,
  { atMs, connectionId }: { readonly atMs: number; readonly connectionId?: string },
): AttemptItem | undefined {
  // a process may have died between this and the post; only the sender knows that it did
  if (attempt.state !== "pending" && attempt.state !== "sent") return undefined;
  const sent = attempt.state === "sent" ? attempt : become("sent", attempt, atMs);
  return { ...sent, sentAtMs: atMs, ...(connectionId !== undefined && { sentOn: connectionId }) };
}

function become(state: AttemptState, attempt: AttemptItem, atMs: number): AttemptItem {
  return { ...attempt, state, history: [...attempt.history, { state, atMs }] };
}

function without(attempt: AttemptItem, name: "problem" | "sentAtMs" | "stopAnsweredAtMs"): AttemptItem {
  const { [name]: _, ...rest } = attempt;
  return rest;
}

/** `sent` was never true. Where it expired meanwhile it stays so, unsent. */
function takeBack(attempt: AttemptItem): AttemptItem | undefined {
  if (attempt.answeredAtMs !== undefined) return undefined;
  if (attempt.state !== "sent" && attempt.state !== "expired") return undefined;
  const history = attempt.history.filter(({ state }) => state !== "sent");
  const state = attempt.state === "sent" ? "pending" : attempt.state;
  return { ...without(attempt, "sentAtMs"), state, history };
}

/** The first answer counts; what became of the attempt since is not undone by it. */
function answered(
  attempt: AttemptItem,
  { status, atMs }: { readonly status: string; readonly atMs: number },
): AttemptItem | undefined {
  if (attempt.answeredAtMs !== undefined) return attempt;
  if (attempt.sentAtMs === undefined) return undefined;
  const withAnswer = { ...attempt, stationStatus: status, answeredAtMs: atMs };
  if (attempt.state !== "sent") return withAnswer;
  return become(status === "Accepted" ? "accepted" : "rejected", withAnswer, atMs);
}

function started(
  attempt: AttemptItem,
  event: TransactionBegan & { readonly atMs: number },
): AttemptItem | undefined {
  const { transactionId, evseId, connectorId, proof, atMs } = event;
  if (attempt.transactionId !== undefined)
    return attempt.transactionId === transactionId ? attempt : undefined;
  if (attempt.sentAtMs === undefined) return undefined;
  const stated = statedStart(attempt, event);
  if (proof === "idTag") {
    if (attempt.state === "rejected" || attempt.state === "failed") return undefined;
    if (stated < attempt.sentAtMs - CLOCK_LAG_MS) return remembered(attempt, event);
    if (stated >= attempt.validUntilMs) return undefined;
  }
  // the charge cannot have begun before its start was sent, whatever the station's clock shows
  const startedAtMs = Math.min(Math.max(stated, attempt.sentAtMs), atMs);
  return {
    ...without(become("started", attempt, atMs), "problem"),
    transactionId,
    ...(evseId !== undefined && { evseId }),
    ...(connectorId !== undefined && { connectorId }),
    startedAtMs,
    ...(attempt.stopMinutes !== undefined && { stopDueAtMs: startedAtMs + attempt.stopMinutes * MINUTE_MS }),
  };
}

/** A transaction that the attempt turns out to have started, should the station accept the start CALL yet. */
function remembered(
  attempt: AttemptItem,
  { transactionId, connectionId, mayBeBuffered }: TransactionBegan,
): AttemptItem | undefined {
  const isOfItsConnection = connectionId !== undefined && connectionId === attempt.sentOn;
  if (attempt.state !== "sent" || !isOfItsConnection || mayBeBuffered) return undefined;
  return attempt.early === transactionId ? attempt : { ...attempt, early: transactionId };
}

/**
 * When a charge began, by the station's clock where that can be right. A station that has just accepted a start
 * and reports a charge on the same connection reports that charge live: a start hours ago is a clock hours behind.
 */
function statedStart(attempt: AttemptItem, event: TransactionBegan & { readonly atMs: number }): number {
  const { startedAtMs: stated, connectionId, atMs } = event;
  const isLive =
    attempt.state === "accepted" && connectionId !== undefined && connectionId === attempt.sentOn;
  return isLive && stated < (attempt.sentAtMs ?? 0) - CLOCK_LAG_MS ? atMs : stated;
}

/**
 * Makes a due stop due once more: the station could not carry it out before it had this answer. A stop that it
 * accepted is under way.
 */
function idAnsweredAgain(attempt: AttemptItem, atMs: number): AttemptItem | undefined {
  const { stopDueAtMs, stopAnsweredAtMs, idAnsweredAtMs, stopRound = 0 } = attempt;
  const isAccepted = attempt.state === "stopping" && stopAnsweredAtMs !== undefined;
  if (!isRunning(attempt) || isAccepted || stopDueAtMs === undefined || stopDueAtMs > atMs) return undefined;
  if (idAnsweredAtMs !== undefined && idAnsweredAtMs >= atMs) return attempt;
  return { ...without(attempt, "stopAnsweredAtMs"), idAnsweredAtMs: atMs, stopRound: stopRound + 1 };
}

/** How long after the station's CALL its answer, with the transaction's id, may still be on its way. */
const ANSWER_MS = 1_000;

/** The station refuses a stop that left before the answer with the transaction's id: the stop stays due. */
const cameBeforeId = ({ idAnsweredAtMs }: AttemptItem, { status, sentAtMs }: StopAnswered): boolean =>
  status !== "Accepted" && idAnsweredAtMs !== undefined && sentAtMs < idAnsweredAtMs + ANSWER_MS;

function stopAnswered(
  attempt: AttemptItem,
  event: StopAnswered & { readonly atMs: number },
): AttemptItem | undefined {
  const { status, problem, atMs } = event;
  if (!isRunning(attempt)) return undefined;
  const state = status === "Accepted" ? "stopping" : "started";
  const withState = attempt.state === state ? attempt : become(state, attempt, atMs);
  if (cameBeforeId(attempt, event)) return withState;
  return {
    ...without(withState, "problem"),
    stopAnsweredAtMs: Math.max(atMs, attempt.stopAnsweredAtMs ?? 0),
    ...(problem && { problem: payloadText(problem) }),
  };
}
