import type { WebhookQueue } from "../shared/webhooks/messages.ts";
import { environment } from "./environment.ts";
import { sendMessages } from "./send-messages.ts";

/** The queue of webhook deliveries. */
export const webhookQueue: WebhookQueue = {
  send: (messages, delaySeconds = 0) =>
    sendMessages(environment("WEBHOOK_QUEUE_URL"), messages, delaySeconds),
};
