import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { AttemptJob } from "../../../shared/attempts/jobs.ts";
import { runAttemptJob, type SendDeps } from "../../../shared/attempts/send.ts";
import { queueCommand, runQueued } from "../../../shared/commands/queue.ts";
import type { QueuedCommand } from "../../../shared/commands/request.ts";
import { readCommand } from "../../../shared/commands/resource.ts";
import { runCommand } from "../../../shared/commands/run.ts";
import { takeAnswer } from "../../../shared/inbound/take-answer.ts";
import { count } from "../../../shared/metrics.ts";
import type { AttemptItem, StationItem } from "../../../shared/store/items.ts";
import { attemptKey, networkKey, stationKey } from "../../../shared/store/keys.ts";
import type { Table, Update } from "../../../shared/store/table.ts";
import { newAttempt } from "../../support/attempt-item.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { noTimers } from "../../support/timers.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

vi.mock("../../../shared/metrics.ts", { spy: true });

let store: TestTable;
let clock: VirtualClock;
let station: StationItem;
let worlds = 0;
/** What was handed to the background function. */
let handedOver: object[];

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(async () => {
  clock = new VirtualClock();
  handedOver = [];
  const connection = { connectionId: "c", protocol: "ocpp1.6", connectedAtMs: clock.now() - 60_000 } as const;
  station = newStation({ networkId: `counted-${++worlds}`, identity: "CP", connection });
  await store.table.put({ ...stationKey(station.cpId), ...station });
  vi.mocked(count).mockClear();
});

/** What a function has whose station answers at once. */
const deps = (change: Partial<Table> = {}): SendDeps => ({
  table: { ...store.table, ...change },
  clock,
  timers: noTimers,
  logDays: 30,
  newId: randomUUID,
  connections: {
    post: async (_, frame) => {
      const [, messageId] = JSON.parse(frame) as [2, string];
      await takeAnswer({ table: store.table, timers: noTimers }, "ocpp1.6", {
        cpId: station.cpId,
        messageId,
        messageType: "CALL_RESULT",
        response: { status: "Accepted" },
        atMs: clock.now(),
      });
      return "sent";
    },
    close: async () => {},
  },
  runInBackground: async (job) => {
    handedOver.push(job);
  },
});

async function settled<Result>(work: Promise<Result>): Promise<Result> {
  const tracked = clock.track(work);
  tracked.catch(() => {});
  while (clock.busy) await clock.advance(1_000);
  return tracked;
}

/** The commands that have come to their end, so far. */
const ends = () =>
  vi
    .mocked(count)
    .mock.calls.filter(([name]) => name === "commands")
    .map(([, dimensions]) => dimensions);

const broken = new Error("DynamoDB is not there");
const brokenOnce = <Args extends unknown[], Result>(method: (...args: Args) => Promise<Result>) => {
  let isBroken = true;
  return (...args: Args): Promise<Result> => {
    if (!isBroken) return method(...args);
    isBroken = false;
    return Promise.reject(broken);
  };
};

/**
 * A CALL that is not answered takes the lane for so long. The station's answers have always taken as long as that: a
 * command that waits for its turn looks at the lane once, rather than thousands of times.
 */
const occupy = (forMs: number) =>
  store.table.update({
    key: stationKey(station.cpId),
    update: "SET lane = :entries, roundTrip0 = :forMs",
    values: {
      ":entries": [{ messageId: "other", expiresAtMs: clock.now() + forMs }],
      ":forMs": forMs,
    },
  });

async function queue(): Promise<QueuedCommand> {
  const request = { name: "reset", input: { type: "Soft" }, waitMs: 25_000 } as const;
  await queueCommand(deps(), { ...request, cpId: station.cpId, networks: [station.networkId] });
  expect(ends()).toEqual([]);
  return handedOver[0] as QueuedCommand;
}

describe("a command that was queued", () => {
  it("counts as refused where its slot was lost and it gets no other", async () => {
    const queued = await queue();
    await store.table.update({
      key: networkKey(station.networkId),
      update: "SET inUse = :one, leases = :leases, parallelRequests = :one",
      values: { ":one": 1, ":leases": { somebody: clock.now() + 60_000 } },
    });

    await settled(runQueued(deps(), queued));

    expect(ends()).toEqual([{ command: "reset", outcome: "refused" }]);
    const { commandId } = queued.run;
    expect(
      await readCommand(store.table, commandId, { networks: [station.networkId] }, clock.now()),
    ).toMatchObject({
      state: "failed",
      problem: { status: 429 },
    });
  });

  it.each([
    ["for its slot", networkKey],
    ["for its turn", () => stationKey(station.cpId)],
  ])("counts once where Lambda runs it again after a failure %s", async (_, keyOf) => {
    const queued = await queue();
    const { pk } = keyOf(station.networkId);
    const failing = brokenOnce(store.table.update);
    const update = (change: Update) => (change.key.pk === pk ? failing : store.table.update)(change);
    const first = deps({ update } as Partial<Table>);

    await expect(settled(runQueued(first, queued))).rejects.toThrow(broken);
    expect(ends()).toEqual([]);
    await settled(runQueued(first, queued));

    expect(ends()).toEqual([{ command: "reset", outcome: "answered" }]);
  });
});

describe("a command whose CALL has gone out", () => {
  it("counts once as failed if waiting for its answer failed", async () => {
    const queued = await queue();
    const get = brokenOnce(store.table.get);

    await expect(settled(runQueued(deps({ get } as Partial<Table>), queued))).rejects.toThrow(broken);
    await settled(runQueued(deps(), queued));

    expect(ends()).toEqual([{ command: "reset", outcome: "failed" }]);
  });
});

describe("two requests of one Idempotency-Key at once", () => {
  it("count as one command", async () => {
    const request = { name: "reset", input: { type: "Soft" }, waitMs: 25_000 } as const;
    const run = () =>
      runCommand(deps(), {
        ...request,
        cpId: station.cpId,
        networks: [station.networkId],
        idempotency: { id: `idempotency-${worlds}`, isRepeat: false },
      });

    const [one, other] = await settled(Promise.all([run(), run()]));

    expect(other).toEqual(one);
    expect(ends()).toEqual([{ command: "reset", outcome: "answered" }]);
  });
});

describe("an attempt", () => {
  let attempt: AttemptItem;

  async function make(about: Partial<AttemptItem> = {}): Promise<void> {
    const now = clock.now();
    const { cpId, networkId } = station;
    attempt = {
      ...newAttempt(),
      attemptId: randomUUID(),
      cpId,
      networkId,
      validUntilMs: now + 60 * 60_000,
      createdAtMs: now,
      history: [{ state: "pending", atMs: now }],
      ...about,
    };
    await store.table.put({ ...attemptKey(attempt.attemptId), ...attempt });
  }
  const started = () => {
    const past = clock.now() - 1_000;
    return make({ state: "started", transactionId: "7", startedAtMs: past, stopDueAtMs: past });
  };
  const run = (job: "start" | "stop", tries?: number, change?: Partial<Table>) =>
    settled(
      runAttemptJob(deps(change), {
        job,
        attemptId: attempt.attemptId,
        ...(tries !== undefined && { tries }),
      }),
    );

  it.each([
    ["start", "remote_start_attempt", () => make()],
    ["stop", "remote_stop", started],
  ] as const)("whose %s finds the lane taken counts when that is given up", async (job, command, begin) => {
    await begin();

    await occupy(20 * 60_000);
    await run(job);
    await run(job, 9);
    expect(handedOver).toEqual(
      [1, 10].map((tries): AttemptJob => ({ job, attemptId: attempt.attemptId, tries })),
    );
    expect(ends()).toEqual([]);
    await run(job, 10);

    expect(handedOver).toHaveLength(2);
    expect(ends()).toEqual([{ command, outcome: "busy" }]);
  });

  it.each([
    ["start", "remote_start_attempt", () => make()],
    ["stop", "remote_stop", started],
  ] as const)("whose %s is run again after a failure counts once", async (job, command, begin) => {
    await begin();
    const change = { update: brokenOnce(store.table.update) } as Partial<Table>;

    await expect(run(job, 0, change)).rejects.toThrow(broken);
    expect(ends()).toEqual([]);
    await run(job);
    await run(job);

    expect(ends()).toEqual([{ command, outcome: "answered" }]);
  });

  it("whose station flaps is handed on with its tries, and is left to the next $connect after ten", async () => {
    await make();
    const flapping: SendDeps = {
      ...deps(),
      connections: { post: async () => "gone", close: async () => {} },
    };
    /** The station is back with a new connection before the job looks whether it is there. */
    const get = (async (key) => {
      const connection = { connectionId: randomUUID(), protocol: "ocpp1.6", connectedAtMs: 0 };
      const item = await store.table.get<StationItem>(key);
      return item && key.sk === "STATION" ? { ...item, connection } : item;
    }) as Table["get"];
    const table = { ...store.table, get };
    const reconnect = () =>
      store.table.update({
        key: stationKey(station.cpId),
        update: "SET #connection = :connection",
        names: { "#connection": "connection" },
        values: { ":connection": { connectionId: randomUUID(), protocol: "ocpp1.6", connectedAtMs: 0 } },
      });

    let job: AttemptJob = { job: "start", attemptId: attempt.attemptId };
    for (let runs = 1; runs <= 16; runs++) {
      await reconnect();
      await settled(runAttemptJob({ ...flapping, table }, job));
      if (handedOver.length < runs) break;
      job = handedOver.at(-1) as AttemptJob;
    }

    expect(handedOver).toHaveLength(10);
    expect(handedOver.at(-1)).toMatchObject({ job: "start", tries: 10 });
    expect(await store.table.get(attemptKey(attempt.attemptId))).toMatchObject({ state: "pending" });
  });

  it("that waits for its station has not come to its end", async () => {
    await make();
    await store.table.update({
      key: stationKey(station.cpId),
      update: "REMOVE #connection",
      names: { "#connection": "connection" },
    });

    await run("start");

    expect(ends()).toEqual([]);
  });
});
