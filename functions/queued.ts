import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { logger, withLogKeys } from "../shared/logger.ts";
import { count } from "../shared/metrics.ts";
import { observed } from "../shared/observed.ts";

/**
 * The handler of a function that works on the messages of a queue, those of a batch concurrently. A message that fails
 * is logged, counted, and comes again.
 *
 * @param lastMs what must be left of the invocation's time for another piece of work
 * @param work `mayGoOn` is whether there is time for another piece of work
 */
export const queued = <Message>(
  lastMs: number,
  work: (message: Message, mayGoOn: () => boolean) => Promise<void>,
): ((event: SQSEvent, context: Context) => Promise<SQSBatchResponse>) =>
  observed(
    (_event: SQSEvent, _context: Context) => ({}),
    async ({ Records }, context) => {
      const mayGoOn = () => context.getRemainingTimeInMillis() > lastMs;
      const failed = await Promise.all(
        Records.map(({ messageId, body }) =>
          withLogKeys({}, async () => {
            try {
              await work(JSON.parse(body) as Message, mayGoOn);
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
    },
  );
