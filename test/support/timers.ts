import type { Timers } from "../../shared/attempts/timers.ts";

/** Timers that never fire. */
export const noTimers: Timers = { set: async () => {}, clear: async () => {} };
