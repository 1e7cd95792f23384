import { DAY_MS, MINUTE_MS } from "../time.ts";

const SECOND_MS = 1000;
const HOUR_MS = 60 * MINUTE_MS;

/** The pauses between the attempts; the last one repeats. */
const PAUSES_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
] as const;

/** How long attempts may fail: then a delivery has failed, and a webhook is switched off. */
export const MAX_FAILING_MS = 5 * DAY_MS;

/** @param attempts how many have failed, at least one */
export const pauseAfter = (attempts: number): number =>
  PAUSES_MS[Math.min(attempts, PAUSES_MS.length) - 1] ?? PAUSES_MS[0];
