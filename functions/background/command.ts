import type { BackgroundJob } from "../../shared/attempts/jobs.ts";
import { runAttemptJob } from "../../shared/attempts/send.ts";
import { runQueued } from "../../shared/commands/queue.ts";
import { timers } from "../attempt-timers.ts";
import { commandDeps } from "../command-deps.ts";
import { runInBackground } from "../run-in-background.ts";

const deps = { ...commandDeps(), timers: timers(), runInBackground };

/** Goes on with what was accepted after the response has gone out: commands, and what attempts are due. */
export const handler = (job: BackgroundJob): Promise<void> =>
  "job" in job ? runAttemptJob(deps, job) : runQueued(deps, job);
