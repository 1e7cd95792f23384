import { apply } from "../../shared/attempts/store.ts";
import type { TimerEvent } from "../../shared/attempts/timers.ts";
import { systemClock } from "../../shared/clock.ts";
import { openTable } from "../../shared/store/table.ts";
import { timers } from "../attempt-timers.ts";
import { environment } from "../environment.ts";
import { unattended } from "../unattended.ts";
import { timerKeys } from "./keys.ts";

const deps = { table: openTable(environment("TABLE_NAME")), timers: timers() };

/**
 * An attempt's time is up. Readers know that by themselves; this writes it down, and lets the station forget
 * the attempt. One that has started, or was fired too early, is left as it is.
 */
export const handler = unattended(timerKeys, async ({ attemptId }: TimerEvent) => {
  await apply(deps, attemptId, { type: "expire", atMs: systemClock.now() });
});
