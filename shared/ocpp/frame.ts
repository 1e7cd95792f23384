/**
 * OCPP-J messages as text (OCPP-J 1.6 §4, OCPP 2.x part 4 §4): arrays that begin with a message type and a
 * message id. Read liberally, written by the book.
 */

import { isDeeperThan } from "../schema/depth.ts";
import type { Protocol } from "./protocols.ts";
import { versionOf } from "./versions.ts";

/** Bytes that API Gateway takes in one WebSocket frame; more closes the connection with 1009. */
export const FRAME_LIMIT = 32 * 1024;

/** OCPP ends at 36 characters; stations that exceed it are served up to where our table's keys end. */
const MESSAGE_ID_LIMIT = 100;
const ACTION_LIMIT = 100;
/** The deepest payload of OCPP 2.1 has ten levels. What recurses without end is not worth a stack overflow. */
export const NESTING_LIMIT = 24;

/** The JSON text of a message id as it came, to be echoed: `"17"` or, from some stations, `17`. */
export type RawId = string & { readonly rawId: unique symbol };

interface Identified {
  /** The id as text, for keys and logs. */
  readonly messageId: string;
  readonly rawId: RawId;
}

/** Undefined where there is none to read. */
interface PerhapsIdentified {
  readonly messageId: string | undefined;
  readonly rawId: RawId | undefined;
}

export interface CallFrame extends Identified {
  readonly type: "CALL";
  readonly action: string;
  readonly payload: unknown;
}

export interface CallResultFrame extends Identified {
  readonly type: "CALLRESULT";
  readonly payload: unknown;
}

export interface CallErrorFrame extends Identified {
  /** CALLRESULTERROR (2.1): the station could not make sense of our answer. */
  readonly type: "CALLERROR" | "CALLRESULTERROR";
  readonly errorCode: string;
  readonly errorDescription: string;
  readonly errorDetails: object;
}

/** 2.1: a message without an answer. */
export interface SendFrame extends Identified {
  readonly type: "SEND";
  readonly action: string;
  readonly payload: unknown;
}

/** A message type that the version does not have. */
export interface UnknownTypeFrame extends PerhapsIdentified {
  readonly type: "unknownType";
  readonly messageType: number;
}

/** No OCPP-J message at all; `messageType` where that much can be read. */
export interface UnreadableFrame extends PerhapsIdentified {
  readonly type: "unreadable";
  readonly messageType: number | undefined;
  readonly reason: string;
}

export type Frame =
  | CallFrame
  | CallResultFrame
  | CallErrorFrame
  | SendFrame
  | UnknownTypeFrame
  | UnreadableFrame;

/** Reads what a station sent. Never throws, whatever the text is. */
export function parse(protocol: Protocol, text: string): Frame {
  const source = text.replace(/^[\uFEFF\0\s]+|[\uFEFF\0\s]+$/g, "");
  const message = parseJson(source) ?? parseJson(withoutControls(source));
  if (!Array.isArray(message)) return unreadableJson(source);
  const [messageType, id, ...rest] = message as unknown[];
  const identified = readId(id, source);
  if (!Number.isInteger(messageType)) return unreadable("has no message type", undefined, identified);
  const type = messageType as number;
  if (!hasType(protocol, type))
    return { type: "unknownType", messageType: type, ...(identified ?? nameless) };
  if (identified === undefined) return unreadable("has no message id", type);
  if (isDeeperThan(NESTING_LIMIT, rest)) return unreadable("is nested too deeply", type, identified);
  switch (type) {
    case 2:
    case 6: {
      const [action, payload] = rest;
      if (typeof action !== "string" || action.length > ACTION_LIMIT)
        return unreadable("has no action", type, identified);
      // some stations leave an empty payload out, or write null
      return { type: type === 2 ? "CALL" : "SEND", ...identified, action, payload: payload ?? {} };
    }
    case 3:
      return { type: "CALLRESULT", ...identified, payload: rest[0] ?? {} };
    default:
      return { type: type === 4 ? "CALLERROR" : "CALLRESULTERROR", ...identified, ...readError(rest) };
  }
}

export function writeCall(messageId: string, action: string, payload: object): string {
  return JSON.stringify([2, messageId, action, payload]);
}

export function writeCallResult(rawId: RawId, payload: object): string {
  return `[3,${rawId},${JSON.stringify(payload)}]`;
}

/** The description is cut at the 255 characters that OCPP allows. */
export function writeCallError(
  rawId: RawId,
  errorCode: string,
  errorDescription: string,
  errorDetails: object = {},
): string {
  const description = errorDescription.slice(0, 255).toWellFormed();
  return `[4,${rawId},${JSON.stringify(errorCode)},${JSON.stringify(description)},${JSON.stringify(errorDetails)}]`;
}

/** How a frame begins that is cut short or has a comma too many: still it is known what was meant to come. */
const BEGINNING = /^\[\s*(\d)\s*,\s*("(?:[^"\\\p{Cc}]|\\.)*"|-?\d+(?=\s*,))/u;

function unreadableJson(source: string): UnreadableFrame {
  const [, messageType, id = ""] = BEGINNING.exec(source) ?? [];
  if (messageType === undefined) return unreadable("is no JSON array");
  const rawId = parseJson(id);
  const identified = readId(rawId, source);
  return unreadable("is no JSON, or was cut short", Number(messageType), identified);
}

/**
 * Control characters inside texts, which JSON wants escaped, and NULs anywhere: stations pad with them. Between the
 * parts of a message any of them is white space.
 */
function withoutControls(source: string): string {
  let inText = false;
  let isEscaped = false;
  let readable = "";
  for (const character of source.replaceAll("\0", "")) {
    if (character < " ") {
      readable += inText ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : " ";
      continue;
    }
    readable += character;
    if (character === '"' && !isEscaped) inText = !inText;
    isEscaped = inText && character === "\\" && !isEscaped;
  }
  return readable;
}

/** Stands for the id of a message that has none to read (OCPP 2.x part 4 §4.2.3). */
export const UNKNOWN_ID = '"-1"' as RawId;

const nameless: PerhapsIdentified = { messageId: undefined, rawId: undefined };

function unreadable(reason: string, messageType?: number, identified?: Identified): UnreadableFrame {
  return { type: "unreadable", messageType, reason: `The message ${reason}.`, ...(identified ?? nameless) };
}

/** CALL, CALLRESULT and CALLERROR; CALLRESULTERROR and SEND only in 2.1. */
function hasType(protocol: Protocol, type: number): boolean {
  return versionOf(protocol).messageTypes.includes(type);
}

/** The source text of a number in second place, after a string, a number or a literal. */
const SECOND_NUMBER = /^\s*\[\s*(?:"(?:[^"\\]|\\.)*"|[^",[\]{}\s]+)\s*,\s*(-?\d[\d.eE+-]*)/;

function readId(id: unknown, text: string): Identified | undefined {
  if (typeof id !== "string" && typeof id !== "number") return undefined;
  // from the text: an id beyond 2^53, such as a clock's nanoseconds, loses digits as a number
  const source = SECOND_NUMBER.exec(text)?.[1];
  if (typeof id === "string" && source === undefined)
    return id.length <= MESSAGE_ID_LIMIT ? { messageId: id, rawId: JSON.stringify(id) as RawId } : undefined;
  if (source === undefined || source.length > MESSAGE_ID_LIMIT) return undefined;
  return { messageId: source, rawId: source as RawId };
}

/** A CALLERROR is useful even if it is malformed. */
function readError([code, description, details]: readonly unknown[]) {
  const isObject = typeof details === "object" && details !== null && !Array.isArray(details);
  return {
    errorCode: typeof code === "string" ? code : "GenericError",
    errorDescription: typeof description === "string" ? description : "",
    errorDetails: isObject ? details : {},
  };
}

/** Whether a number in the text may be one that a number here is not: more than 15 digits, or an exponent. */
const MAY_LOSE = /\d{16}|\d[eE]\+?\d/;

/** Integers beyond 53 bits become text, which keeps their digits: transaction ids and clocks are no quantities. */
function parseJson(text: string): unknown {
  try {
    return MAY_LOSE.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keepDigits(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  const source = typeof value === "number" ? context?.source : undefined;
  return source === undefined || !/^-?\d+$/.test(source) || source === String(value) ? value : source;
}
