import { randomUUID } from "node:crypto";
import { systemClock } from "../../shared/clock.ts";
import { openTable } from "../../shared/store/table.ts";
import { runLane } from "../../shared/webhooks/deliver.ts";
import type { LaneMessage } from "../../shared/webhooks/messages.ts";
import { createPost } from "../../shared/webhooks/post.ts";
import { allowsLoopback, environment } from "../environment.ts";
import { queued } from "../queued.ts";
import { webhookQueue } from "../webhook-queue.ts";

const deps = {
  table: openTable(environment("TABLE_NAME")),
  secrets: openTable(environment("WEBHOOK_SECRET_TABLE_NAME")),
  queue: webhookQueue,
  clock: systemClock,
  newId: randomUUID,
  post: createPost({ clock: systemClock, allowsLoopback: allowsLoopback() }),
};

/** What must be left for another request: its 10 s, and the writes around it. */
const ONE_REQUEST_MS = 15_000;

/** Sends the deliveries of lanes. */
export const handler = queued<LaneMessage>(ONE_REQUEST_MS, (message, mayGoOn) =>
  runLane(deps, message, mayGoOn),
);
