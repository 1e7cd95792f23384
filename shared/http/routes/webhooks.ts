import { SECRET_PATTERN } from "../../webhooks/secret-pattern.ts";
import { etagHeader, ifMatch } from "../if-match.ts";
import type { Route } from "../route.ts";
import { Delivery, idempotencyHeader, listOf, network, paging, Webhook, WebhookId } from "../schemas.ts";

const webhook = "/webhooks/{webhookId}";
const params = { webhookId: WebhookId } as const;
const location = { Location: { type: "string", description: "The address of the delivery." } } as const;

/** Webhooks of a network, and their deliveries. */
export const webhookRoutes = [
  {
    operationId: "putWebhook",
    method: "PUT",
    path: webhook,
    scopes: ["write:webhooks"],
    summary: "Create or replace a webhook",
    description:
      "Events of the network are sent to `url`, signed by the scheme of Standard Webhooks. Without `secret`, a new webhook gets a generated one, which is returned only once, and an existing webhook keeps its secret. Another `secret` replaces the stored one; for 24 h both sign. The address must be public and begin with `https://`; its port is 443, or one from 1024.",
    params,
    query: network,
    headers: ifMatch,
    secrets: ["secret"],
    body: {
      type: "object",
      properties: {
        url: { type: "string", minLength: 1, maxLength: 2000, description: "Where events are sent." },
        events: Webhook.properties.events,
        secret: {
          type: "string",
          pattern: SECRET_PATTERN,
          description: "`whsec_` and 24 to 64 random bytes in Base64.",
        },
        enabled: { type: "boolean", default: true, description: "Whether events are sent." },
      },
      required: ["url", "events"],
      additionalProperties: false,
      examples: [
        {
          url: "https://events.example.com/ocpp",
          events: ["command.completed", "transaction.ended"],
        },
      ],
    },
    responses: {
      200: { description: "The updated webhook.", schema: Webhook, headers: etagHeader },
      201: { description: "The created webhook.", schema: Webhook, headers: etagHeader },
    },
    problems: ["not-found", "precondition-failed", "too-many-webhooks"],
  },
  {
    operationId: "getWebhook",
    method: "GET",
    path: webhook,
    scopes: ["read:webhooks"],
    summary: "Read a webhook",
    description: "Returns a webhook of the network, without its secret.",
    query: network,
    responses: { 200: { description: "The webhook.", schema: Webhook, headers: etagHeader } },
    problems: ["not-found"],
  },
  {
    operationId: "deleteWebhook",
    method: "DELETE",
    path: webhook,
    scopes: ["write:webhooks"],
    summary: "Delete a webhook",
    description: "No further attempt is made, and its deliveries can no longer be read.",
    query: network,
    headers: ifMatch,
    responses: { 204: { description: "It is gone.", schema: null } },
    problems: ["not-found", "precondition-failed"],
  },
  {
    operationId: "listWebhooks",
    method: "GET",
    path: "/webhooks",
    scopes: ["read:webhooks"],
    summary: "List the webhooks of a network",
    description: "Returns the webhooks of the network by their ids. A network has 20 at most.",
    query: { ...network, ...paging },
    responses: { 200: { description: "Webhooks, by id.", schema: listOf(Webhook) } },
    problems: ["not-found"],
  },
  {
    operationId: "testWebhook",
    method: "POST",
    path: `${webhook}/test`,
    scopes: ["write:webhooks"],
    summary: "Send a test event",
    description:
      "Sends an event of the type `webhook.test` to this webhook, even if it is switched off. There is one attempt. Read its outcome at `Location`.",
    query: network,
    headers: idempotencyHeader,
    responses: { 202: { description: "The delivery.", schema: Delivery, headers: location } },
    problems: ["not-found", "idempotency-key-reused"],
  },
  {
    operationId: "listDeliveries",
    method: "GET",
    path: `${webhook}/deliveries`,
    scopes: ["read:webhooks"],
    summary: "List the deliveries of a webhook, newest first",
    description:
      "Returns the deliveries of the webhook with their attempts. They are stored as long as the communication log. One request looks at 2,000 deliveries at most: a page with `state` may have fewer items than `limit`, or none, and still a `nextCursor`.",
    query: { ...network, ...paging, state: Delivery.properties.state },
    responses: { 200: { description: "Deliveries, newest first.", schema: listOf(Delivery) } },
    problems: ["not-found"],
  },
  {
    operationId: "getDelivery",
    method: "GET",
    path: `${webhook}/deliveries/{deliveryId}`,
    scopes: ["read:webhooks"],
    summary: "Read a delivery",
    description: "Returns a delivery with its attempts.",
    query: network,
    responses: { 200: { description: "The delivery.", schema: Delivery } },
    problems: ["not-found"],
  },
  {
    operationId: "redeliver",
    method: "POST",
    path: `${webhook}/deliveries/{deliveryId}/redeliver`,
    scopes: ["write:webhooks"],
    summary: "Send a delivery again",
    description:
      "Sends the event again at once, with the same `webhook-id`, whatever became of the delivery. If the attempt fails, the schedule of attempts begins anew. A webhook that is switched off gets one attempt.",
    query: network,
    headers: idempotencyHeader,
    responses: { 202: { description: "The delivery.", schema: Delivery, headers: location } },
    problems: ["not-found", "idempotency-key-reused"],
  },
] as const satisfies readonly Route[];
