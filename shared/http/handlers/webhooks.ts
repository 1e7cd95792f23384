import { Problem } from "../../problems.ts";
import type { DeliveryItem, WebhookItem } from "../../store/webhooks.ts";
import {
  type AskDeps,
  deliveryResource,
  listDeliveries,
  readDelivery,
  redeliver,
  sendTestEvent,
} from "../../webhooks/deliveries.ts";
import { deleteWebhook } from "../../webhooks/remove.ts";
import { checkTarget } from "../../webhooks/target.ts";
import {
  listWebhooks,
  putWebhook,
  readWebhook,
  type WebhookDeps,
  webhookResource,
} from "../../webhooks/webhooks.ts";
import type { ApiResponse, Handlers } from "../api.ts";
import { etagOf, preconditionOf } from "../if-match.ts";
import type { webhookRoutes } from "../routes/webhooks.ts";
import { READ_MS } from "../search-of.ts";

type Deps = WebhookDeps & AskDeps & { readonly allowsLoopback: boolean };

/** What serves the routes of webhooks. */
export function webhookHandlers(deps: Deps): Handlers<typeof webhookRoutes> {
  const { table, clock, allowsLoopback } = deps;

  const accepted = ({ webhookId }: WebhookItem, delivery: DeliveryItem): ApiResponse => ({
    status: 202,
    headers: { Location: `/webhooks/${webhookId}/deliveries/${delivery.deliveryId}` },
    body: deliveryResource(delivery),
  });

  return {
    putWebhook: async ({ params: { webhookId }, query, headers, body, caller }) => {
      const precondition = preconditionOf(headers["if-match"]);
      const networkId = await caller.networkFor(query.network);
      const { events, enabled = true, secret } = body;
      const target = checkTarget(body.url, { allowsLoopback });
      if (typeof target === "string") throw invalidUrl(target);
      const settings = { url: body.url, events, enabled, secret };
      const written = await putWebhook(deps, { networkId, webhookId }, settings, precondition);
      const generated = written.secret === undefined ? {} : { secret: written.secret };
      return {
        status: written.isNew ? 201 : 200,
        headers: etagOf(written.webhook.version),
        body: { ...webhookResource(written.webhook, clock.now()), ...generated },
      };
    },

    getWebhook: async ({ params: { webhookId }, query, caller }) => {
      const webhook = await readWebhook(table, await caller.networkFor(query.network), webhookId);
      return {
        status: 200,
        headers: etagOf(webhook.version),
        body: webhookResource(webhook, clock.now()),
      };
    },

    deleteWebhook: async ({ params: { webhookId }, query, headers, caller }) => {
      const precondition = preconditionOf(headers["if-match"]);
      await deleteWebhook(deps, await caller.networkFor(query.network), webhookId, precondition);
      return { status: 204 };
    },

    listWebhooks: async ({ query: { network, ...query }, caller }) => {
      const networkId = await caller.networkFor(network);
      return { status: 200, body: await listWebhooks(table, networkId, query, clock.now()) };
    },

    testWebhook: async ({ params: { webhookId }, query, caller, idempotency }) => {
      const webhook = await readWebhook(table, await caller.networkFor(query.network), webhookId);
      return accepted(webhook, await sendTestEvent(deps, webhook, idempotency?.id ?? deps.newId()));
    },

    listDeliveries: async ({ params: { webhookId }, query: { network, ...query }, caller, remainingMs }) => {
      const webhook = await readWebhook(table, await caller.networkFor(network), webhookId);
      const mayGoOn = () => remainingMs() > READ_MS;
      return { status: 200, body: await listDeliveries(table, webhook, { ...query, mayGoOn }) };
    },

    getDelivery: async ({ params: { webhookId, deliveryId }, query, caller }) => {
      const webhook = await readWebhook(table, await caller.networkFor(query.network), webhookId);
      return { status: 200, body: deliveryResource(await readDelivery(table, webhook, deliveryId)) };
    },

    redeliver: async ({ params: { webhookId, deliveryId }, query, caller }) => {
      const webhook = await readWebhook(table, await caller.networkFor(query.network), webhookId);
      return accepted(
        webhook,
        await redeliver(deps, webhook, await readDelivery(table, webhook, deliveryId)),
      );
    },
  };
}

const invalidUrl = (detail: string): Problem =>
  new Problem("invalid-request", "The address of the webhook is not valid; see `errors`.", {
    errors: [{ pointer: "/url", detail }],
  });
