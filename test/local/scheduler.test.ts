import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  paginateListSchedules,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
  ValidationException,
} from "@aws-sdk/client-scheduler";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Scheduler, type SchedulerOptions, startScheduler } from "../../local/scheduler.ts";
import "../support/property-limits.ts";

const NOON = Date.parse("2026-11-20T12:00:00Z");
const GroupName = "attempts";

const schedule = (
  Name: string,
  about: Partial<CreateScheduleCommandInput> = {},
): CreateScheduleCommandInput => ({
  Name,
  GroupName,
  ScheduleExpression: "at(2026-11-20T12:10:00)",
  FlexibleTimeWindow: { Mode: "OFF" },
  ActionAfterCompletion: "DELETE",
  Target: {
    Arn: "arn:aws:lambda:us-east-1:000000000000:function:attempt-expiry",
    RoleArn: "arn:aws:iam::000000000000:role/scheduler",
    Input: JSON.stringify({ attempt: Name }),
    RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 900 },
    DeadLetterConfig: { Arn: "arn:aws:sqs:us-east-1:000000000000:dead" },
  },
  ...about,
});

/** A target that records its invocations, and refuses the given number of times. */
function createTarget() {
  const inputs: string[] = [];
  let refusals = 0;
  let arrived = () => {};
  return {
    inputs,
    refuse(times: number) {
      refusals = times;
    },
    async invoke(_arn: string, input: string) {
      inputs.push(JSON.parse(input).attempt);
      arrived();
      if (refusals-- > 0) throw new Error("the function is throttled");
    },
    async invoked(times: number) {
      while (inputs.length < times) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    },
  };
}

const opened: { scheduler: Scheduler; client: SchedulerClient }[] = [];
let nowMs: number;
let target: ReturnType<typeof createTarget>;

beforeEach(() => {
  nowMs = NOON;
  target = createTarget();
});
afterEach(async () => {
  for (const { scheduler, client } of opened.splice(0)) {
    client.destroy();
    await scheduler.close();
  }
});

function clientOf(endpoint: string): SchedulerClient {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return new SchedulerClient({ region: "local", endpoint, credentials, maxAttempts: 1 });
}

async function prepare(options: Partial<SchedulerOptions> = {}) {
  const scheduler = await startScheduler({
    now: () => nowMs,
    invoke: target.invoke,
    groups: [GroupName],
    ...options,
  });
  const client = clientOf(scheduler.endpoint);
  opened.push({ scheduler, client });
  const moveTo = (time: string) => {
    nowMs = Date.parse(`2026-11-20T${time}Z`);
    scheduler.clockMoved();
  };
  const names = async () => {
    const { Schedules } = await client.send(new ListSchedulesCommand({}));
    return Schedules?.map(({ Name }) => Name);
  };
  return { scheduler, client, moveTo, names };
}

/** Lets what a settled promise caused happen. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("the Scheduler's API", () => {
  it("creates, reads, updates, lists and deletes schedules for the SDK, and counts it", async () => {
    const { scheduler, client, names } = await prepare();

    const { ScheduleArn } = await client.send(new CreateScheduleCommand(schedule("a.b-c_1")));
    const created = await client.send(new GetScheduleCommand({ GroupName, Name: "a.b-c_1" }));
    nowMs += 1000;
    const ScheduleExpression = "at(2026-11-20T13:00:00)";
    await client.send(
      new UpdateScheduleCommand(schedule("a.b-c_1", { ScheduleExpression, Description: "later" })),
    );
    const updated = await client.send(new GetScheduleCommand({ GroupName, Name: "a.b-c_1" }));
    const listed = await names();
    await client.send(new DeleteScheduleCommand({ GroupName, Name: "a.b-c_1" }));

    expect(ScheduleArn).toBe("arn:aws:scheduler:us-east-1:000000000000:schedule/attempts/a.b-c_1");
    expect(created).toMatchObject({
      ...schedule("a.b-c_1"),
      Arn: ScheduleArn,
      State: "ENABLED",
      ScheduleExpressionTimezone: "UTC",
      CreationDate: new Date(NOON),
      LastModificationDate: new Date(NOON),
    });
    expect(updated).toMatchObject({
      ScheduleExpression,
      Description: "later",
      CreationDate: new Date(NOON),
      LastModificationDate: new Date(NOON + 1000),
    });
    expect(listed).toEqual(["a.b-c_1"]);
    expect(await names()).toEqual([]);
    expect(scheduler.metrics()).toEqual({
      CreateSchedule: 1,
      GetSchedule: 2,
      UpdateSchedule: 1,
      DeleteSchedule: 1,
      ListSchedules: 2,
    });
    scheduler.resetMetrics();
    expect(scheduler.metrics()).toEqual({});
  });

  it("answers the repeat of a request as before, and refuses another one of that name", async () => {
    const { client } = await prepare();
    const request = schedule("once", { ClientToken: "token-1" });

    const first = await client.send(new CreateScheduleCommand(request));
    const repeat = await client.send(new CreateScheduleCommand(request));

    expect(repeat.ScheduleArn).toBe(first.ScheduleArn);
    for (const other of [{ ClientToken: "token-2" }, { ClientToken: "token-1", Description: "another" }]) {
      const refused = client.send(new CreateScheduleCommand(schedule("once", other)));
      await expect(refused).rejects.toThrow(ConflictException);
    }
  });

  it.each<[string, Partial<CreateScheduleCommandInput>]>([
    ["a name over 64 characters", { Name: "x".repeat(65) }],
    ["a name with other characters", { Name: "a b" }],
    ["no flexible time window", { FlexibleTimeWindow: undefined }],
    ["no mode of it", { FlexibleTimeWindow: { Mode: undefined } }],
    ["no width of it", { FlexibleTimeWindow: { Mode: "FLEXIBLE" } }],
    ["no expression", { ScheduleExpression: undefined }],
    ["an expression that is none", { ScheduleExpression: "at(tomorrow)" }],
    ["an expression with milliseconds", { ScheduleExpression: "at(2026-11-20T12:00:00.000)" }],
    ["an expression with a zone", { ScheduleExpression: "at(2026-11-20T12:00:00Z)" }],
    ["a day that never comes", { ScheduleExpression: "at(2026-02-30T12:00:00)" }],
    ["a recurring expression", { ScheduleExpression: "rate(5 minutes)" }],
    ["an unknown time zone", { ScheduleExpressionTimezone: "Europe/Atlantis" }],
    ["no target", { Target: undefined }],
    ["no role", { Target: { ...schedule("x").Target, RoleArn: undefined } as never }],
    ["a target that is no ARN", { Target: { ...schedule("x").Target, Arn: "my-function" } as never }],
    [
      "too many retries",
      { Target: { ...schedule("x").Target, RetryPolicy: { MaximumRetryAttempts: 186 } } as never },
    ],
    ["an unknown action", { ActionAfterCompletion: "EXPLODE" as never }],
  ])("refuses %s", async (_, about) => {
    const { client, names } = await prepare();
    const refused = client.send(new CreateScheduleCommand(schedule("x", about)));
    await expect(refused).rejects.toThrow(ValidationException);
    expect(await names()).toEqual([]);
  });

  it("knows no other schedules and groups", async () => {
    const { client } = await prepare();
    const elsewhere = { Name: "x", GroupName: "elsewhere" };

    for (const command of [
      new CreateScheduleCommand(schedule("x", elsewhere)),
      new UpdateScheduleCommand(schedule("x")),
      new GetScheduleCommand({ Name: "x", GroupName }),
      new GetScheduleCommand(elsewhere),
      new DeleteScheduleCommand({ Name: "x" }),
      new ListSchedulesCommand({ GroupName: "elsewhere" }),
    ]) {
      await expect(client.send(command as GetScheduleCommand)).rejects.toThrow(ResourceNotFoundException);
    }
  });

  it("lists by group and prefix, in pages", async () => {
    const { client } = await prepare();
    const created = ["b-2", "a-1", "b-1", "b-3"];
    for (const Name of created) await client.send(new CreateScheduleCommand(schedule(Name)));
    await client.send(new CreateScheduleCommand(schedule("b-0", { GroupName: "default" })));

    const pages: (string | undefined)[][] = [];
    const query = { GroupName, NamePrefix: "b-", MaxResults: 2 };
    for await (const { Schedules } of paginateListSchedules({ client }, query)) {
      pages.push((Schedules ?? []).map(({ Name }) => Name));
    }

    expect(pages).toEqual([["b-1", "b-2"], ["b-3"]]);
  });

  it("survives whatever comes over HTTP", async () => {
    const { scheduler, client, names } = await prepare();
    const methods = fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH");
    const path = fc.oneof(
      fc.string({ unit: "grapheme" }).map((name) => `/schedules/${encodeURIComponent(name)}`),
      fc.constantFrom("/schedules", "/schedules/%ZZ", "/", "/tags/x", "/schedules?MaxResults=x"),
    );
    const member = fc.oneof(fc.anything(), fc.constantFrom(...Object.values(schedule("x"))));
    const body = fc.oneof(
      fc.string(),
      fc.record(Object.fromEntries(Object.keys(schedule("x")).map((key) => [key, member])), {
        requiredKeys: [],
      }),
    );

    await fc.assert(
      fc.asyncProperty(methods, path, body, async (method, url, content) => {
        const withBody = method !== "GET" && method !== "DELETE";
        const response = await fetch(scheduler.endpoint + url, {
          method,
          ...(withBody
            ? { body: typeof content === "string" ? content : (JSON.stringify(content) ?? "") }
            : {}),
        });
        await response.text();
        expect([200, 400, 404, 409]).toContain(response.status);
      }),
      { numRuns: 300 },
    );

    await client.send(new CreateScheduleCommand(schedule("still-here")));
    expect(await names()).toContain("still-here");
  });
});

describe("the Scheduler's clock", () => {
  it("invokes the target when the schedule is due, once, and deletes the schedule", async () => {
    const { client, moveTo, names } = await prepare();
    await client.send(new CreateScheduleCommand(schedule("due")));

    moveTo("12:09:59");
    await settled();
    expect(target.inputs).toEqual([]);
    moveTo("12:10:00");
    await settled();
    moveTo("13:00:00");
    await settled();

    expect(target.inputs).toEqual(["due"]);
    expect(await names()).toEqual([]);
  });

  it("fires by itself as the clock goes on", async () => {
    nowMs = Date.parse("2026-11-20T12:09:59.950Z");
    const started = performance.now();
    const { client, names } = await prepare({ now: () => nowMs + performance.now() - started });

    await client.send(new CreateScheduleCommand(schedule("soon")));
    await target.invoked(1);
    await settled();

    expect(await names()).toEqual([]);
  });

  it("keeps a schedule that is to stay, and never fires it again", async () => {
    const { client, moveTo, names } = await prepare();
    await client.send(new CreateScheduleCommand(schedule("stays", { ActionAfterCompletion: "NONE" })));

    moveTo("12:10:00");
    await settled();
    moveTo("14:00:00");
    await settled();

    expect(target.inputs).toEqual(["stays"]);
    expect(await names()).toEqual(["stays"]);
  });

  it("fires what is already past at once; leaves out what is disabled or was deleted", async () => {
    const { client, moveTo } = await prepare();
    const past = { ScheduleExpression: "at(2026-11-20T11:00:00)" };

    await client.send(new CreateScheduleCommand(schedule("past", past)));
    await client.send(new CreateScheduleCommand(schedule("off", { State: "DISABLED" })));
    await client.send(new CreateScheduleCommand(schedule("gone")));
    await client.send(new DeleteScheduleCommand({ GroupName, Name: "gone" }));
    moveTo("12:10:00");
    await settled();

    expect(target.inputs).toEqual(["past"]);
  });

  it("goes by the new time of an updated schedule", async () => {
    const { client, moveTo } = await prepare();
    await client.send(new CreateScheduleCommand(schedule("moved")));
    const ScheduleExpression = "at(2026-11-20T13:00:00)";
    await client.send(new UpdateScheduleCommand(schedule("moved", { ScheduleExpression })));

    moveTo("12:30:00");
    await settled();
    expect(target.inputs).toEqual([]);
    moveTo("13:00:00");
    await settled();

    expect(target.inputs).toEqual(["moved"]);
  });

  it.each([
    ["Europe/Berlin", "at(2026-11-20T13:10:00)", "12:10:00"],
    ["America/New_York", "at(2026-11-20T07:10:00)", "12:10:00"],
    ["Asia/Kolkata", "at(2026-11-20T17:40:00)", "12:10:00"],
  ])(
    "reads the expression in the time zone %s",
    async (ScheduleExpressionTimezone, ScheduleExpression, due) => {
      const { client, moveTo } = await prepare();
      await client.send(
        new CreateScheduleCommand(schedule("zoned", { ScheduleExpressionTimezone, ScheduleExpression })),
      );

      moveTo("12:09:59");
      await settled();
      expect(target.inputs).toEqual([]);
      moveTo(due);
      await settled();

      expect(target.inputs).toEqual(["zoned"]);
    },
  );
});

describe("the Scheduler's retries", () => {
  it("tries again after a pause until the target takes it", async () => {
    const { client, scheduler, moveTo, names } = await prepare();
    await client.send(new CreateScheduleCommand(schedule("stubborn")));
    target.refuse(2);

    for (const time of ["12:10:00", "12:10:01", "12:10:03", "12:30:00"]) {
      moveTo(time);
      await settled();
    }

    expect(target.inputs).toHaveLength(3);
    expect(scheduler.deadLetters()).toEqual([]);
    expect(await names()).toEqual([]);
  });

  it("gives up after the last attempt: a dead letter, and the schedule is over", async () => {
    const { client, scheduler, moveTo, names } = await prepare();
    await client.send(new CreateScheduleCommand(schedule("hopeless")));
    target.refuse(99);

    for (const time of ["12:10:00", "12:11:00", "12:12:00", "12:13:00", "12:14:00"]) {
      moveTo(time);
      await settled();
    }

    expect(target.inputs).toHaveLength(3);
    expect(scheduler.deadLetters()).toEqual([
      {
        queueArn: "arn:aws:sqs:us-east-1:000000000000:dead",
        scheduleArn: "arn:aws:scheduler:us-east-1:000000000000:schedule/attempts/hopeless",
        targetArn: "arn:aws:lambda:us-east-1:000000000000:function:attempt-expiry",
        input: '{"attempt":"hopeless"}',
        error: "the function is throttled",
        exhausted: "MaximumRetryAttempts",
        attempts: 3,
      },
    ]);
    expect(await names()).toEqual([]);
  });

  it("gives up when the event is too old", async () => {
    const { client, scheduler, moveTo } = await prepare();
    await client.send(new CreateScheduleCommand(schedule("old")));
    target.refuse(99);

    moveTo("12:10:00");
    await settled();
    moveTo("12:25:00");
    await settled();

    expect(scheduler.deadLetters()).toMatchObject([{ exhausted: "MaximumEventAgeInSeconds", attempts: 2 }]);
  });

  it("does not retry what was deleted meanwhile", async () => {
    const { client, scheduler, moveTo } = await prepare();
    await client.send(new CreateScheduleCommand(schedule("cancelled")));
    target.refuse(99);
    moveTo("12:10:00");
    await settled();

    await client.send(new DeleteScheduleCommand({ GroupName, Name: "cancelled" }));
    moveTo("12:20:00");
    await settled();

    expect(target.inputs).toHaveLength(1);
    expect(scheduler.deadLetters()).toEqual([]);
  });
});

describe("the Scheduler with a data folder", () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "scheduler-"));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it("fires at its next start what a killed process left behind, and only that", async () => {
    const { child, endpoint } = await startInProcess(dataDir);
    const client = clientOf(endpoint);
    const due = (minutes: number) => {
      const time = new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 19);
      return { ScheduleExpression: `at(${time})` };
    };
    await client.send(new CreateScheduleCommand(schedule("later", due(60))));
    await client.send(new CreateScheduleCommand(schedule("overdue", due(10))));
    await client.send(new CreateScheduleCommand(schedule("deleted", due(10))));
    await client.send(new DeleteScheduleCommand({ GroupName, Name: "deleted" }));
    // This one's invocation hangs: it has fired, but not arrived.
    await client.send(new CreateScheduleCommand(schedule("fired", due(-1))));
    client.destroy();
    child.kill("SIGKILL");
    await once(child, "exit");
    const [file = ""] = await readdir(join(dataDir, "scheduler"));
    await appendFile(join(dataDir, "scheduler", file), '["attempts/torn",{"defin');

    nowMs = Date.now() + 20 * 60_000;
    const { names } = await prepare({ dataDir });
    await target.invoked(2);
    await settled();

    expect(target.inputs.sort()).toEqual(["fired", "overdue"]);
    expect(await names()).toEqual(["later"]);
  });

  it("remembers over restarts what is over", async () => {
    const first = await prepare({ dataDir });
    await first.client.send(new CreateScheduleCommand(schedule("done", { ActionAfterCompletion: "NONE" })));
    first.moveTo("12:10:00");
    await settled();
    await first.scheduler.close();

    const second = await prepare({ dataDir });
    second.moveTo("13:00:00");
    await settled();

    expect(target.inputs).toEqual(["done"]);
    expect(await second.names()).toEqual(["done"]);
    opened.shift();
  });
});

async function startInProcess(dataDir: string): Promise<{ child: ChildProcess; endpoint: string }> {
  const script = `
    import { startScheduler } from ${JSON.stringify(new URL("../../local/scheduler.ts", import.meta.url).href)};
    const { endpoint } = await startScheduler({
      dataDir: ${JSON.stringify(dataDir)},
      groups: ["${GroupName}"],
      now: Date.now,
      invoke: () => new Promise(() => {}),
    });
    console.log(endpoint);`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return { child, endpoint: String(line).trim() };
}
