import { heartbeatKey, incomingKey, type Key, outgoingKey } from "../store/keys.ts";

/**
 * The id of a communication log entry: opaque and safe in a URL, yet everything its key needs besides the
 * station is in it, so that an entry is read by one GetItem and nothing has to be stored twice.
 */
const encode = (parts: readonly string[]): string => Buffer.from(JSON.stringify(parts)).toString("base64url");

/** The entry of a CALL to a station. */
export const entryIdOfOutgoing = (messageId: string): string => encode(["out", messageId]);

/** The entry of a CALL from a station. */
export const entryIdOfIncoming = (connectionId: string, messageId: string): string =>
  encode(["in", connectionId, messageId]);

/** The entry of the last Heartbeat: one for all Heartbeats of a station. */
export const ENTRY_ID_OF_HEARTBEAT = encode(["heartbeat"]);

/** Longer than any of ours, and short enough for a key of DynamoDB, which ends at 1024 bytes. */
const MAX_LENGTH = 1000;

/** Where the entry of a station is stored; undefined for what was never an entry id of ours. */
export function keyOfEntryId(cpId: string, entryId: string): Key | undefined {
  const parts = entryId.length <= MAX_LENGTH ? decode(entryId) : undefined;
  if (!parts || encode(parts) !== entryId) return undefined;
  const [direction, first = "", second = ""] = parts;
  if (direction === "out" && parts.length === 2 && first) return outgoingKey(first, cpId);
  if (direction === "in" && parts.length === 3) return incomingKey(cpId, first, second);
  if (direction === "heartbeat" && parts.length === 1) return heartbeatKey(cpId);
  return undefined;
}

function decode(entryId: string): string[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(entryId, "base64url").toString());
    return Array.isArray(parts) && parts.every((part) => typeof part === "string") ? parts : undefined;
  } catch {
    return undefined;
  }
}
