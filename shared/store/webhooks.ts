/**
 * The items of webhooks and their keys. A delivery is one event for one webhook. It waits in a lane: the deliveries of a
 * lane are sent one after the other, and a station has a lane at each webhook. docs/webhooks.md has the picture.
 */

import type { Key, ListKey } from "./keys.ts";

export interface WebhookItem {
  webhookId: string;
  networkId: string;
  /** Distinguishes it from a former webhook of that id: deliveries and secrets are stored under it. */
  uid: string;
  url: string;
  /** Event types, or `*`. */
  events: string[];
  enabled: boolean;
  /** Names the secret in the table of webhook secrets. */
  secretId: string;
  /** Former secrets, which sign, too, until then. Absent: none. */
  previousSecrets?: { secretId: string; untilMs: number }[];
  /** Of what callers write, so that a write can be conditional on it. */
  version: string;
  createdAtMs: number;
  /** Why it was switched off, if the relay did so. */
  disabled?: { reason: DisabledReason; atMs: number };
  /** When attempts began to fail, if none has succeeded since. */
  failingSinceMs?: number;
  /** How many attempts have failed in a row; counted up to the bound from which on the webhook is probed. */
  failures?: number;
  /** Of a webhook that is probed: how many probes have begun, and before when no other one may. */
  probes?: number;
  probeAtMs?: number;
  /** Its secret is being added, or it is being removed: it reads as absent. */
  transition?: "adding" | "removing";
}

/** `gone`: the receiver answered 410; `failing`: every attempt failed for five days. */
export const disabledReasons = ["gone", "failing"] as const;
export type DisabledReason = (typeof disabledReasons)[number];

export const deliveryStates = ["pending", "delivered", "failed"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One request to a receiver. `status` is absent where there was no response. */
export interface DeliveryAttempt {
  atMs: number;
  status?: number;
  error?: string;
  durationMs: number;
}

export interface DeliveryItem {
  deliveryId: string;
  webhookId: string;
  networkId: string;
  uid: string;
  /** Sent as `webhook-id`. */
  eventId: string;
  type: string;
  /** The body, as it is signed and sent. */
  body: string;
  state: DeliveryState;
  attempts: DeliveryAttempt[];
  nextAttemptAtMs?: number;
  /** A caller asked for it: it is sent even if the webhook is switched off. */
  isAskedFor?: true;
  /** How many of the attempts were made before a caller asked for another one. */
  attemptsBefore?: number;
  createdAtMs: number;
  expiresAt: number;
}

/** A lane that has something to do; one that is empty has no item. */
export interface LaneItem {
  /** The run that sends its deliveries. Absent while the lane waits. */
  holder?: string;
  /** Until when the run holds it, or until when it waits. */
  freeAtMs: number;
  /** Counts the messages that met the lane: a run ends only if none came since it looked. */
  wakes: number;
  /** Of a lane that waits: the message that will wake it. */
  chain?: string;
  expiresAt: number;
}

/** The place of a delivery in its lane. */
export interface PendingItem {
  deliveryId: string;
  expiresAt: number;
}

export const webhookKey = (networkId: string, webhookId: string): Key => ({
  pk: `WEBHOOK#${networkId}`,
  sk: webhookId,
});
export const webhooksOf = (networkId: string): string => `WEBHOOKS#${networkId}`;
export const webhookListKey = (networkId: string, webhookId: string): ListKey => ({
  gsi1pk: webhooksOf(networkId),
  gsi1sk: webhookId,
});

/** In a table of its own: docs/webhooks.md. */
export const webhookSecretsKey = (uid: string): Key => ({ pk: `WEBHOOK#${uid}`, sk: "SECRETS" });

export const deliveryKey = (deliveryId: string): Key => ({ pk: `DELIVERY#${deliveryId}`, sk: "DELIVERY" });
export const deliveriesOf = (uid: string): string => `DELIVERIES#${uid}`;
export const deliveryListKey = (uid: string, createdAt: string, deliveryId: string): ListKey => ({
  gsi1pk: deliveriesOf(uid),
  gsi1sk: `${createdAt}#${deliveryId}`,
});

const lanePartition = (uid: string, lane: string): string => `LANE#${uid}#${lane}`;
export const laneKey = (uid: string, lane: string): Key => ({ pk: lanePartition(uid, lane), sk: "LANE" });
export const pendingPrefix = "PENDING#";
/** @param place sorts the deliveries of a lane */
export const pendingKey = (uid: string, lane: string, place: string): Key => ({
  pk: lanePartition(uid, lane),
  sk: `${pendingPrefix}${place}`,
});
