import { logger } from "../logger.ts";
import type { AttemptItem } from "../store/items.ts";
import { type AttemptDeps, apply } from "./store.ts";

/**
 * Makes a due stop due again when its StartTransaction comes again: the station had not heard the transaction's
 * id, so that it could not carry the stop out. The timer's function sends it, after the station was answered.
 */
export async function tellIdAgain(deps: AttemptDeps, attempt: AttemptItem, now: number): Promise<void> {
  const { attempt: after } = await apply(
    deps,
    attempt.attemptId,
    { type: "idAnsweredAgain", atMs: now },
    attempt,
  );
  if (!after || after.stopRound === attempt.stopRound) return;
  try {
    await deps.timers.set("stop", attempt.attemptId, now);
  } catch (error) {
    // the station must be answered; the next connection finds the stop due
    logger.error("no timer for a stop", { attemptId: attempt.attemptId, error: error as Error });
  }
}
