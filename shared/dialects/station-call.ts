import { parseDateTime } from "../schema/date-time.ts";
import { iso } from "../time.ts";
import type { Authorization } from "../tokens/authorization.ts";
import type { Need } from "./need.ts";
import type { StationEvent } from "./station-event.ts";

/** The effect of a station's CALL, as far as the answer to the CALL depends on it. */
export interface Outcome {
  /** The id given to the transaction that started. */
  readonly transactionId?: number;
  /** Whether the idToken may charge; `Accepted` where nothing was decided. */
  readonly authorization?: Authorization;
}

/**
 * How a dialect understands and answers one action of a station. The payload has passed its schema, or is what
 * `shared/schema/read.ts` could read of it: then only what the row needs is certainly there. Written as methods, so
 * that a row may name the payload's own type.
 */
export interface StationCall {
  /** Without these the CALL is refused. @default none */
  readonly needs?: readonly Need[];
  /** The answer repeats members of the CALL. The CALL is refused if they would make the answer invalid. */
  readonly repeats?: true;
  /** What the payload is taken for, where that is not what it is for others. */
  adapt?(payload: object): object;
  /** What the message means to us; nothing for one that is only logged. */
  event?(payload: object, at: { readonly now: number }): StationEvent | undefined;
  /** The CALLRESULT's payload. */
  answer(payload: object, at: Answering): object;
}

export interface Answering {
  readonly now: number;
  readonly outcome: Outcome;
  /** Seconds between Heartbeats, for BootNotification. */
  readonly heartbeatInterval: number;
}

/** No clock of a charging station is right and older: those that were never set begin at 1970 or 2000. */
const OLDEST_MS = Date.UTC(2015, 0, 1);

/**
 * The time of an event: the station's timestamp, if it is plausible. A timestamp of a clock that was never set is
 * ignored. A timestamp ahead of our clock is limited to now, so that later reports do not look older than this one.
 */
const eventTimeMs = (timestamp: string | undefined, now: number): number =>
  Math.min(statedMs(timestamp) ?? now, now);

/** The time that a station states; undefined where it states none, or its clock was never set. */
function statedMs(timestamp: string | undefined): number | undefined {
  const stated = timestamp === undefined ? undefined : parseDateTime(timestamp);
  return stated === undefined || stated < OLDEST_MS ? undefined : stated;
}

/** When a connector's status changed. */
export const statusTime = (timestamp: string | undefined, now: number) => ({
  atMs: eventTimeMs(timestamp, now),
  statedMs: statedMs(timestamp),
});

export function eventTime(timestamp: string | undefined, now: number): string {
  return iso(eventTimeMs(timestamp, now));
}

/** A meter's register in Wh, where it is a number that the table keeps (DynamoDB: at most 38 digits). */
export const meterReading = (value: unknown): number | undefined =>
  typeof value === "number" && Math.abs(value) < 1e15 ? value : undefined;

/** A whole number, where it is one that is exact here. */
export const wholeNumber = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) ? (value as number) : undefined;

/** Longer words are no words; they must not swell the station's item. */
const LONGEST_WORD = 200;

export const word = (text: string): string => text.slice(0, LONGEST_WORD).toWellFormed();

/**
 * A message about an upload of a log or an update of firmware. `Idle` means that there is none.
 *
 * @param isNumbered whether the message can name the CALL that asked for the work
 */
export const workStatus = (kind: "log" | "firmware", isNumbered: boolean): StationCall => ({
  event: ({ status, requestId }: { readonly status?: unknown; readonly requestId?: unknown }) => {
    if (typeof status !== "string" || status === "" || status === "Idle") return undefined;
    const number = isNumbered ? wholeNumber(requestId) : undefined;
    const event = { type: "workStatus", kind, status: word(status) } as const;
    return { ...event, ...(number !== undefined && { requestId: number }) };
  },
  answer: () => ({}),
});

/** Why a transaction ended: a word of the version's list, else `Other` beside the station's own text. */
export function stopReason(
  reason: string | undefined,
  listed: ReadonlySet<string>,
): { readonly reason: string; readonly reasonText?: string } {
  if (reason === undefined) return { reason: "Local" };
  return listed.has(reason) ? { reason } : { reason: "Other", reasonText: word(reason) };
}
