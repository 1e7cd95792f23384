import { v5 } from "uuid";
import { atOnce } from "../at-once.ts";
import { type Table, tryWrite } from "../store/table.ts";
import {
  type DeliveryItem,
  deliveryKey,
  deliveryListKey,
  pendingKey,
  type WebhookItem,
} from "../store/webhooks.ts";
import { expiresAfter, iso } from "../time.ts";
import type { LaneMessage } from "./messages.ts";
import { webhooksOfNetwork } from "./webhooks.ts";

/** An event as it is published. */
export interface PublishedEvent {
  readonly eventId: string;
  readonly type: string;
  readonly networkId: string;
  /** Absent: it is about no station. */
  readonly cpId?: string | undefined;
  readonly at: Date;
  /** Sorts the events of a station. */
  readonly place: string;
  /** JSON. */
  readonly data: string;
}

export interface FanOutDeps {
  readonly table: Table;
  readonly clock: { now(): number };
  readonly logDays: number;
}

/** The lane of events that are about no station. */
const NETWORK_LANE = "network";

/** How many writes are under way at once. */
const AT_ONCE = 25;

/** The body of a request, by Standard Webhooks: type, timestamp, data. */
const bodyOf = ({ type, at, data }: PublishedEvent): string =>
  `{"type":${JSON.stringify(type)},"timestamp":"${at.toISOString()}","data":${data}}`;

const isWanted = ({ enabled, events }: WebhookItem, type: string): boolean =>
  enabled && (events.includes("*") || events.includes(type));

/**
 * Stores a delivery for each event and each webhook that wants it. Stored again, an event makes no second delivery.
 * Deliveries of one lane are stored one after the other: a run of the lane must not meet the second one before the
 * first one is there.
 *
 * @returns the lanes that have something to do
 */
export async function storeDeliveries(
  deps: FanOutDeps,
  events: readonly PublishedEvent[],
): Promise<LaneMessage[]> {
  const networkIds = [...new Set(events.map(({ networkId }) => networkId))];
  const webhooks = new Map<string, WebhookItem[]>();
  await atOnce(AT_ONCE, networkIds, async (networkId) => {
    webhooks.set(networkId, await webhooksOfNetwork(deps.table, networkId));
  });
  const wanted = events.flatMap((event) =>
    (webhooks.get(event.networkId) ?? [])
      .filter((webhook) => isWanted(webhook, event.type))
      .map((webhook) => ({ event, webhook, lane: event.cpId ?? NETWORK_LANE })),
  );
  const lanes = [...Map.groupBy(wanted, ({ webhook: { uid }, lane }) => `${uid}/${lane}`).values()];
  await atOnce(AT_ONCE, lanes, async (each) => {
    for (const { event, webhook, lane } of each) await storeDelivery(deps, event, { webhook, lane });
  });
  return lanes.flatMap(([first]) => {
    if (!first) return [];
    const { networkId, webhookId, uid } = first.webhook;
    return [{ networkId, webhookId, uid, lane: first.lane }];
  });
}

/** Stores one delivery, and its place in the lane. */
export async function storeDelivery(
  { table, clock, logDays }: FanOutDeps,
  event: PublishedEvent,
  {
    webhook,
    lane,
    ...about
  }: { readonly webhook: WebhookItem; readonly lane: string } & Partial<
    Pick<DeliveryItem, "deliveryId" | "isAskedFor">
  >,
): Promise<DeliveryItem> {
  const { networkId, webhookId, uid } = webhook;
  const { eventId, type, place } = event;
  const createdAtMs = clock.now();
  const delivery: DeliveryItem = {
    deliveryId: v5(eventId, uid),
    webhookId,
    networkId,
    uid,
    eventId,
    type,
    body: bodyOf(event),
    state: "pending",
    attempts: [],
    createdAtMs,
    expiresAt: expiresAfter(createdAtMs, logDays),
    ...about,
  };
  const { deliveryId, expiresAt } = delivery;
  const item = {
    ...deliveryKey(deliveryId),
    ...deliveryListKey(uid, iso(createdAtMs), deliveryId),
    ...delivery,
  };
  const { applied, item: before } = await tryWrite<DeliveryItem>(table.put(item, "attribute_not_exists(pk)"));
  if (applied || before?.state === "pending")
    await table.put({ ...pendingKey(uid, lane, place), deliveryId, expiresAt });
  return applied ? delivery : (before ?? delivery);
}
