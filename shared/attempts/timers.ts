import type { CreateScheduleCommandInput, SchedulerClient } from "@aws-sdk/client-scheduler";
import { clientSettings } from "../http-client.ts";

/** What an attempt waits for. */
export type TimerName = "expire" | "stop";

export interface Timers {
  /** Sets a timer, unless it is set. Fires once, within the minute, and perhaps twice or never. */
  set(name: TimerName, attemptId: string, atMs: number): Promise<void>;
  /** Takes back the timer that was set for then; one that has fired or never was is no error. */
  clear(name: TimerName, attemptId: string, atMs: number): Promise<void>;
}

/** What a timer's function is handed. */
export interface TimerEvent {
  readonly attemptId: string;
}

export interface SchedulerSettings {
  readonly group: string;
  /** For those that set timers. */
  readonly targets?: {
    /** By timer: the ARN of its function. */
    readonly functions: Readonly<Record<TimerName, string>>;
    /** Lets Scheduler invoke those functions. */
    readonly roleArn: string;
    readonly deadLetterArn: string;
  };
}

/**
 * What is due sooner is set to this from now: what `at()` does with a moment that is past by the time the
 * request arrives is not documented.
 */
const SOONEST_MS = 2_000;

/**
 * Timers as one-time schedules of EventBridge Scheduler. A schedule's name follows from what it is set for
 * (at most 54 of 64 characters), so that setting it twice sets one. The SDK's client is loaded by the few
 * events that need it.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time
 */
export function schedulerTimers({ group, targets }: SchedulerSettings, now = Date.now): Timers {
  // made by the first event that sets or clears a timer
  let client: Promise<SchedulerClient> | undefined;
  const scheduler = () =>
    (client ??= import("@aws-sdk/client-scheduler").then((sdk) => new sdk.SchedulerClient(clientSettings())));
  const nameOf = (name: TimerName, attemptId: string, atMs: number) =>
    `${name}-${attemptId}-${Math.ceil(atMs / 1000)}`;

  return {
    async set(name, attemptId, atMs) {
      if (!targets) throw new Error("this function sets no timers");
      const schedule: CreateScheduleCommandInput = {
        GroupName: group,
        Name: nameOf(name, attemptId, atMs),
        ScheduleExpression: `at(${toTheSecond(Math.max(atMs, now() + SOONEST_MS))})`,
        ScheduleExpressionTimezone: "UTC",
        FlexibleTimeWindow: { Mode: "OFF" },
        ActionAfterCompletion: "DELETE",
        Target: {
          Arn: targets.functions[name],
          RoleArn: targets.roleArn,
          Input: JSON.stringify({ attemptId } satisfies TimerEvent),
          RetryPolicy: { MaximumRetryAttempts: 5, MaximumEventAgeInSeconds: 15 * 60 },
          DeadLetterConfig: { Arn: targets.deadLetterArn },
        },
      };
      const { CreateScheduleCommand } = await import("@aws-sdk/client-scheduler");
      await unless("ConflictException", (await scheduler()).send(new CreateScheduleCommand(schedule)));
    },

    async clear(name, attemptId, atMs) {
      const { DeleteScheduleCommand } = await import("@aws-sdk/client-scheduler");
      const schedule = { GroupName: group, Name: nameOf(name, attemptId, atMs) };
      await unless(
        "ResourceNotFoundException",
        (await scheduler()).send(new DeleteScheduleCommand(schedule)),
      );
    },
  };
}

/** Waits for a request, for which this refusal means that all is as it should be. */
async function unless(
  refusal: "ConflictException" | "ResourceNotFoundException",
  request: Promise<unknown>,
): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== refusal) throw error;
  }
}

/** `yyyy-mm-ddThh:mm:ss`, rounded up: never before the moment that is meant. */
function toTheSecond(ms: number): string {
  return new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 19);
}
