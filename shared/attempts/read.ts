import { readExchange } from "../calls/exchange.ts";
import { problemOf } from "../calls/outcome.ts";
import type { Reader } from "../networks/reader.ts";
import type { AttemptItem, TransactionItem } from "../store/items.ts";
import { transactionKey } from "../store/keys.ts";
import { payloadText } from "../store/payload.ts";
import { startEarly } from "./announced.ts";
import { startAnswerOf } from "./answered.ts";
import { asOf, isRunning, wantsStop } from "./attempt.ts";
import type { AttemptJob } from "./jobs.ts";
import { type AttemptDeps, apply, findAttempt, readAttempt } from "./store.ts";

/** Scheduler fires within the minute; a stop that is later than this has been missed. */
const STOP_MISSED_MS = 90_000;

/**
 * An attempt as it truly stands: what a process that died left unwritten is made up for from the exchange of
 * its start CALL and from its transaction, whose word counts. One or two reads.
 *
 * @throws Problem `not-found`
 */
export async function lookAtAttempt(
  deps: AttemptDeps & { readonly runInBackground: (job: AttemptJob) => Promise<void> },
  attemptId: string,
  reader: Reader,
  now: number,
): Promise<AttemptItem> {
  const attempt = asOf(await findAttempt(deps.table, attemptId, reader), now);
  if (isRunning(attempt)) return lookAtCharge(deps, attempt, now);
  const isUnanswered = attempt.sentAtMs !== undefined && attempt.answeredAtMs === undefined;
  return isUnanswered && attempt.problem === undefined ? lookAtAnswer(deps, attempt, now) : attempt;
}

async function lookAtAnswer(deps: AttemptDeps, attempt: AttemptItem, now: number): Promise<AttemptItem> {
  const exchange = await readExchange(deps.table, attempt.cpId, attempt.attemptId);
  if (!exchange) return attempt;
  const event = startAnswerOf(exchange);
  if (event) {
    const { attempt: applied } = await apply(deps, attempt.attemptId, event);
    const isEarly = (await startEarly(deps, applied, now)) !== undefined;
    return asOf((isEarly ? await readAttempt(deps.table, attempt.attemptId) : applied) ?? attempt, now);
  }
  const problem = problemOf(exchange, now);
  return problem ? { ...attempt, problem: payloadText(problem.toDetails()) } : attempt;
}

async function lookAtCharge(
  deps: Parameters<typeof lookAtAttempt>[0],
  attempt: AttemptItem,
  now: number,
): Promise<AttemptItem> {
  const { attemptId, cpId, transactionId, stopDueAtMs } = attempt;
  const transaction = await deps.table.get<TransactionItem>(transactionKey(cpId, transactionId as string));
  if (transaction?.stoppedAt !== undefined) {
    const stoppedAtMs = Date.parse(transaction.stoppedAt);
    const event = {
      type: "stopped",
      transactionId: transactionId as string,
      stoppedAtMs,
      atMs: now,
    } as const;
    return (await apply(deps, attemptId, event)).attempt ?? attempt;
  }
  const isMissed = stopDueAtMs !== undefined && stopDueAtMs + STOP_MISSED_MS < now && wantsStop(attempt, now);
  if (isMissed && attempt.state === "started") await deps.runInBackground({ job: "stop", attemptId });
  return attempt;
}
