import { randomUUID } from "node:crypto";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { systemClock } from "../../shared/clock.ts";
import { logger, withLogKeys } from "../../shared/logger.ts";
import { count } from "../../shared/metrics.ts";
import { observed } from "../../shared/observed.ts";
import { openTable } from "../../shared/store/table.ts";
import { runLane } from "../../shared/webhooks/deliver.ts";
import type { LaneMessage } from "../../shared/webhooks/messages.ts";
import { createPost } from "../../shared/webhooks/post.ts";
import { allowsLoopback, environment } from "../environment.ts";
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

/** Sends the deliveries of lanes, those of a batch concurrently. A lane that fails comes again. */
export const handler = observed((_event: SQSEvent, _context: Context) => ({}), handle);

async function handle({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const mayGoOn = () => context.getRemainingTimeInMillis() > ONE_REQUEST_MS;
  const failed = await Promise.all(
    Records.map(({ messageId, body }) =>
      withLogKeys({}, async () => {
        try {
          await runLane(deps, JSON.parse(body) as LaneMessage, mayGoOn);
          return [];
        } catch (error) {
          count("backgroundFailed");
          logger.error("failed", error as Error);
          return [{ itemIdentifier: messageId }];
        }
      }),
    ),
  );
  return { batchItemFailures: failed.flat() };
}
