import type { Journal } from "../journal.ts";
import type { AccessRequest } from "../rights/guard.ts";
import { arnOf, type Definition, type Schedule } from "./schedule.ts";

/** What a dead-letter queue would hold; the message attributes contain the reason. */
export interface DeadLetter {
  readonly queueArn: string;
  readonly scheduleArn: string;
  readonly targetArn: string;
  readonly input: string;
  readonly error: string;
  readonly exhausted: "MaximumRetryAttempts" | "MaximumEventAgeInSeconds";
  readonly attempts: number;
}

export interface Delivery {
  readonly deadLetters: readonly DeadLetter[];
  /** To be called when a schedule or the clock changed. */
  review(): void;
  stop(): void;
}

export interface DeliveryOptions {
  readonly journal: Journal<Schedule>;
  readonly now: () => number;
  readonly invoke: (targetArn: string, input: string) => Promise<void>;
  /** @returns why Scheduler may not do something with a schedule's role */
  readonly refusalAs: (definition: Definition, access: AccessRequest) => string | undefined;
}

/** What setTimeout can count to; past it, it fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const LONGEST_PAUSE_MS = 60_000;

interface Attempts {
  made: number;
  /** When the next attempt is due; Infinity while one is under way. */
  nextMs: number;
}

/**
 * Fires what is due, at least once: a schedule is over only when its invocation succeeded or was given up, so
 * that one whose process was killed in between fires again at the next start.
 */
export function startDelivery({ journal, now, invoke, refusalAs }: DeliveryOptions): Delivery {
  const deadLetters: DeadLetter[] = [];
  /** Another revision of a schedule is another object, and starts anew. */
  const attempts = new WeakMap<Schedule, Attempts>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function review(): void {
    clearTimeout(timer);
    if (stopped) return;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [key, schedule] of journal.entries) {
      if (schedule.completed || schedule.definition.State === "DISABLED") continue;
      const attempt = attemptsOf(schedule);
      if (attempt.nextMs <= now()) void fire(key, schedule, attempt);
      nextMs = Math.min(nextMs, attempt.nextMs);
    }
    if (nextMs === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(review, Math.min(Math.max(nextMs - now(), 0), MAX_TIMER_MS));
    timer.unref();
  }

  function attemptsOf(schedule: Schedule): Attempts {
    const attempt = attempts.get(schedule) ?? { made: 0, nextMs: schedule.dueMs };
    attempts.set(schedule, attempt);
    return attempt;
  }

  async function fire(key: string, schedule: Schedule, attempt: Attempts): Promise<void> {
    attempt.nextMs = Number.POSITIVE_INFINITY;
    attempt.made += 1;
    const { Arn, Input } = schedule.definition.Target;
    try {
      const access = { action: "lambda:InvokeFunction", resource: Arn };
      const refusal = refusalAs(schedule.definition, access);
      if (refusal !== undefined) throw new Error(refusal);
      await invoke(Arn, Input);
    } catch (error) {
      if (!isCurrent(key, schedule)) return;
      const nextMs = now() + Math.min(1000 * 2 ** (attempt.made - 1), LONGEST_PAUSE_MS);
      const exhausted = exhaustedBy(schedule, attempt.made, nextMs);
      if (exhausted === undefined) {
        attempt.nextMs = nextMs;
        return review();
      }
      bury(schedule, attempt.made, exhausted, error);
    }
    complete(key, schedule);
  }

  /** Not where it was deleted, updated or left behind by a stop while its target was being invoked. */
  const isCurrent = (key: string, schedule: Schedule) => !stopped && journal.entries.get(key) === schedule;

  function exhaustedBy(
    schedule: Schedule,
    made: number,
    nextMs: number,
  ): DeadLetter["exhausted"] | undefined {
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = schedule.definition.Target.RetryPolicy;
    if (made > MaximumRetryAttempts) return "MaximumRetryAttempts";
    if (nextMs - schedule.dueMs > MaximumEventAgeInSeconds * 1000) return "MaximumEventAgeInSeconds";
    return undefined;
  }

  function bury(
    schedule: Schedule,
    attempts: number,
    exhausted: DeadLetter["exhausted"],
    error: unknown,
  ): void {
    const { Arn, Input, DeadLetterConfig } = schedule.definition.Target;
    if (!DeadLetterConfig) return;
    const access = { action: "sqs:SendMessage", resource: DeadLetterConfig.Arn };
    const refusal = refusalAs(schedule.definition, access);
    if (refusal !== undefined) {
      console.error(`A dead letter is lost: ${refusal}`);
      return;
    }
    deadLetters.push({
      queueArn: DeadLetterConfig.Arn,
      scheduleArn: arnOf(schedule.definition),
      targetArn: Arn,
      input: Input,
      error: error instanceof Error ? error.message : String(error),
      exhausted,
      attempts,
    });
  }

  function complete(key: string, schedule: Schedule): void {
    if (!isCurrent(key, schedule)) return;
    if (schedule.definition.ActionAfterCompletion === "DELETE") journal.delete(key);
    else journal.set(key, { ...schedule, completed: true });
  }

  return {
    deadLetters,
    review,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
