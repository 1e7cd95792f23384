import type { TimerEvent } from "../../shared/attempts/timers.ts";
import type { LogKeys } from "../../shared/logger.ts";

/** What the log lines about a timer's event carry; the start of an attempt is the command of the same id. */
export const timerKeys = ({ attemptId }: TimerEvent): LogKeys => ({ attemptId, commandId: attemptId });
