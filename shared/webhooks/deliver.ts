/**
 * Sends the deliveries of a lane, the oldest first. What the function behind the queue does with a message.
 *
 * The order of the writes makes each delivery at least once: the outcome is stored after the request, the place in the
 * lane is removed after the outcome, the message of the queue after both. A function that dies in between sends again.
 */

import { TEST_EVENT } from "../event-types.ts";
import { addLogKeys, logger } from "../logger.ts";
import { count } from "../metrics.ts";
import type { Key } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import {
  type DeliveryItem,
  deliveryKey,
  laneKey,
  type PendingItem,
  pendingKey,
  pendingPrefix,
  type WebhookItem,
  webhookSecretsKey,
} from "../store/webhooks.ts";
import {
  delayFor,
  dropLane,
  enterLane,
  type HeldLane,
  type LaneDeps,
  leaveLane,
  passLaneOn,
  waitInLane,
} from "./lane.ts";
import type { LaneMessage } from "./messages.ts";
import type { Post, Posted } from "./post.ts";
import { noteFailure, noteSuccess, takeTurn } from "./probe.ts";
import { MAX_FAILING_MS, pauseAfter } from "./schedule.ts";
import { signatureHeaders } from "./secret.ts";
import { disableWebhook, findWebhook } from "./webhooks.ts";

export interface DeliverDeps extends LaneDeps {
  /** The table of webhook secrets. */
  readonly secrets: Table;
  readonly post: Post;
}

type Pending = PendingItem & Key;

/** What became of a delivery: it has ended, or it is due again later. */
type Outcome =
  | { readonly isDelivered: boolean }
  | {
      readonly againAtMs: number;
      /** Whether the event may be what the receiver cannot take. */
      readonly isOfEvent: boolean;
      /** Which probe in a row the attempt was, 0 for none. */
      readonly probe: number;
    };

/** How many places of a lane one read returns. */
const READ = 10;

/** @param mayGoOn whether there is time for another request */
export async function runLane(
  deps: DeliverDeps,
  message: LaneMessage,
  mayGoOn: () => boolean,
): Promise<void> {
  addLogKeys({ webhookId: message.webhookId });
  const entered = await enterLane(deps, message);
  if (!entered) return;
  try {
    await sendAll(deps, entered, mayGoOn);
  } catch (error) {
    await dropLane(deps, entered).catch((failure) => logger.warn("the lane is not free", failure));
    throw error;
  }
}

async function sendAll(deps: DeliverDeps, entered: HeldLane, mayGoOn: () => boolean): Promise<void> {
  const { uid, lane: name } = entered.message;
  for (let lane: HeldLane | undefined = entered; lane; ) {
    const waiting = await deps.table.partition<Pending>(laneKey(uid, name).pk, pendingPrefix, READ);
    if (waiting.length === 0) {
      lane = await leaveLane(deps, lane);
      continue;
    }
    for (const [n, pending] of waiting.entries()) {
      if (!mayGoOn()) return passLaneOn(deps, lane);
      const outcome = await send(deps, lane.message, pending);
      if ("isDelivered" in outcome) continue;
      const next = waiting[n + 1];
      if (!outcome.isOfEvent || !next || !mayGoOn()) return waitInLane(deps, lane, outcome.againAtMs);
      const { againAtMs: notBeforeMs, probe } = outcome;
      const second = await send(deps, lane.message, next, { notBeforeMs, probe });
      if (!("isDelivered" in second) || !second.isDelivered) return waitInLane(deps, lane, notBeforeMs);
      await setAside(deps, lane.message, pending, outcome.againAtMs);
      break;
    }
  }
}

/**
 * Moves a delivery to a lane of its own: the receiver accepts others, so that this one must not hold them up any
 * longer.
 */
async function setAside(
  { table, queue, clock }: DeliverDeps,
  { chain: _, ...message }: LaneMessage,
  { pk, sk, deliveryId, expiresAt }: Pending,
  againAtMs: number,
): Promise<void> {
  const lane = deliveryId;
  await table.put({ ...pendingKey(message.uid, lane, "0"), deliveryId, expiresAt });
  await queue.send([{ ...message, lane }], delayFor(againAtMs - clock.now()));
  await table.delete({ pk, sk });
}

interface Second {
  /** When the lane will be due again if this one fails, too. */
  readonly notBeforeMs: number;
  /** Of the attempt before. */
  readonly probe: number;
}

/** Sends one delivery, if it is due and the webhook may be tried. @param second for the one after a failure */
async function send(
  deps: DeliverDeps,
  { networkId, webhookId, uid }: LaneMessage,
  pending: Pending,
  second: Second = { notBeforeMs: 0, probe: 0 },
): Promise<Outcome> {
  const { table, clock } = deps;
  const delivery = await table.get<DeliveryItem>(deliveryKey(pending.deliveryId));
  const webhook = await findWebhook(table, networkId, webhookId);
  if (delivery?.state !== "pending" || webhook?.uid !== uid) {
    await table.delete({ pk: pending.pk, sk: pending.sk });
    return { isDelivered: false };
  }
  addLogKeys({ deliveryId: delivery.deliveryId });
  const { nextAttemptAtMs = 0, isAskedFor = false } = delivery;
  if (nextAttemptAtMs > clock.now()) return { againAtMs: nextAttemptAtMs, isOfEvent: false, probe: 0 };
  if (!webhook.enabled && !isAskedFor) return conclude(deps, pending, delivery, "failed");
  const isOwnTurn = isAskedFor || second.probe > 0;
  const turn = isOwnTurn
    ? { mayPost: true as const, probe: second.probe }
    : await takeTurn(table, webhook, clock.now());
  if (!turn.mayPost) return { againAtMs: turn.againAtMs, isOfEvent: false, probe: 0 };
  const { probe } = turn;
  const atMs = clock.now();
  const posted = await postTo(deps, webhook, delivery, atMs);
  const attempted = { ...delivery, attempts: [...delivery.attempts, { atMs, ...posted }] };
  if (isSuccess(posted)) {
    await noteSuccess(table, webhook);
    return conclude(deps, pending, attempted, "delivered");
  }
  count("webhookAttemptsFailed");
  logger.warn("a receiver did not accept a delivery", { status: posted.status, error: posted.error });
  const mayComeAgain = await afterFailure(deps, webhook, attempted, { posted, probe });
  if (!mayComeAgain) return conclude(deps, pending, attempted, "failed");
  const failures = attempted.attempts.length - (delivery.attemptsBefore ?? 0);
  const againAtMs = Math.max(clock.now() + pauseAfter(failures), second.notBeforeMs);
  await store(deps, { ...attempted, nextAttemptAtMs: againAtMs });
  return { againAtMs, isOfEvent: isRefusal(posted) || failures >= FAILURES_OF_EVENT, probe };
}

const isSuccess = ({ status = 0 }: Posted): boolean => status >= 200 && status < 300;

/** After so many failures in a row the event may be what the receiver cannot take. */
const FAILURES_OF_EVENT = 3;

/** Statuses by which a receiver refuses this request, and may accept another one. */
const isRefusal = ({ status = 0 }: Posted): boolean =>
  status >= 400 && status < 500 && ![408, 425, 429].includes(status);

async function postTo(
  { secrets, post }: DeliverDeps,
  { uid, url, secretId, previousSecrets = [] }: WebhookItem,
  { eventId, body }: DeliveryItem,
  atMs: number,
): Promise<Posted> {
  const stored = await secrets.get<Record<string, string>>(webhookSecretsKey(uid));
  const former = previousSecrets.filter(({ untilMs }) => untilMs > atMs);
  const signing = [secretId, ...former.map((each) => each.secretId)].flatMap((id) => stored?.[id] ?? []);
  if (signing.length === 0) throw new Error("the webhook has no secret");
  return post(url, signatureHeaders(signing, { eventId, body, atMs }), body);
}

/** Switches the webhook off where that is due. @returns whether the delivery is to be sent again */
async function afterFailure(
  { table, clock }: DeliverDeps,
  webhook: WebhookItem,
  { type, attempts, attemptsBefore = 0 }: DeliveryItem,
  { posted, probe }: { readonly posted: Posted; readonly probe: number },
): Promise<boolean> {
  const now = clock.now();
  const disable = async (reason: "gone" | "failing") => {
    if (await disableWebhook(table, webhook, reason, now)) count("webhooksDisabled");
    return false;
  };
  if (posted.status === 410) return disable("gone");
  if (type === TEST_EVENT) return false;
  const { failingSinceMs = now } = webhook;
  await noteFailure(table, webhook, { now, isRefusal: isRefusal(posted), probe });
  if (now - failingSinceMs >= MAX_FAILING_MS) return disable("failing");
  const [first] = attempts.slice(attemptsBefore);
  return webhook.enabled && now - (first?.atMs ?? now) < MAX_FAILING_MS;
}

async function conclude(
  deps: DeliverDeps,
  { pk, sk }: Pending,
  { nextAttemptAtMs: _, ...delivery }: DeliveryItem,
  state: "delivered" | "failed",
): Promise<Outcome> {
  await store(deps, { ...delivery, state });
  await deps.table.delete({ pk, sk });
  return { isDelivered: state === "delivered" };
}

/** Whole attempts are written, so that a write that the SDK repeats adds nothing. */
async function store({ table }: DeliverDeps, delivery: DeliveryItem): Promise<void> {
  const { deliveryId, state, attempts, nextAttemptAtMs } = delivery;
  await tryWrite(
    table.update({
      key: deliveryKey(deliveryId),
      update: `SET #state = :state, attempts = :attempts${
        nextAttemptAtMs === undefined ? " REMOVE nextAttemptAtMs" : ", nextAttemptAtMs = :next"
      }`,
      condition: "attribute_exists(pk)",
      names: { "#state": "state" },
      values: {
        ":state": state,
        ":attempts": attempts,
        ...(nextAttemptAtMs !== undefined && { ":next": nextAttemptAtMs }),
      },
    }),
  );
}
