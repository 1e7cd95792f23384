import type { TypeOnRequest } from "../event-types.ts";
import { entryIdOfIncoming } from "../log/entry-id.ts";
import { isPublished } from "../log/published.ts";
import { stationMaySendUnanswered } from "../ocpp/actions.ts";
import type { CallErrorFrame, CallFrame, SendFrame } from "../ocpp/frame.ts";
import type { Protocol } from "../ocpp/protocols.ts";
import { validatePayload } from "../ocpp/schemas.ts";
import { maskSecrets } from "../ocpp/secrets.ts";
import { listed, type Violation } from "../schema/validate.ts";
import type { IncomingItem } from "../store/items.ts";
import { heartbeatKey, incomingKey, type Key, logListKey, logSearchKey } from "../store/keys.ts";
import { payloadText } from "../store/payload.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { expiresAfter } from "../time.ts";
import { noteDeviation } from "./deviations.ts";

/** Where a message came from. */
export interface Sender {
  readonly cpId: string;
  readonly networkId: string;
  readonly identity: string;
  readonly protocol: Protocol;
  readonly connectionId: string;
  /** See `Speaker`. */
  readonly publish?: string;
}

export interface Logging {
  readonly now: number;
  readonly logDays: number;
}

/**
 * What a station sends again and again, most of all its messages. In the log of its network these would hide all
 * else; they are in the station's own log.
 */
const isReading = (action: string, payload: unknown): boolean =>
  action === "Heartbeat" ||
  action === "MeterValues" ||
  (action === "TransactionEvent" && (payload as { eventType?: unknown } | null)?.eventType === "Updated");

/**
 * The log entry of a message from a station.
 *
 * @param place what stands for the message id in its key, where another message has that id
 */
export function incomingEntry(
  { now, logDays }: Logging,
  { cpId, networkId, identity, protocol, connectionId, publish = "" }: Sender,
  { messageId, action, payload }: CallFrame | SendFrame,
  reply: Partial<Pick<IncomingItem, "messageType" | "response" | "violations">>,
  place = messageId,
): IncomingItem & Key {
  const entryId = entryIdOfIncoming(connectionId, place);
  const isEvent =
    reply.messageType === "CALL_RESULT" &&
    isPublished({ action, payload }, publish.split(",") as TypeOnRequest[]);
  return {
    ...incomingKey(cpId, connectionId, place),
    ...logListKey(cpId, now, entryId),
    ...((!isReading(action, payload) || reply.violations) && logSearchKey({ cpId, networkId }, now, entryId)),
    ...reply,
    direction: "fromStation",
    cpId,
    networkId,
    ...(isEvent && { identity }),
    entryId,
    atMs: now,
    ...(reply.response !== undefined && { answeredAtMs: now }),
    ocppMessageId: messageId,
    action,
    request: payloadText(maskSecrets(action, payload)),
    protocol,
    connectionId,
    expiresAt: expiresAfter(now, logDays),
  };
}

/** Logs a SEND message, which has no answer (OCPP 2.1 part 4), valid or not. */
export async function logSend(
  table: Table,
  logging: Logging,
  sender: Sender,
  send: SendFrame,
): Promise<void> {
  const isAction = stationMaySendUnanswered(sender.protocol, send.action);
  const violations = isAction
    ? await validatePayload(sender.protocol, send.action, "request", send.payload)
    : [
        {
          pointer: "",
          keyword: "action",
          detail: `${sender.protocol} sends no ${send.action} without an answer`,
        },
      ];
  const entry = incomingEntry(logging, sender, send, loggedViolations(violations));
  await tryWrite(table.put(entry, "attribute_not_exists(pk)"));
  await noteDeviation(table, { cpId: sender.cpId, action: send.action, violations, now: logging.now });
}

/** The `violations` of a log entry; absent if there are none. */
export const loggedViolations = (violations: readonly Violation[]): Pick<IncomingItem, "violations"> =>
  violations.length === 0 ? {} : { violations: listed(violations) };

/**
 * Notes in the log entry of a station's CALL that the station could not make sense of our answer (OCPP 2.1
 * part 4, CALLRESULTERROR).
 */
export async function logResultError(
  table: Table,
  { cpId, connectionId }: Sender,
  { messageId, errorCode, errorDescription }: CallErrorFrame,
): Promise<void> {
  const why = errorDescription && `: ${maskSecrets("", errorDescription)}`;
  const detail = `the station refused the answer by ${errorCode}${why}`;
  const update = "SET violations = :violations";
  const values = { ":violations": [{ pointer: "", detail }] };
  const { applied } = await tryWrite(
    table.update({
      key: incomingKey(cpId, connectionId, messageId),
      update,
      condition: "attribute_exists(pk)",
      values,
    }),
  );
  if (applied) return;
  // a Heartbeat, if it is the last one
  await tryWrite(
    table.update({
      key: heartbeatKey(cpId),
      update,
      condition: "ocppMessageId = :id AND connectionId = :connection",
      values: { ...values, ":id": messageId, ":connection": connectionId },
    }),
  );
}
