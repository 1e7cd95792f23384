import { type LogKeys, logger } from "../shared/logger.ts";
import { count } from "../shared/metrics.ts";
import { observed } from "../shared/observed.ts";

/**
 * A handler whose result nobody waits for: one line says that it has done its work, and a failure, which no caller
 * is told of, is counted and says whose it was. Lambda tries twice more.
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
