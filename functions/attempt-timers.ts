import { schedulerTimers, type Timers } from "../shared/attempts/timers.ts";
import { environment } from "./environment.ts";

/** Timers by this function's environment: every function knows the group, only those that set timers the targets. */
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
