import { createHash } from "node:crypto";
import type { AttemptDeps } from "../attempts/store.ts";
import type { Speaker } from "../handshake/authenticate.ts";
import { count } from "../metrics.ts";
import { HEARTBEAT_INTERVAL } from "../networks/heartbeat-interval.ts";
import { type CallFrame, writeCallError, writeCallResult } from "../ocpp/frame.ts";
import { maskSecrets } from "../ocpp/secrets.ts";
import type { Violation } from "../schema/validate.ts";
import type { IncomingItem, MessageType } from "../store/items.ts";
import { incomingKey } from "../store/keys.ts";
import { type PayloadText, payloadOf, payloadText } from "../store/payload.ts";
import { tryWrite } from "../store/table.ts";
import { applyEvent } from "./apply-event.ts";
import { noteDeviation, noteRefusal } from "./deviations.ts";
import { keepHeartbeat } from "./heartbeat.ts";
import { incomingEntry, type Logging, loggedViolations } from "./log-entry.ts";
import { type Refused, refusedRepetition, understand } from "./understand-call.ts";

interface CallErrorPayload {
  readonly errorCode: string;
  readonly errorDescription: string;
  readonly errorDetails: object;
}

/** An answer as its log entry has it. */
interface LoggedReply {
  readonly messageType?: MessageType;
  readonly response: PayloadText;
}

/** What a station is answered, and where its CALL deviates from its schema. */
interface Reply extends LoggedReply {
  readonly messageType: MessageType;
  readonly violations: readonly Violation[];
}

type ConnectedSpeaker = Speaker & { readonly connectionId: string };

export interface Serving extends AttemptDeps, Logging {
  /** When API Gateway received the message. @default `now` */
  readonly receivedAtMs?: number;
  /** Whether each Heartbeat has a log entry; otherwise they are counted, and the last one is kept. @default false */
  readonly logHeartbeats?: boolean;
  /** Seconds between Heartbeats in networks that set no interval. @default 300 */
  readonly heartbeatInterval?: number;
}

/**
 * Answers a CALL from a station, at once and whatever is outstanding in the other direction (OCPP-J allows
 * one CALL per direction, not one in all).
 *
 * The log entry is what makes a CALL id count once: one that came before is answered as before. Where the
 * CALL changes something here, that is looked up first; where it does not, as with MeterValues, the entry's
 * conditional write is the only request. A change comes before its entry, and may be repeated: a process
 * that dies in between leaves a station that sends it again. A Heartbeat has no entry of its own, see `keepHeartbeat`.
 *
 * @returns the frame to send back
 */
export async function serveCall(
  serving: Serving,
  speaker: ConnectedSpeaker,
  call: CallFrame,
): Promise<string> {
  const understood = await understand(speaker, call);
  if ("error" in understood)
    return frameOf(call, await keepOnce(serving, speaker, call, refusal(understood)));
  const { now, receivedAtMs = now } = serving;
  const { row, payload, violations } = understood;
  const event = row.event?.(payload, { now });
  const before = event && (await answeredBefore(serving.table, speaker, call));
  if (before) return frameOf(call, before);
  const receipt = { now, receivedAtMs, connectionId: speaker.connectionId, messageId: call.messageId };
  const outcome = event ? await applyEvent(serving, speaker, event, receipt) : {};
  const answer = row.answer(payload, { now, outcome, heartbeatInterval: intervalFor(serving, speaker) });
  if (call.action === "Heartbeat" && violations.length === 0 && !serving.logHeartbeats) {
    const response = await keepHeartbeat(serving, speaker, call, payloadText(answer));
    return frameOf(call, { messageType: "CALL_RESULT", response });
  }
  const refused = await refusedRepetition(speaker, call, understood, answer);
  const reply: Reply = refused
    ? refusal(refused)
    : { messageType: "CALL_RESULT", response: payloadText(answer), violations };
  return frameOf(call, await keepOnce(serving, speaker, call, reply));
}

/** The speaker's is a text, as API Gateway carries the context of a connection. */
const intervalFor = (
  { heartbeatInterval = HEARTBEAT_INTERVAL }: Pick<Serving, "heartbeatInterval">,
  speaker: Pick<Speaker, "heartbeatInterval">,
): number => Number(speaker.heartbeatInterval ?? heartbeatInterval);

function refusal({ error, violations }: Refused): Reply {
  count("refusedStationCalls");
  const { code: errorCode, description: errorDescription } = error;
  return {
    messageType: "CALL_ERROR",
    response: payloadText({ errorCode, errorDescription, errorDetails: {} }),
    violations,
  };
}

/** The same CALL once more: not only its id, which some stations give to several CALLs of one connection. */
const isSame = (entry: IncomingItem, { action, payload }: CallFrame): boolean =>
  entry.action === action && entry.request === payloadText(maskSecrets(action, payload));

/** Where a CALL is logged whose id another CALL of its connection has: its content makes it one of its own. */
function placeOfReused({ messageId, action, payload }: CallFrame): string {
  const content = payloadText([action, maskSecrets(action, payload)]);
  return `${messageId}~${createHash("sha256").update(content).digest("base64url")}`;
}

/** How a CALL was answered when it came before. */
async function answeredBefore(
  table: Serving["table"],
  { cpId, connectionId }: ConnectedSpeaker,
  call: CallFrame,
): Promise<LoggedReply | undefined> {
  const first = await table.get<IncomingItem>(incomingKey(cpId, connectionId, call.messageId));
  if (!first || isSame(first, call)) return first as LoggedReply | undefined;
  return table.get<LoggedReply>(incomingKey(cpId, connectionId, placeOfReused(call)));
}

const REUSED: Violation = {
  pointer: "",
  keyword: "messageId",
  detail: "has the id of another CALL of this connection",
};

/** Logs the exchange, unless its CALL was answered before. @returns the answer that counts */
async function keepOnce(
  serving: Serving,
  speaker: ConnectedSpeaker,
  call: CallFrame,
  reply: Reply,
): Promise<LoggedReply> {
  const before = await keep(serving, speaker, call, reply);
  if (!before) return reply;
  if (isSame(before, call)) return before as LoggedReply;
  const reused = { ...reply, violations: [...reply.violations, REUSED] };
  return ((await keep(serving, speaker, call, reused, placeOfReused(call))) as LoggedReply) ?? reply;
}

/** @returns what is logged in that place already, if anything; then nothing was logged */
async function keep(
  serving: Serving,
  speaker: ConnectedSpeaker,
  call: CallFrame,
  reply: Reply,
  place?: string,
): Promise<IncomingItem | undefined> {
  const { table, now } = serving;
  const { messageType, response, violations } = reply;
  const logged = { messageType, response, ...loggedViolations(violations) };
  const entry = incomingEntry(serving, speaker, call, logged, place);
  const { applied, item } = await tryWrite<IncomingItem>(table.put(entry, "attribute_not_exists(pk)"));
  if (!applied && item) return item;
  const about = { cpId: speaker.cpId, action: call.action, now };
  await noteDeviation(table, { ...about, violations });
  if (messageType === "CALL_ERROR")
    await noteRefusal(table, { ...about, errorCode: payloadOf<CallErrorPayload>(response).errorCode });
  return undefined;
}

function frameOf({ rawId }: CallFrame, { messageType, response }: LoggedReply): string {
  if (messageType === "CALL_RESULT") return writeCallResult(rawId, payloadOf<object>(response));
  const { errorCode, errorDescription, errorDetails } = payloadOf<CallErrorPayload>(response);
  return writeCallError(rawId, errorCode, errorDescription, errorDetails);
}
