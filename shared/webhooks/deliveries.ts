/** The deliveries of a webhook, as API clients read them and ask for them. */

import { TEST_EVENT } from "../event-types.ts";
import { notFound } from "../problems.ts";
import type { Key, ListKey } from "../store/keys.ts";
import { type CursorPage, readPage } from "../store/page.ts";
import { type Table, tryWrite } from "../store/table.ts";
import {
  type DeliveryItem,
  type DeliveryState,
  deliveriesOf,
  deliveryKey,
  pendingKey,
  type WebhookItem,
} from "../store/webhooks.ts";
import { iso } from "../time.ts";
import { type FanOutDeps, storeDelivery } from "./fan-out.ts";
import type { WebhookQueue } from "./messages.ts";

export interface DeliveryResource {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly type: string;
  readonly state: DeliveryState;
  readonly createdAt: string;
  readonly attempts: readonly {
    readonly at: string;
    readonly status?: number;
    readonly error?: string;
    readonly durationMs: number;
  }[];
  readonly nextAttemptAt?: string;
}

export const deliveryResource = (delivery: DeliveryItem): DeliveryResource => {
  const { deliveryId, eventId, type, state, createdAtMs, attempts, nextAttemptAtMs } = delivery;
  return {
    deliveryId,
    eventId,
    type,
    state,
    createdAt: iso(createdAtMs),
    attempts: attempts.map(({ atMs, ...attempt }) => ({ at: iso(atMs), ...attempt })),
    ...(nextAttemptAtMs !== undefined && { nextAttemptAt: iso(nextAttemptAtMs) }),
  };
};

/** How many deliveries one request looks at for a filter. */
const MAX_LOOKED_AT = 2000;

/** A page of a webhook's deliveries, newest first. A page of few matches ends early, with a cursor. */
export async function listDeliveries(
  table: Table,
  { uid }: WebhookItem,
  {
    state,
    ...query
  }: {
    readonly state?: DeliveryState | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
    readonly mayGoOn: () => boolean;
  },
): Promise<CursorPage<DeliveryResource>> {
  const { items, ...page } = await readPage<DeliveryItem & Key & ListKey>(table, {
    partition: deliveriesOf(uid),
    newestFirst: true,
    ...query,
    ...(state !== undefined && {
      keep: (delivery) => delivery.state === state,
      most: MAX_LOOKED_AT,
    }),
  });
  return { items: items.map(deliveryResource), ...page };
}

/** @throws Problem `not-found` for a delivery that does not exist, or is another webhook's */
export async function readDelivery(
  table: Table,
  { uid }: WebhookItem,
  deliveryId: string,
): Promise<DeliveryItem> {
  const delivery = await table.get<DeliveryItem>(deliveryKey(deliveryId));
  if (delivery?.uid !== uid) throw notFound("delivery");
  return delivery;
}

export interface AskDeps extends FanOutDeps {
  readonly queue: WebhookQueue;
}

/**
 * Sends a test event, also to a webhook that is switched off. It is not repeated.
 *
 * @param id of the request: a repeat of it is the same delivery
 */
export async function sendTestEvent(deps: AskDeps, webhook: WebhookItem, id: string): Promise<DeliveryItem> {
  const { networkId, webhookId, uid } = webhook;
  const eventId = `${id}-${TEST_EVENT}`;
  const at = new Date(deps.clock.now());
  const data = JSON.stringify({ eventId, networkId, webhookId });
  const delivery = await storeDelivery(
    deps,
    { eventId, type: TEST_EVENT, networkId, at, place: "0", data },
    { webhook, lane: id, deliveryId: id, isAskedFor: true },
  );
  await deps.queue.send([{ networkId, webhookId, uid, lane: id }]);
  return delivery;
}

/** Sends a delivery again at once, whatever became of it, in a lane of its own. Its schedule begins anew. */
export async function redeliver(
  { table, queue }: AskDeps,
  { networkId, webhookId, uid }: WebhookItem,
  { deliveryId, attempts, expiresAt }: DeliveryItem,
): Promise<DeliveryItem> {
  const { item } = await tryWrite<DeliveryItem>(
    table.update<DeliveryItem>({
      key: deliveryKey(deliveryId),
      update: "SET #state = :pending, isAskedFor = :yes, attemptsBefore = :before REMOVE nextAttemptAtMs",
      condition: "uid = :uid",
      returning: "ALL_NEW",
      names: { "#state": "state" },
      values: { ":pending": "pending", ":yes": true, ":before": attempts.length, ":uid": uid },
    }),
  );
  if (!item) throw notFound("delivery");
  const lane = deliveryId;
  await table.put({ ...pendingKey(uid, lane, "0"), deliveryId, expiresAt });
  await queue.send([{ networkId, webhookId, uid, lane }]);
  return item;
}
