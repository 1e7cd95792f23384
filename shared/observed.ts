import { type LogKeys, logger, withLogKeys } from "./logger.ts";
import { flushMetrics } from "./metrics.ts";

/**
 * What every Lambda handler is wrapped in: its log lines carry what its event tells, and what it counted is
 * written at its end, also where it throws. Nothing is left for later, when the function is frozen.
 *
 * @param keysOf what is known of the event before anything is done
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
