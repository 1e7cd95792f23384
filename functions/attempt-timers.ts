import { schedulerTimers, type Timers } from "../shared/attempts/timers.ts";
import { environment } from "./environment.ts";

/** Timers as far as this function's environment says: the group is there, the targets where it sets any. */
export function timers(): Timers {
  const group = environment("SCHEDULE_GROUP");
  if (!process.env.SCHEDULE_ROLE) return schedulerTimers({ group });
  return schedulerTimers({
    group,
    targets: {
      functions: { expire: environment("EXPIRY_FUNCTION_ARN"), stop: environment("STOP_FUNCTION_ARN") },
      roleArn: environment("SCHEDULE_ROLE"),
      deadLetterArn: environment("SCHEDULE_FAILURES"),
    },
  });
}
