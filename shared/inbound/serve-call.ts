import type { AttemptDeps } from "../attempts/store.ts";
import { dialectOf } from "../dialects/dialects.ts";
import type { Speaker } from "../handshake/authenticate.ts";
import { count } from "../metrics.ts";
import { actionError, violationError } from "../ocpp/call-errors.ts";
import { type CallFrame, writeCallError, writeCallResult } from "../ocpp/frame.ts";
import { validatePayload } from "../ocpp/schemas.ts";
import type { IncomingItem } from "../store/items.ts";
import { incomingKey } from "../store/keys.ts";
import { type PayloadText, payloadOf, payloadText } from "../store/payload.ts";
import { ConditionFailed } from "../store/table.ts";
import { applyEvent } from "./apply-event.ts";
import { incomingEntry, type Logging } from "./log-entry.ts";

interface CallErrorPayload {
  readonly errorCode: string;
  readonly errorDescription: string;
  readonly errorDetails: object;
}

/** What a station is answered, and how that is kept. */
type Reply = Pick<IncomingItem, "messageType" | "violations"> & { readonly response: PayloadText };

export interface Serving extends AttemptDeps, Logging {
  /** When API Gateway received the message. @default `now` */
  readonly receivedAtMs?: number;
}

/**
 * Answers a CALL from a station, at once and whatever is outstanding in the other direction (OCPP-J allows
 * one CALL per direction, not one in all).
 *
 * The log entry is what makes a CALL id count once: one that came before is answered as before. Where the
 * CALL changes something here, that is looked up first; where it does not, as with a Heartbeat, the entry's
 * conditional write is the only request. A change comes before its entry, and may be repeated: a process
 * that dies in between leaves a station that sends it again.
 *
 * @returns the frame to send back
 */
export async function serveCall(
  serving: Serving,
  speaker: Speaker & { readonly connectionId: string },
  call: CallFrame,
): Promise<string> {
  const { table, now, receivedAtMs = now } = serving;
  const key = incomingKey(speaker.cpId, speaker.connectionId, call.messageId);
  let reply = await refusal(speaker, call);
  if (!reply) {
    const payload = call.payload as object;
    const { stationCalls } = await dialectOf(speaker.protocol);
    const row = stationCalls[call.action];
    if (!row) throw new Error(`${speaker.protocol} has no answer to ${call.action}`);
    const event = row.event?.(payload, { now });
    const before = event && (await table.get<IncomingItem>(key));
    if (before) return frameOf(call, before as Reply);
    const { connectionId } = speaker;
    const receipt = { now, receivedAtMs, connectionId, messageId: call.messageId };
    const outcome = event ? await applyEvent(serving, speaker, event, receipt) : {};
    reply = { messageType: "CALL_RESULT", response: payloadText(row.answer(payload, { now, outcome })) };
  }
  return frameOf(call, await keepOnce(serving, speaker, call, reply));
}

/** The CALLERROR for what the version does not have or its schema does not allow. */
async function refusal({ protocol }: Speaker, { action, payload }: CallFrame): Promise<Reply | undefined> {
  const unknown = actionError(protocol, action);
  const violations = unknown ? [] : await validatePayload(protocol, action, "request", payload);
  const error = unknown ?? (violations.length > 0 ? violationError(protocol, violations) : undefined);
  if (!error) return undefined;
  count("refusedStationCalls");
  return {
    messageType: "CALL_ERROR",
    response: payloadText({ errorCode: error.code, errorDescription: error.description, errorDetails: {} }),
    ...(violations.length > 0 && {
      violations: violations.map(({ pointer, detail }) => ({ pointer, detail })),
    }),
  };
}

/** Logs the exchange, unless its CALL was answered before. @returns the answer that counts */
async function keepOnce(
  serving: Serving,
  speaker: Speaker & { readonly connectionId: string },
  call: CallFrame,
  reply: Reply,
): Promise<Reply> {
  try {
    const entry = incomingEntry(serving, speaker, call, reply);
    await serving.table.put(entry, "attribute_not_exists(pk)");
    return reply;
  } catch (error) {
    if (error instanceof ConditionFailed && error.item) return error.item as unknown as Reply;
    throw error;
  }
}

function frameOf({ rawId }: CallFrame, { messageType, response }: Reply): string {
  if (messageType === "CALL_RESULT") return writeCallResult(rawId, payloadOf<object>(response));
  const { errorCode, errorDescription, errorDetails } = payloadOf<CallErrorPayload>(response);
  return writeCallError(rawId, errorCode, errorDescription, errorDetails);
}
