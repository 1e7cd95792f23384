import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { BulkMessage } from "../../shared/bulk/messages.ts";
import { runBulkMessage } from "../../shared/bulk/run.ts";
import { logger, withLogKeys } from "../../shared/logger.ts";
import { count } from "../../shared/metrics.ts";
import { observed } from "../../shared/observed.ts";
import { bulkQueue } from "../bulk-queue.ts";
import { commandDeps } from "../command-deps.ts";

const deps = { ...commandDeps(), queue: bulkQueue };

/** What must be left for another station: its 25 s, and the writes around them. */
const ONE_STATION_MS = 30_000;

/** Takes the turns of bulk commands, those of a batch concurrently. A turn that fails comes again. */
export const handler = observed((_event: SQSEvent, _context: Context) => ({}), handle);

async function handle({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const mayGoOn = () => context.getRemainingTimeInMillis() > ONE_STATION_MS;
  const failed = await Promise.all(
    Records.map(({ messageId, body }) =>
      withLogKeys({}, async () => {
        try {
          await runBulkMessage(deps, JSON.parse(body) as BulkMessage, mayGoOn);
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
