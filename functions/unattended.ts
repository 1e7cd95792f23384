import { type LogKeys, logger } from "../shared/logger.ts";
import { count } from "../shared/metrics.ts";
import { observed } from "../shared/observed.ts";

/**
 * Wraps the handler of an asynchronous function: logs one line on success, and logs and counts a failure, which
 * reaches no caller. Lambda retries twice.
 */
export const unattended = <Event>(
  keysOf: (event: Event) => LogKeys,
  handle: (event: Event) => Promise<void>,
): ((event: Event) => Promise<void>) =>
  observed(keysOf, async (event: Event) => {
    try {
      await handle(event);
      logger.info("done");
    } catch (error) {
      count("backgroundFailed");
      logger.error("failed", error as Error);
      throw error;
    }
  });
