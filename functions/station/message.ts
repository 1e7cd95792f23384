import { openConnections } from "../../shared/calls/post.ts";
import { systemClock } from "../../shared/clock.ts";
import type { Speaker } from "../../shared/handshake/authenticate.ts";
import { logResultError, logSend } from "../../shared/inbound/log-entry.ts";
import { postAnswer } from "../../shared/inbound/post-answer.ts";
import { RepeatedErrors } from "../../shared/inbound/repeated-errors.ts";
import { serveCall } from "../../shared/inbound/serve-call.ts";
import { takeAnswer } from "../../shared/inbound/take-answer.ts";
import { addLogKeys, logger } from "../../shared/logger.ts";
import { count } from "../../shared/metrics.ts";
import { observed } from "../../shared/observed.ts";
import { frameError } from "../../shared/ocpp/call-errors.ts";
import {
  type Frame,
  parse,
  UNKNOWN_ID,
  type UnreadableFrame,
  writeCallError,
} from "../../shared/ocpp/frame.ts";
import { keptText, maskSecrets } from "../../shared/ocpp/secrets.ts";
import type { MessageType } from "../../shared/store/items.ts";
import { openTable } from "../../shared/store/table.ts";
import { timers } from "../attempt-timers.ts";
import { environment, heartbeatInterval, logDays, logHeartbeats } from "../environment.ts";
import { type GatewayEvent, speakerKeys } from "./event.ts";

const table = openTable(environment("TABLE_NAME"));
const deps = { table, timers: timers() };
const connections = openConnections(environment("CONNECTIONS_ENDPOINT"));
const days = logDays();
const heartbeats = { logHeartbeats: logHeartbeats(), heartbeatInterval: heartbeatInterval() };
/** Whether an answer is this function's response or a post of its own: docs/empty-frames.md. */
const answersByRoute = environment("STATION_ANSWERS") === "route";
const repeatedErrors = new RepeatedErrors();

type ConnectedSpeaker = Speaker & { readonly connectionId: string };

/** What becomes of a frame: the frame to answer with, if any, and what is wrong with it by the protocol. */
interface Received {
  readonly answer?: string | undefined;
  readonly error?: string | undefined;
}

/**
 * $default: everything a station sends. Nothing may throw here: API Gateway would send the station a JSON object
 * of its own, which is no OCPP.
 */
export const handler = observed(speakerKeys, handle);

async function handle(event: GatewayEvent): Promise<{ statusCode: number; body?: string }> {
  const { authorizer, connectionId, requestTimeEpoch } = event.requestContext;
  const speaker = { ...(authorizer as Speaker), connectionId };
  const text = event.isBase64Encoded
    ? Buffer.from(event.body ?? "", "base64").toString()
    : (event.body ?? "");
  const frame = parse(speaker.protocol, text);
  addLogKeys({ ocppMessageId: frame.messageId });
  const { answer, error } = await receive(speaker, frame, text, requestTimeEpoch).catch((error) =>
    failed(frame, error),
  );
  if (repeatedErrors.note(connectionId, error, systemClock.now())) {
    count("closedForErrors");
    logger.warn("closed: the same protocol error again and again", { protocolError: error });
    await connections.close(connectionId);
    return { statusCode: 200 };
  }
  if (answer === undefined) return { statusCode: 200 };
  if (answersByRoute) return { statusCode: 200, body: answer };
  await postAnswer({ connections, clock: systemClock }, connectionId, answer);
  return { statusCode: 200 };
}

function failed(frame: Frame, error: Error): Received {
  logger.error("a message could not be processed", { ...about(frame), error });
  if (frame.type !== "CALL") return {};
  return { answer: writeCallError(frame.rawId, "InternalError", "Please try again later.") };
}

async function receive(
  speaker: ConnectedSpeaker,
  frame: Frame,
  text: string,
  receivedAtMs: number,
): Promise<Received> {
  switch (frame.type) {
    case "CALL": {
      const serving = { ...deps, ...heartbeats, now: systemClock.now(), receivedAtMs, logDays: days };
      return { answer: await serveCall(serving, speaker, frame) };
    }
    case "CALLRESULT":
      return answered(speaker, frame.messageId, "CALL_RESULT", frame.payload);
    case "CALLERROR": {
      const { errorCode, errorDescription, errorDetails } = frame;
      return answered(speaker, frame.messageId, "CALL_ERROR", { errorCode, errorDescription, errorDetails });
    }
    case "CALLRESULTERROR":
      logger.warn("an answer of ours that a station could not read", about(frame));
      await logResultError(deps.table, speaker, frame);
      return { error: `CALLRESULTERROR ${frame.errorCode}` };
    case "SEND":
      await logSend(deps.table, { now: systemClock.now(), logDays: days }, speaker, frame);
      return {};
    default: {
      const error = frameError(speaker.protocol, frame);
      logger.warn("a frame that is no message of the version", { ...about(frame), text: keptText(text) });
      if (isBrokenAnswer(frame)) return answered(speaker, frame.messageId, "CALL_RESULT", keptText(text));
      return {
        answer: error && writeCallError(frame.rawId ?? UNKNOWN_ID, error.code, error.description),
        error: frame.type === "unreadable" ? frame.reason : error?.description,
      };
    }
  }
}

/** An answer that cannot be read ends its CALL at once: nothing better will come. */
const isBrokenAnswer = (frame: Frame): frame is UnreadableFrame & { readonly messageId: string } =>
  frame.type === "unreadable" &&
  frame.messageId !== undefined &&
  (frame.messageType === 3 || frame.messageType === 4);

async function answered(
  { cpId, protocol, stationMessages }: ConnectedSpeaker,
  messageId: string,
  messageType: MessageType,
  response: unknown,
): Promise<Received> {
  const correlated = await takeAnswer(deps, protocol, {
    cpId,
    messageId,
    messageType,
    response: maskSecrets("", response),
    atMs: systemClock.now(),
    isStrict: stationMessages === "strict",
  });
  if (correlated.outcome !== "completed") {
    logger.warn(`an answer that completes nothing: ${correlated.outcome}`);
    return { error: `${messageType} ${messageId}` };
  }
  const { action, state, late = false } = correlated.exchange;
  logger.info("answer", { action, state, late });
  return {};
}

const about = (frame: Frame) => ({
  frame: frame.type,
  ...("reason" in frame && { reason: frame.reason }),
});
