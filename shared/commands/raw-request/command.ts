import { messageIdReused } from "../../calls/call.ts";
import { isOfRequest, readExchange } from "../../calls/exchange.ts";
import { type CallError, problemOf } from "../../calls/outcome.ts";
import { csmsActionsOf, csmsMaySend } from "../../ocpp/actions.ts";
import type { Protocol } from "../../ocpp/protocols.ts";
import { readAnswer } from "../../ocpp/read-answer.ts";
import { maskSecrets } from "../../ocpp/secrets.ts";
import { Problem } from "../../problems.ts";
import { listed } from "../../schema/validate.ts";
import { payloadOf } from "../../store/payload.ts";
import type { Table } from "../../store/table.ts";
import type { Command, CommandRow } from "../command.ts";
import type { AnsweredExchange } from "../session.ts";

export interface RawRequestInput {
  readonly action: string;
  readonly payload: object;
  /** Whether the payload, and the station's answer, are held to their schemas. */
  readonly validate: boolean;
}

export interface RawRequestOutput {
  readonly ocppMessageId: string;
  readonly connection: { readonly connectionId: string; readonly protocol: Protocol };
  /** Secrets masked, as everywhere. */
  readonly request: RawCall;
  /** Absent if the request does not wait for it. */
  readonly response?: RawResult | RawError;
}

interface RawCall {
  readonly messageType: "2";
  readonly messageId: string;
  readonly action: string;
  readonly payload: object;
}

interface RawResult {
  readonly messageType: "CALL_RESULT";
  readonly messageId: string;
  readonly payload: unknown;
}

interface RawError {
  readonly messageType: "CALL_ERROR";
  readonly messageId: string;
  readonly errorCode: string;
  /** Spelled so by contract. */
  readonly ErrorDescription: string;
  readonly errorDetails: unknown;
  readonly payload: object;
}

/** The same in every version: what a CSMS may send goes out, and what the station answers comes back. */
const row: CommandRow<RawRequestInput, RawRequestOutput> = {
  async run({ action, payload, validate }, session) {
    const { protocol, station } = session;
    if (!csmsMaySend(protocol, action)) throw await notSupported(protocol, action);
    if (validate) await session.check(action, payload);
    const { ocppMessageId, exchange } = await session.callUnchecked(action, payload);
    const masked = maskSecrets(action, payload);
    return {
      ocppMessageId,
      connection: { connectionId: station.connection.connectionId, protocol },
      request: { messageType: "2", messageId: ocppMessageId, action, payload: masked },
      ...(exchange && { response: await responseOf(exchange, protocol, validate) }),
    };
  },
};

export const rawRequest: Command<RawRequestInput, RawRequestOutput> = {
  name: "raw_request",
  rows: { v16: row, v2: row },
};

/** The comparison of names is loaded with the first mistake: no cold start needs it. */
async function notSupported(protocol: Protocol, action: string): Promise<Problem> {
  const { nearestTo } = await import("../../ocpp/nearest-action.ts");
  const nearest = nearestTo(action, csmsActionsOf(protocol));
  const hint = nearest.length > 0 ? ` Did you mean ${nearest.join(" or ")}?` : "";
  return new Problem(
    "not-supported-by-protocol",
    `${protocol} has no action ${action} that a CSMS can send. Nothing was sent.${hint} GET /openapi.json lists all actions, at sendRawRequest.`,
    { protocol, action, ...(nearest.length > 0 && { nearest }) },
  );
}

/** @throws Problem `invalid-station-answer` for one that is no payload, or unusable by the schema it is held to */
async function responseOf(
  exchange: AnsweredExchange,
  protocol: Protocol,
  validate: boolean,
): Promise<RawResult | RawError> {
  const { ocppMessageId: messageId, action, messageType, answeredAtMs } = exchange;
  if (messageType === "CALL_ERROR") {
    const { errorCode, errorDescription, errorDetails } = payloadOf<CallError>(exchange.response);
    const error = { errorCode, ErrorDescription: errorDescription, errorDetails };
    return { messageType, messageId, ...error, payload: {} };
  }
  const payload = payloadOf(exchange.response);
  const isText = typeof payload === "string";
  const reading =
    validate || isText ? await readAnswer(protocol, action, payload, exchange.strict) : undefined;
  if (reading && !reading.payload) {
    const { usable: _, ...unusable } = exchange;
    throw problemOf({ ...unusable, violations: listed(reading.violations) }, answeredAtMs);
  }
  return { messageType, messageId, payload };
}

interface MessageIdUse {
  readonly cpId: string;
  readonly networks: readonly string[];
  readonly messageId: string;
  /** The repeats of a request may use its message id again. */
  readonly idempotencyId: string | undefined;
}

/**
 * Refuses an OCPP message id, chosen by the caller, that was already used for the station. Two concurrent requests
 * are separated by the conditional write of the exchange.
 *
 * @param networks those of the caller; the use of an id in another network is not revealed
 * @throws Problem `message-id-reused`
 */
export async function refuseReused(
  table: Table,
  { cpId, networks, messageId, idempotencyId }: MessageIdUse,
): Promise<void> {
  const before = await readExchange(table, cpId, messageId);
  if (!before || before.state === "failed" || !networks.includes(before.networkId)) return;
  if (isOfRequest(before, idempotencyId)) return;
  throw messageIdReused(messageId);
}
