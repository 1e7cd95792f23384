import { setTimeout as sleep } from "node:timers/promises";
import type { SchedulerClient } from "@aws-sdk/client-scheduler";

/** One-time schedules of the stack's own group, with the target and the role that its functions name. */
export interface Schedules {
  /**
   * Creates a schedule for this moment, with a target that ignores its input.
   *
   * @returns `refused` where Scheduler does not accept it, `fired` where it is gone after that, `kept` where it is
   *   still there after `withinMs`; then it is deleted
   */
  tryAt(atMs: number, withinMs: number): Promise<"refused" | "fired" | "kept">;
}

/** The variables of a function that sets timers (functions/attempt-timers.ts). */
export interface TimerVariables {
  readonly SCHEDULE_GROUP: string;
  readonly SCHEDULE_ROLE: string;
  readonly EXPIRY_FUNCTION_ARN: string;
}

const PROBE_EVERY_MS = 2_000;

export function schedulesOf(client: SchedulerClient, variables: TimerVariables): Schedules {
  const { SCHEDULE_GROUP: GroupName, SCHEDULE_ROLE: RoleArn, EXPIRY_FUNCTION_ARN: Arn } = variables;
  return {
    async tryAt(atMs, withinMs) {
      const { CreateScheduleCommand, DeleteScheduleCommand, GetScheduleCommand } = await import(
        "@aws-sdk/client-scheduler"
      );
      const schedule = { GroupName, Name: `verify-${crypto.randomUUID()}` };
      const create = new CreateScheduleCommand({
        ...schedule,
        ScheduleExpression: `at(${new Date(atMs).toISOString().slice(0, 19)})`,
        ScheduleExpressionTimezone: "UTC",
        FlexibleTimeWindow: { Mode: "OFF" },
        ActionAfterCompletion: "DELETE",
        // An attempt that does not exist: the function finds nothing to expire.
        Target: { Arn, RoleArn, Input: JSON.stringify({ attemptId: schedule.Name }) },
      });
      if (await isRefusal("ValidationException", client.send(create))) return "refused";
      const isGone = () =>
        isRefusal("ResourceNotFoundException", client.send(new GetScheduleCommand(schedule)));
      const until = performance.now() + withinMs;
      while (performance.now() < until) {
        if (await isGone()) return "fired";
        await sleep(Math.min(PROBE_EVERY_MS, withinMs / 20));
      }
      await isRefusal("ResourceNotFoundException", client.send(new DeleteScheduleCommand(schedule)));
      return "kept";
    },
  };
}

async function isRefusal(name: string, request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return false;
  } catch (error) {
    if (error instanceof Error && error.name === name) return true;
    throw error;
  }
}
