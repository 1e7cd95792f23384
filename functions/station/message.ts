import { systemClock } from "../../shared/clock.ts";
import type { Speaker } from "../../shared/handshake/authenticate.ts";
import { logResultError, logSend } from "../../shared/inbound/log-entry.ts";
import { serveCall } from "../../shared/inbound/serve-call.ts";
import { takeAnswer } from "../../shared/inbound/take-answer.ts";
import { addLogKeys, logger } from "../../shared/logger.ts";
import { observed } from "../../shared/observed.ts";
import { frameError } from "../../shared/ocpp/call-errors.ts";
import { type Frame, parse, writeCallError } from "../../shared/ocpp/frame.ts";
import { maskSecrets } from "../../shared/ocpp/secrets.ts";
import type { MessageType } from "../../shared/store/items.ts";
import { openTable } from "../../shared/store/table.ts";
import { timers } from "../attempt-timers.ts";
import { environment, logDays } from "../environment.ts";
import { type StationEvent, speakerKeys } from "./event.ts";

const table = openTable(environment("TABLE_NAME"));
const deps = { table, timers: timers() };
const days = logDays();

type ConnectedSpeaker = Speaker & { readonly connectionId: string };

/**
 * $default: everything a station sends. The answer to its CALL is the route response. Nothing may throw
 * here: API Gateway would send the station a JSON object of its own, which is no OCPP.
 */
export const handler = observed(speakerKeys, handle);

async function handle(event: StationEvent): Promise<{ statusCode: number; body?: string }> {
  const { authorizer, connectionId } = event.requestContext;
  const speaker = { ...(authorizer as Speaker), connectionId };
  const text = event.isBase64Encoded
    ? Buffer.from(event.body ?? "", "base64").toString()
    : (event.body ?? "");
  const frame = parse(speaker.protocol, text);
  addLogKeys({ ocppMessageId: frame.messageId });
  try {
    const body = await receive(speaker, frame, event.requestContext.requestTimeEpoch);
    return body === undefined ? { statusCode: 200 } : { statusCode: 200, body };
  } catch (error) {
    logger.error("a message could not be processed", { ...about(frame), error: error as Error });
    if (frame.type !== "CALL") return { statusCode: 200 };
    return { statusCode: 200, body: writeCallError(frame.rawId, "InternalError", "Please try again later.") };
  }
}

/** @returns the frame to answer with, if it is to be answered */
async function receive(
  speaker: ConnectedSpeaker,
  frame: Frame,
  receivedAtMs: number,
): Promise<string | undefined> {
  switch (frame.type) {
    case "CALL":
      return serveCall({ ...deps, now: systemClock.now(), receivedAtMs, logDays: days }, speaker, frame);
    case "CALLRESULT":
      await answered(speaker, frame.messageId, "CALL_RESULT", frame.payload);
      return undefined;
    case "CALLERROR": {
      const { errorCode, errorDescription, errorDetails } = frame;
      await answered(speaker, frame.messageId, "CALL_ERROR", { errorCode, errorDescription, errorDetails });
      return undefined;
    }
    case "CALLRESULTERROR":
      logger.warn("an answer of ours that a station could not read", about(frame));
      await logResultError(deps.table, speaker, frame);
      return undefined;
    case "SEND":
      await logSend(deps.table, { now: systemClock.now(), logDays: days }, speaker, frame);
      return undefined;
    default: {
      const error = frameError(speaker.protocol, frame);
      logger.warn("a frame that is no message of the version", about(frame));
      return error && frame.rawId && writeCallError(frame.rawId, error.code, error.description);
    }
  }
}

async function answered(
  { cpId, protocol }: ConnectedSpeaker,
  messageId: string,
  messageType: MessageType,
  response: unknown,
): Promise<void> {
  const correlated = await takeAnswer(deps, protocol, {
    cpId,
    messageId,
    messageType,
    response: maskSecrets("", response),
    atMs: systemClock.now(),
  });
  if (correlated.outcome !== "completed") {
    logger.warn(`an answer that completes nothing: ${correlated.outcome}`);
    return;
  }
  const { action, state, late = false } = correlated.exchange;
  logger.info("answer", { action, state, late });
}

const about = (frame: Frame) => ({
  frame: frame.type,
  ...("reason" in frame && { reason: frame.reason }),
});
