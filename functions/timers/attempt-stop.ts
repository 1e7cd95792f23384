import type { TimerEvent } from "../../shared/attempts/timers.ts";
import { runInBackground } from "../run-in-background.ts";
import { unattended } from "../unattended.ts";
import { timerKeys } from "./keys.ts";

/**
 * A charge's time is up. Whether it still is under way, and the stop CALL, are for the function that sends:
 * Scheduler has done its part once this has been handed over.
 */
export const handler = unattended(timerKeys, ({ attemptId }: TimerEvent) =>
  runInBackground({ job: "stop", attemptId }),
);
