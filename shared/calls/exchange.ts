/**
 * One CALL to a station as an item: stored before it is sent, because an answer can be back before the post
 * has returned, and found again by station and message id, never by "the current call".
 *
 *     queued ──► sent ──► answered | callError          the station's word, `late` after the deadline
 *        │         ├────► timedOut ─────► answered …     completes the command, and nothing else
 *        │         └────► connectionLost ► answered …
 *        └► failed                                      never sent
 *
 * Every arrow is one conditional write. A reader takes `sent` past its deadline for `timedOut`, so that the
 * truth needs no process that wakes up to write it.
 */

import { randomBytes } from "node:crypto";
import { entryIdOfOutgoing } from "../log/entry-id.ts";
import type { Protocol } from "../ocpp/protocols.ts";
import type { ProblemDetails } from "../problems.ts";
import type { ExchangeState, MessageType, OutgoingItem, RequestedBy } from "../store/items.ts";
import { commandSearchKey, logListKey, logSearchKey, outgoingKey } from "../store/keys.ts";
import { payloadText } from "../store/payload.ts";
import { isOwnWrite, type Table, type Tried, tryWrite } from "../store/table.ts";
import { expiresAfter } from "../time.ts";

/** What an exchange is about, known before anything is sent. */
export interface NewExchange {
  readonly cpId: string;
  readonly networkId: string;
  readonly messageId: string;
  readonly commandId: string;
  readonly command: string;
  readonly action: string;
  /** With secrets masked. */
  readonly request: unknown;
  /** Whether there were any. */
  readonly holdsSecret?: true;
  readonly requestedAtMs: number;
  /** When the request stops waiting. */
  readonly deadlineMs: number;
  /** How many CALLs the command has; only the first one's exchange carries it. */
  readonly callCount?: number;
  /** Whether its answer only announces a report. */
  readonly report?: "awaited";
  /** The id of the request that made it, if that request carried an Idempotency-Key. */
  readonly idempotencyId?: string;
  /** Who sent the command; only the first CALL's exchange carries it. */
  readonly requestedBy?: RequestedBy;
  /** The bulk command that the command is part of; only the first CALL's exchange carries it. */
  readonly bulkId?: string;
}

/**
 * Whether an exchange was made by the request with this idempotency id. 0.1.0 stored the id as `onceId`.
 *
 * @param idempotencyId undefined for a request without Idempotency-Key, which owns no earlier exchange
 */
export const isOfRequest = (
  exchange: Pick<OutgoingItem, "idempotencyId" | "onceId">,
  idempotencyId: string | undefined,
): boolean => idempotencyId !== undefined && (exchange.idempotencyId ?? exchange.onceId) === idempotencyId;

/** The number of CALLs of a command; stored with its first CALL if it is not 1. */
export const storedCallCount = ({ callCount = 1 }: Pick<OutgoingItem, "callCount">): number => callCount;

/** The connection a CALL goes out on. */
export interface SentOn {
  readonly connectionId: string;
  readonly protocol: Protocol;
}

/** @param atMs its place in the log: when it goes out, as far as that is known */
function newItem(exchange: NewExchange, logDays: number, state: ExchangeState, atMs: number) {
  const { cpId, networkId, messageId, requestedAtMs, request, callCount = 1, ...about } = exchange;
  const entryId = entryIdOfOutgoing(messageId);
  return {
    ...outgoingKey(messageId, cpId),
    ...logListKey(cpId, atMs, entryId),
    // a command is found by its first CALL
    ...(messageId === about.commandId
      ? commandSearchKey({ cpId, networkId }, atMs, messageId)
      : logSearchKey({ cpId, networkId }, atMs, entryId)),
    ...about,
    cpId,
    networkId,
    request: payloadText(request),
    direction: "toStation",
    entryId,
    ocppMessageId: messageId,
    atMs,
    requestedAtMs,
    state,
    expiresAt: expiresAfter(requestedAtMs, logDays),
    ...(callCount > 1 && { callCount }),
  } satisfies Partial<OutgoingItem>;
}

const isNew = "attribute_not_exists(pk)";

/**
 * How long after the loss of its connection an answer still counts as on its way, in milliseconds. A station
 * that is reset answers and hangs up, and API Gateway promises no order between the two events.
 */
export const LOSS_GRACE_MS = 1_000;

/** A CALL that failed was never sent: its id is as good as new. */
const wasNeverSent = {
  condition: `${isNew} OR #state = :failed`,
  names: { "#state": "state" },
  values: { ":failed": "failed" },
};

/**
 * Stores a CALL that is about to be sent.
 *
 * @throws ConditionFailed if the station was sent this message id before
 */
export async function storeSent(
  table: Table,
  exchange: NewExchange,
  on: SentOn,
  sentAtMs: number,
  logDays: number,
): Promise<void> {
  const sendId = newSendId();
  const item = { ...newItem(exchange, logDays, "sent", sentAtMs), ...on, sentAtMs, sendId };
  await unlessOwn(sendId, table.put(item, wasNeverSent.condition, wasNeverSent));
}

/**
 * Marks a write that lets a CALL out, so that a retry recognizes it, and only it, whatever became of the exchange
 * since: two runs of one job write the same otherwise, and only one of them may send.
 */
const newSendId = (): string => randomBytes(8).toString("base64url");

/** @throws ConditionFailed unless it was this write, sent before, that made the condition fail */
async function unlessOwn(sendId: string, write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isOwnWrite<OutgoingItem>(error, (stands) => stands.sendId === sendId)) throw error;
  }
}

/**
 * Stores a CALL that will be sent by another function.
 *
 * @throws ConditionFailed if the station was sent this message id before
 */
export const storeQueued = (table: Table, exchange: NewExchange, logDays: number): Promise<void> =>
  table.put(
    newItem(exchange, logDays, "queued", exchange.requestedAtMs),
    wasNeverSent.condition,
    wasNeverSent,
  );

/**
 * Marks a queued CALL as sent. Only the function whose write succeeds sends it, so a function that runs twice sends
 * once. The stored request becomes the one that goes out: the station may have reconnected with another OCPP version
 * since the CALL was queued.
 *
 * @throws ConditionFailed if it is not queued any more, or its deadline has passed
 */
export async function claimQueued(
  table: Table,
  exchange: NewExchange,
  on: SentOn,
  sentAtMs: number,
): Promise<void> {
  const { callCount = 1, report, holdsSecret } = exchange;
  const sendId = newSendId();
  const claim = table.update({
    key: outgoingKey(exchange.messageId, exchange.cpId),
    update: [
      "SET #state = :sent, connectionId = :connectionId, protocol = :protocol, sentAtMs = :sentAtMs",
      "sendId = :sendId",
      "#action = :action, #request = :request, callCount = :callCount",
      ...(report ? ["report = :report"] : []),
      ...(holdsSecret ? ["holdsSecret = :true"] : []),
    ].join(", "),
    condition: "#state = :queued AND deadlineMs > :sentAtMs",
    names: { "#state": "state", "#action": "action", "#request": "request" },
    values: {
      ":queued": "queued",
      ":sent": "sent",
      ":action": exchange.action,
      ":request": payloadText(exchange.request),
      ":callCount": callCount,
      ...(report && { ":report": report }),
      ...(holdsSecret && { ":true": true }),
      ":connectionId": on.connectionId,
      ":protocol": on.protocol,
      ":sentAtMs": sentAtMs,
      ":sendId": sendId,
    },
  });
  await unlessOwn(sendId, claim);
}

export const readExchange = (table: Table, cpId: string, messageId: string) =>
  table.get<OutgoingItem>(outgoingKey(messageId, cpId));

/** A station's answer to a CALL. */
export interface StationAnswer {
  readonly cpId: string;
  readonly messageId: string;
  readonly messageType: MessageType;
  /** The payload, or `{errorCode, errorDescription, errorDetails}`; secrets masked. */
  readonly response: unknown;
  readonly atMs: number;
  /** Whether its network takes no answer that breaks its schema. */
  readonly isStrict?: boolean;
}

/** What an answer met: the exchange it completes, or why it completes none. */
export type Correlated =
  | {
      readonly outcome: "completed";
      readonly exchange: OutgoingItem;
      /** The answer as it is kept. */
      readonly response: unknown;
    }
  | { readonly outcome: "duplicate"; readonly exchange: OutgoingItem }
  | { readonly outcome: "unknown" };

type MaskOf = (exchange: OutgoingItem, answer: StationAnswer) => Promise<unknown>;

/**
 * Completes the exchange of an answer; `late` if its deadline had passed or it counted as lost. One write in the
 * usual case, two for a late answer.
 *
 * Only the exchange records whether the CALL contained a secret. The first write therefore requires that it did not.
 * If it did, the exchange that DynamoDB returns with the refusal determines how the answer is masked, and the write
 * is repeated. Other answers cost no additional request.
 *
 * @param maskOf masks the answer to a CALL that contained a secret
 */
export async function correlate(table: Table, answer: StationAnswer, maskOf: MaskOf): Promise<Correlated> {
  const { applied, item: exchange } = await complete(table, answer, { late: false, ofSecret: false });
  if (!exchange) return { outcome: "unknown" };
  if (applied) return { outcome: "completed", exchange, response: answer.response };
  if (exchange.answeredAtMs !== undefined) return { outcome: "duplicate", exchange };
  if (exchange.state === "queued") return { outcome: "unknown" };
  return completeAgain(table, exchange, answer, maskOf);
}

async function completeAgain(
  table: Table,
  exchange: OutgoingItem,
  answer: StationAnswer,
  maskOf: MaskOf,
): Promise<Correlated> {
  const ofSecret = exchange.holdsSecret ?? false;
  const kept = ofSecret ? { ...answer, response: await maskOf(exchange, answer) } : answer;
  // the first write was refused because of the secret, or because of the deadline as well
  let tried: Tried<OutgoingItem> = { applied: false, item: exchange };
  if (ofSecret) tried = await complete(table, kept, { late: false, ofSecret });
  if (!tried.applied) tried = await complete(table, kept, { late: true, ofSecret });
  const { applied, item } = tried;
  return applied && item
    ? { outcome: "completed", exchange: item, response: kept.response }
    : { outcome: "duplicate", exchange: item ?? exchange };
}

const complete = (
  table: Table,
  answer: StationAnswer,
  how: { readonly late: boolean; readonly ofSecret: boolean },
): Promise<Tried<OutgoingItem>> =>
  tryWrite<OutgoingItem>(
    writeAnswer(table, answer, how),
    ({ answeredAtMs, messageType, response }) =>
      answeredAtMs === answer.atMs &&
      messageType === answer.messageType &&
      response === payloadText(answer.response),
  );

/** @throws ConditionFailed */
async function writeAnswer(
  table: Table,
  { cpId, messageId, messageType, response, atMs, isStrict = false }: StationAnswer,
  { late, ofSecret }: { readonly late: boolean; readonly ofSecret: boolean },
): Promise<OutgoingItem> {
  const isJustLost = "(#state = :lost AND completedAtMs >= :graceSince)";
  const isAwaited = `(#state = :sent OR ${isJustLost}) AND deadlineMs >= :now`;
  const isUnanswered = "attribute_exists(pk) AND attribute_not_exists(answeredAtMs)";
  const isOrdinary = ofSecret ? "" : " AND attribute_not_exists(holdsSecret)";
  const exchange = await table.update<OutgoingItem>({
    key: outgoingKey(messageId, cpId),
    update:
      "SET #state = :state, #response = :response, messageType = :messageType, answeredAtMs = :now, completedAtMs = :now" +
      (isStrict ? ", strict = :strict" : "") +
      (late ? ", late = :true" : ""),
    condition: (late ? isUnanswered : isAwaited) + isOrdinary,
    names: { "#state": "state", "#response": "response" },
    values: {
      ":state": messageType === "CALL_RESULT" ? "answered" : "callError",
      ":response": payloadText(response),
      ":messageType": messageType,
      ":now": atMs,
      ...(isStrict && { ":strict": true }),
      ...(late
        ? { ":true": true }
        : { ":sent": "sent", ":lost": "connectionLost", ":graceSince": atMs - LOSS_GRACE_MS }),
    },
    returning: "ALL_NEW",
  });
  return exchange as OutgoingItem;
}

/** Stores the number of CALLs of a command, if it became known only with the first answer. */
export const countCalls = async (
  table: Table,
  first: Pick<NewExchange, "cpId" | "messageId">,
  callCount: number,
): Promise<void> => {
  await table.update({
    key: outgoingKey(first.messageId, first.cpId),
    update: "SET callCount = :callCount",
    values: { ":callCount": callCount },
  });
};

/**
 * Ends an exchange without an answer, if it stands in the state it is expected in.
 *
 * @returns the exchange as it stands afterwards, undefined where there is none
 */
export async function endExchange(
  table: Table,
  exchange: { readonly cpId: string; readonly messageId: string },
  change: {
    readonly from: ExchangeState;
    readonly to: "timedOut" | "connectionLost" | "failed";
    readonly atMs: number;
    readonly problem?: ProblemDetails;
    /** Only if it went out on this connection. */
    readonly connectionId?: string;
  },
): Promise<OutgoingItem | undefined> {
  const { from, to, atMs, problem, connectionId } = change;
  const { item } = await tryWrite<OutgoingItem>(
    table.update({
      key: outgoingKey(exchange.messageId, exchange.cpId),
      update: `SET #state = :to, completedAtMs = :at${problem ? ", problem = :problem" : ""}`,
      condition: `#state = :from${connectionId ? " AND connectionId = :connectionId" : ""}`,
      names: { "#state": "state" },
      values: {
        ":from": from,
        ":to": to,
        ":at": atMs,
        ...(problem && { ":problem": problem }),
        ...(connectionId && { ":connectionId": connectionId }),
      },
      returning: "ALL_NEW",
    }),
  );
  return item;
}
