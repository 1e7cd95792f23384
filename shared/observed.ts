import { type LogKeys, logger, withLogKeys } from "./logger.ts";
import { flushMetrics } from "./metrics.ts";

/**
 * Wraps every Lambda handler: log lines carry the ids of the event, and the metrics are written at the end of the
 * invocation, also if it throws. Nothing is left for later, when the function is frozen.
 *
 * @param keysOf the ids that are known before the handler runs
 */
export const observed =
  <Args extends readonly unknown[], Result>(
    keysOf: (...args: Args) => LogKeys,
    handle: (...args: Args) => Promise<Result>,
  ): ((...args: Args) => Promise<Result>) =>
  (...args) =>
    withLogKeys(keysOf(...args), async () => {
      try {
        return await handle(...args);
      } finally {
        // what it counted is no reason to fail what has been done
        await flushMetrics().catch((error) => logger.error("metrics were not written", error));
      }
    });
