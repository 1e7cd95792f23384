import type { Clock } from "../clock.ts";
import { countTimeout, enteredAtMs, roundTripsOf } from "../limits/lane.ts";
import { count } from "../metrics.ts";
import { FRAME_LIMIT, writeCall } from "../ocpp/frame.ts";
import { readAnswer } from "../ocpp/read-answer.ts";
import { holdsSecret, maskSecrets } from "../ocpp/secrets.ts";
import { Problem } from "../problems.ts";
import { listed } from "../schema/validate.ts";
import type { OutgoingItem, RequestedBy } from "../store/items.ts";
import { type PayloadText, payloadOf } from "../store/payload.ts";
import { ConditionFailed, type Table } from "../store/table.ts";
import { endConnection } from "./connection.ts";
import {
  claimQueued,
  endExchange,
  isOfRequest,
  LOSS_GRACE_MS,
  type NewExchange,
  readExchange,
  storeSent,
} from "./exchange.ts";
import { problemOf } from "./outcome.ts";
import { untilLook } from "./pace.ts";
import type { Connections } from "./post.ts";
import { abandonLane, type ConnectedStation, notConnected } from "./wait-for-lane.ts";

export interface CallDeps {
  readonly table: Table;
  /** The table of password hashes; only where a CALL may give a station a password. */
  readonly passwords?: Table;
  readonly connections: Connections;
  readonly clock: Clock;
  /** How many days the communication log is kept. */
  readonly logDays: number;
}

/** One CALL, ready to be sent. */
export interface Call {
  readonly messageId: string;
  readonly commandId: string;
  readonly command: string;
  readonly action: string;
  readonly payload: object;
  readonly requestedAtMs: number;
  readonly deadlineMs: number;
  readonly callCount?: number;
  readonly report?: "awaited";
  readonly idempotencyId?: string;
  readonly requestedBy?: RequestedBy;
  readonly bulkId?: string;
}

/** An answer as far as it can be read; secrets masked. */
export type AnswerPayload = Readonly<Record<string, unknown>>;

/** The CALL was sent already: by an earlier run of the same function, or by a repeat of the same request. */
export class AlreadySent extends Error {
  override readonly name = "AlreadySent";
}

/**
 * Refuses a frame that API Gateway would not carry: more than 32 KB in one frame closes the connection.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
 */
export function frameOf(call: Pick<Call, "messageId" | "action" | "payload">): string {
  const frame = writeCall(call.messageId, call.action, call.payload);
  const bytes = Buffer.byteLength(frame);
  if (bytes > FRAME_LIMIT)
    throw new Problem(
      "payload-too-large",
      `The ${call.action} frame would have ${bytes} bytes; the maximum is ${FRAME_LIMIT}. Nothing was sent.`,
      { bytes, limit: FRAME_LIMIT },
    );
  return frame;
}

/** What is stored of a CALL before it is sent. */
export const exchangeOf = (call: Call, station: { cpId: string; networkId: string }): NewExchange => {
  const { payload, ...about } = call;
  return {
    ...about,
    cpId: station.cpId,
    networkId: station.networkId,
    request: maskSecrets(call.action, payload),
    ...(holdsSecret(call.action, payload) && { holdsSecret: true }),
  };
};

/**
 * Sends a CALL that is at the head of the lane. After any failure to send, the CALL leaves the lane, and its exchange
 * is marked as failed if it was stored.
 *
 * @param queued whether the exchange was stored as queued before
 * @throws Problem `payload-too-large`, `message-id-reused`, `station-not-connected`
 * @throws AlreadySent if an earlier run or a repeat of the same request sent it
 */
export async function sendCall(
  deps: CallDeps,
  station: ConnectedStation,
  call: Call,
  queued: boolean,
): Promise<void> {
  const { table, clock } = deps;
  const exchange = exchangeOf(call, station);
  const on = { connectionId: station.connection.connectionId, protocol: station.connection.protocol };
  try {
    const frame = frameOf(call);
    if (queued) await claimQueued(table, exchange, on, clock.now());
    else await storeSent(table, exchange, on, clock.now(), deps.logDays);

    const problem = await post(deps, station, frame);
    if (problem) {
      const change = { from: "sent", to: "failed", atMs: clock.now(), problem: problem.toDetails() } as const;
      await endExchange(table, exchange, change);
      if (problem.slug === "station-not-connected") {
        count("zombies");
        await endConnection(deps, station.cpId, on.connectionId);
      }
      throw problem;
    }
  } catch (error) {
    await abandonLane(table, station.cpId, call.messageId);
    if (!(error instanceof ConditionFailed)) throw error;
    const before = error.item as OutgoingItem | undefined;
    if (queued || (before && isOfRequest(before, call.idempotencyId))) throw new AlreadySent(call.messageId);
    throw messageIdReused(call.messageId);
  }
}

/**
 * A connection this young may still be in its $connect, where API Gateway answers 410: what is sent because
 * a station has connected comes just then, and $connect has a cold start. A mistake here would end a
 * connection that lives.
 */
const YOUNG_MS = 5_000;

/**
 * Posts the frame, again only where it was certainly not sent: while the connection is being made, and up to
 * five times while the management API throttles.
 *
 * @returns why it was certainly not sent; undefined where it was, or may have been
 */
async function post(deps: CallDeps, station: ConnectedStation, frame: string): Promise<Problem | undefined> {
  const { table, connections, clock } = deps;
  const { connectionId, connectedAtMs } = station.connection;
  let outcome = await connections.post(connectionId, frame);
  while (outcome === "gone" && clock.now() - connectedAtMs < YOUNG_MS) {
    await clock.sleep(250);
    outcome = await connections.post(connectionId, frame);
  }
  for (let tries = 1; outcome === "throttled" && tries <= 5; tries++) {
    await clock.sleep(50 * 2 ** tries);
    outcome = await connections.post(connectionId, frame);
  }
  switch (outcome) {
    case "gone":
      return notConnected(table, station);
    case "throttled":
      return new Problem("internal", "API Gateway throttled the message; it was not sent.");
    case "refused":
      return new Problem("internal", "API Gateway refused the message; it was not sent.");
    default:
      return undefined;
  }
}

export const messageIdReused = (messageId: string): Problem =>
  new Problem("message-id-reused", `The message id ${messageId} was already used for this station.`);

/**
 * Waits for the answer to a CALL that was sent.
 *
 * @throws Problem `station-call-error`, `invalid-station-answer`, `connection-lost`, `station-timeout`
 */
export async function awaitAnswer(
  deps: Pick<CallDeps, "table" | "clock">,
  station: ConnectedStation,
  call: Call,
): Promise<AnswerPayload> {
  const { clock } = deps;
  const exchange = await awaitEnd(deps, station, call);
  const problem = problemOf(exchange, clock.now());
  if (problem) throw problem;
  const response = payloadOf(exchange.response as PayloadText);
  const { protocol } = station.connection;
  const { payload, violations } = await readAnswer(protocol, call.action, response, exchange.strict);
  if (payload) return payload;
  const { usable: _, ...unusable } = exchange;
  throw problemOf({ ...unusable, violations: listed(violations) }, clock.now());
}

/** Whether nothing better can come: an answer may still be on its way when its connection is gone already. */
const hasEnded = ({ state, completedAtMs = 0 }: OutgoingItem, now: number): boolean =>
  state !== "sent" &&
  state !== "queued" &&
  (state !== "connectionLost" || now >= completedAtMs + LOSS_GRACE_MS);

/** Waits until a CALL that was sent has been answered, in whatever way, or is not waited for any more. */
export async function awaitEnd(
  { table, clock }: Pick<CallDeps, "table" | "clock">,
  station: ConnectedStation,
  { messageId, deadlineMs }: Call,
): Promise<OutgoingItem> {
  const { cpId } = station;
  const entry = station.lane.find((entry) => entry.messageId === messageId);
  const outSince = entry ? enteredAtMs(entry) : clock.now();
  const roundTrips = roundTripsOf(station);
  for (let now = clock.now(); now < deadlineMs; now = clock.now()) {
    await clock.sleep(Math.min(untilLook(roundTrips, now - outSince), deadlineMs - now));
    const exchange = await readExchange(table, cpId, messageId);
    if (exchange && hasEnded(exchange, clock.now())) return exchange;
  }
  const timedOut = { from: "sent", to: "timedOut", atMs: clock.now() } as const;
  const [ended] = await Promise.all([
    endExchange(table, { cpId, messageId }, timedOut),
    countTimeout(table, cpId),
  ]);
  if (!ended) throw new Error(`the exchange ${messageId} has gone from the table`);
  return ended;
}
