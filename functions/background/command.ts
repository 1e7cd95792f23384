import type { BackgroundJob } from "../../shared/attempts/jobs.ts";
import { runAttemptJob } from "../../shared/attempts/send.ts";
import { resumeBulks } from "../../shared/bulk/parked.ts";
import { runQueued } from "../../shared/commands/queue.ts";
import type { LogKeys } from "../../shared/logger.ts";
import { timers } from "../attempt-timers.ts";
import { bulkQueue } from "../bulk-queue.ts";
import { commandDeps } from "../command-deps.ts";
import { runInBackground } from "../run-in-background.ts";
import { unattended } from "../unattended.ts";

const deps = { ...commandDeps(), timers: timers(), runInBackground, queue: bulkQueue };

function keysOf(job: BackgroundJob): LogKeys {
  if (!("job" in job)) return { commandId: job.run.commandId, cpId: job.run.cpId };
  if (job.job === "resume") return { cpId: job.cpId };
  return { attemptId: job.attemptId, commandId: job.attemptId };
}

/** Goes on with what was accepted after the response has gone out: commands, and what attempts are due. */
export const handler = unattended(keysOf, async (job: BackgroundJob) => {
  if (!("job" in job)) return runQueued(deps, job);
  if (job.job === "resume") await resumeBulks(deps, job.cpId);
  await runAttemptJob(deps, job);
});
