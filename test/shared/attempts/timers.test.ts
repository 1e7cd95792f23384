import { GetScheduleCommand, ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Scheduler, startScheduler } from "../../../local/scheduler.ts";
import { schedulerTimers } from "../../../shared/attempts/timers.ts";

const NOW = Date.UTC(2026, 5, 1, 12);
const ID = "0f6e8a9c-4c0b-4d1c-9a52-c5e3b3f0a001";
const arn = (name: string) => `arn:aws:lambda:eu-central-1:123456789012:function:${name}`;

let scheduler: Scheduler;
let client: SchedulerClient;

const timers = schedulerTimers(
  {
    group: "attempts",
    targets: {
      functions: { expire: arn("attempt-expiry"), stop: arn("attempt-stop") },
      roleArn: "arn:aws:iam::123456789012:role/timers",
      deadLetterArn: "arn:aws:sqs:eu-central-1:123456789012:failures",
    },
  },
  () => NOW,
);
const read = (Name: string) => client.send(new GetScheduleCommand({ Name, GroupName: "attempts" }));
const names = async () =>
  ((await client.send(new ListSchedulesCommand({}))).Schedules ?? []).map(({ Name }) => Name);

beforeAll(async () => {
  scheduler = await startScheduler({ now: () => NOW, invoke: async () => {}, groups: ["attempts"] });
  vi.stubEnv("AWS_ENDPOINT_URL_SCHEDULER", scheduler.endpoint);
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  client = new SchedulerClient();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  client.destroy();
  await scheduler.close();
});

describe("a timer", () => {
  it("is a one-time schedule at the next whole second, in UTC, which deletes itself", async () => {
    await timers.set("stop", ID, NOW + 90_500);

    const name = `stop-${ID}-${NOW / 1000 + 91}`;
    expect(await read(name)).toMatchObject({
      ScheduleExpression: "at(2026-06-01T12:01:31)",
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      ActionAfterCompletion: "DELETE",
      Target: {
        Arn: arn("attempt-stop"),
        RoleArn: "arn:aws:iam::123456789012:role/timers",
        Input: JSON.stringify({ attemptId: ID }),
        RetryPolicy: { MaximumRetryAttempts: 5, MaximumEventAgeInSeconds: 900 },
        DeadLetterConfig: { Arn: "arn:aws:sqs:eu-central-1:123456789012:failures" },
      },
    });
    await timers.clear("stop", ID, NOW + 90_500);
  });

  it("that is set twice is one, and taken back twice is none", async () => {
    await timers.set("expire", ID, NOW + 60_000);
    await timers.set("expire", ID, NOW + 60_000);
    expect(await names()).toHaveLength(1);

    await timers.clear("expire", ID, NOW + 60_000);
    await timers.clear("expire", ID, NOW + 60_000);
    expect(await names()).toEqual([]);
  });

  it("for what is past fires soon, and never before now", async () => {
    await timers.set("stop", ID, NOW - 3_600_000);

    const [name] = await names();
    expect((await read(name ?? "")).ScheduleExpression).toBe("at(2026-06-01T12:00:02)");
    await timers.clear("stop", ID, NOW - 3_600_000);
  });

  it("of another group than there is, is an error", async () => {
    const elsewhere = schedulerTimers({ group: "nowhere" });

    await expect(elsewhere.set("stop", ID, NOW)).rejects.toThrow(/sets no timers/);
    await expect(elsewhere.clear("stop", ID, NOW)).resolves.toBeUndefined();
  });
});
