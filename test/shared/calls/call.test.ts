import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { endConnection } from "../../../shared/calls/connection.ts";
import { readExchange } from "../../../shared/calls/exchange.ts";
import type { Connections, PostOutcome } from "../../../shared/calls/post.ts";
import { abandonLane, waitForLane } from "../../../shared/calls/wait-for-lane.ts";
import { execute } from "../../../shared/commands/execute.ts";
import type { CommandDeps } from "../../../shared/commands/request.ts";
import { runCommand } from "../../../shared/commands/run.ts";
import { takeAnswer } from "../../../shared/inbound/take-answer.ts";
import { leaveLaneAnswered } from "../../../shared/limits/lane.ts";
import type { StationItem } from "../../../shared/store/items.ts";
import { stationKey } from "../../../shared/store/keys.ts";
import type { Table } from "../../../shared/store/table.ts";
import { basicAuth } from "../../support/passwords.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { noTimers } from "../../support/timers.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

let store: TestTable;
let clock: VirtualClock;
let station: StationItem;
let count = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(async () => {
  clock = new VirtualClock();
  const connection = { connectionId: "c", protocol: "ocpp1.6", connectedAtMs: clock.now() - 5_000 } as const;
  station = newStation({ identity: `CP${++count}`, connection });
  await store.table.put({ ...stationKey(station.cpId), ...station });
});

/** A management API whose post is given. */
const depsWith = (post: Connections["post"], about: Partial<CommandDeps> = {}): CommandDeps => ({
  table: store.table,
  passwords: store.passwords,
  connections: { post, close: async () => {} },
  clock,
  logDays: 30,
  newId: () => `m${count}`,
  runInBackground: () => Promise.reject(new Error("not here")),
  ...about,
});

function reset(post: Connections["post"], about: Partial<CommandDeps> = {}) {
  const deps = depsWith(post, about);
  const request = { name: "reset", input: { type: "Soft" }, networks: ["default"], waitMs: 25_000 } as const;
  return clock.track(runCommand(deps, { ...request, cpId: station.cpId }));
}

const answer = () =>
  takeAnswer({ table: store.table, timers: noTimers }, "ocpp1.6", {
    cpId: station.cpId,
    messageId: `m${count}`,
    messageType: "CALL_RESULT",
    response: { status: "Accepted" },
    atMs: clock.now(),
  });

/** Posts that end so, one after the other; the last one goes on. */
const posts = (...outcomes: PostOutcome[]) => {
  const sent: string[] = [];
  const post = async (_: string, frame: string) => {
    sent.push(frame);
    const outcome = outcomes.length > 1 ? outcomes.shift() : outcomes[0];
    if (outcome === "sent") await answer();
    return outcome as PostOutcome;
  };
  return { sent, post };
};

interface SettledCommand {
  readonly value?: Record<string, unknown>;
  readonly error?: Record<string, unknown>;
}

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    (value) => ({ value }),
    (error) => ({ error }),
  ) as Promise<SettledCommand>;

const settle = async (work: Promise<unknown>) => {
  const outcome = outcomeOf(work);
  while (clock.busy) await clock.advance(1_000);
  return outcome;
};

const lane = async () => (await store.table.get<StationItem>(stationKey(station.cpId)))?.lane;

describe("a CALL", () => {
  it("whose answer is there before the post has returned reaches its caller", async () => {
    const { post } = posts("sent");

    const { value } = await settle(reset(post));

    expect(value).toEqual({ commandId: `m${count}`, ocppMessageId: `m${count}`, status: "Accepted" });
    expect(await lane()).toEqual([]);
  });

  it("is looked for when its station usually answers, by an environment that knows nothing else", async () => {
    let looks = 0;
    const get: Table["get"] = (key) => {
      if (key.pk.startsWith("CALL#")) looks++;
      return store.table.get(key);
    };
    for (let n = 0; n < 2; n++) {
      count++;
      looks = 0;
      const pending = reset(async () => "sent", { table: { ...store.table, get } });
      await clock.advance(500);
      await answer();
      const { value } = await settle(pending);
      expect(value).toMatchObject({ status: "Accepted" });
    }

    expect(looks).toBeLessThanOrEqual(2);
  });

  it("that may or may not have been sent is not sent again, and its answer is waited for", async () => {
    const { sent, post } = posts("unknown");
    const pending = reset(post);
    await clock.advance(2_000);
    await answer();

    const { value } = await settle(pending);

    expect(value).toMatchObject({ status: "Accepted" });
    expect(sent).toHaveLength(1);
  });

  it("that may or may not have been sent and is not answered has timed out", async () => {
    const { sent, post } = posts("unknown");

    const { error } = await settle(reset(post));

    expect(error).toMatchObject({ slug: "station-timeout", members: { waitedSeconds: 25 } });
    expect(sent).toHaveLength(1);
  });

  it("answered by a station that hangs up at once counts as answered, whichever event comes first", async () => {
    const pending = reset(async () => "sent");
    await clock.advance(10);
    await endConnection({ table: store.table, clock }, station.cpId, "c");
    await clock.advance(400);
    await answer();

    const { value } = await settle(pending);

    expect(value).toMatchObject({ status: "Accepted" });
    const exchange = await readExchange(store.table, station.cpId, `m${count}`);
    expect(exchange).toMatchObject({ state: "answered" });
    expect(exchange).not.toHaveProperty("late");
  });

  it("that is lost with its connection is given up soon, and a later answer is late", async () => {
    const pending = reset(async () => "sent");
    await clock.advance(10);
    await endConnection({ table: store.table, clock }, station.cpId, "c");
    const startedAt = clock.now();
    const { error } = await settle(pending);

    expect(error).toMatchObject({ slug: "connection-lost" });
    expect(clock.now() - startedAt).toBeLessThan(5_000);
    await answer();
    const exchange = await readExchange(store.table, station.cpId, `m${count}`);
    expect(exchange).toMatchObject({ state: "answered", late: true });
  });

  it("on a closed connection fails, disconnects the station and leaves the lane", async () => {
    const { sent, post } = posts("gone");

    const { error } = await settle(reset(post));

    expect(error).toMatchObject({ slug: "station-not-connected" });
    expect(sent).toHaveLength(1);
    const item = await store.table.get<StationItem>(stationKey(station.cpId));
    expect(item?.connection).toBeUndefined();
    expect(item?.lane).toEqual([]);
    expect((await readExchange(store.table, station.cpId, `m${count}`))?.state).toBe("failed");
  });

  it("on a connection that is just being made is tried once more", async () => {
    await store.table.update({
      key: stationKey(station.cpId),
      update: "SET #connection.connectedAtMs = :now",
      names: { "#connection": "connection" },
      values: { ":now": clock.now() },
    });
    const { sent, post } = posts("gone", "sent");

    const { value } = await settle(reset(post));

    expect(value).toMatchObject({ status: "Accepted" });
    expect(sent).toHaveLength(2);
  });

  it("that API Gateway throttled was not sent, and is tried again", async () => {
    const { sent, post } = posts("throttled", "throttled", "sent");

    const { value } = await settle(reset(post));

    expect(value).toMatchObject({ status: "Accepted" });
    expect(sent).toHaveLength(3);
  });

  it("that API Gateway goes on throttling fails, and leaves the lane", async () => {
    const { post } = posts("throttled");

    const { error } = await settle(reset(post));

    expect(error).toMatchObject({ slug: "internal" });
    expect(await lane()).toEqual([]);
  });

  it("that API Gateway refuses fails at once, and so does its exchange", async () => {
    const { post } = posts("refused");

    const { error } = await settle(reset(post));

    expect(error).toMatchObject({ slug: "internal" });
    expect((await readExchange(store.table, station.cpId, `m${count}`))?.state).toBe("failed");
    expect(await lane()).toEqual([]);
  });

  it("of a message id that is still out does not take the lane from it", async () => {
    const first = reset(async () => "sent");
    await clock.advance(1_000);

    const { error } = await Promise.race([
      outcomeOf(reset(async () => "sent")),
      first.then((): SettledCommand => ({})),
    ]);

    expect(error).toMatchObject({ slug: "message-id-reused" });
    expect(await lane()).toEqual([expect.objectContaining({ messageId: `m${count}` })]);
    await answer();
    expect((await settle(first)).value).toMatchObject({ status: "Accepted" });
  });

  describe("of one key that fails before it is sent does not take the lane from the one that is out", () => {
    const broken = new Error("DynamoDB is not there");
    const post: Connections["post"] = async () => "sent";
    const about = () => ({ cpId: station.cpId, networks: ["default"] });
    const table = (change: Partial<Table>): Table => ({ ...store.table, ...change });

    /** One of two requests that came at once; each has generated a password. */
    const setPassword = (password: string, change: Partial<Table> = {}) =>
      clock.track(
        runCommand(depsWith(post, { table: table(change) }), {
          ...about(),
          name: "setPassword",
          input: { password },
          waitMs: 25_000,
          idempotency: { id: `m${count}`, isRepeat: false },
        }),
      );

    /** What the first one still has after the second one failed, and what comes of it. */
    async function expectOut(second: () => Promise<unknown>) {
      await store.table.update({
        key: stationKey(station.cpId),
        update: "SET #auth = :auth",
        names: { "#auth": "auth" },
        values: { ":auth": await basicAuth(store.passwords, station.cpId, "fedcba9876543210") },
      });
      const first = setPassword("generated-for-one");
      while ((await readExchange(store.table, station.cpId, `m${count}`)) === undefined)
        await new Promise((resolve) => setTimeout(resolve, 5));

      await expect(second()).rejects.toThrow(broken);

      expect(await lane()).toEqual([expect.objectContaining({ messageId: `m${count}` })]);
      await answer();
      expect((await settle(first)).value).toMatchObject({ status: "Accepted" });
      expect(await lane()).toEqual([]);
    }

    it("in its preparation", () =>
      expectOut(() =>
        setPassword("generated-for-other", {
          update: (change) => (change.names?.["#auth"] ? Promise.reject(broken) : store.table.update(change)),
        }),
      ));

    it("when it is stored", () =>
      expectOut(() => setPassword("generated-for-other", { put: () => Promise.reject(broken) })));

    it("when its turn has come", () =>
      expectOut(async () => {
        const request = { ...about(), name: "reset", input: { type: "Soft" } } as const;
        const requestedAtMs = clock.now();
        const run = { ...about(), commandId: `m${count}`, command: "reset", requestedAtMs };
        const deadlineMs = requestedAtMs + 25_000;
        const beforeSending = () => Promise.reject(broken);
        const execution = await execute(depsWith(post), request, { ...run, deadlineMs }, { beforeSending });
        if ("error" in execution) throw execution.error;
      }));

    it("when the station is looked at", () =>
      expectOut(() =>
        waitForLane(depsWith(post), {
          ...about(),
          messageId: `m${count}`,
          deadlineMs: clock.now() + 25_000,
          verify: () => {
            throw broken;
          },
        }),
      ));
  });

  it("of a key whose first request waits no longer keeps its place for the second one", async () => {
    const messageId = `m${count}`;
    await store.table.update({
      key: stationKey(station.cpId),
      update: "SET lane = :entries",
      values: { ":entries": [{ messageId: "other", expiresAtMs: clock.now() + 60_000 }] },
    });
    const turn = (waitMs: number) =>
      clock.track(
        waitForLane(
          { table: store.table, clock },
          { cpId: station.cpId, networks: ["default"], messageId, deadlineMs: clock.now() + waitMs },
        ),
      );
    const [first, second] = [outcomeOf(turn(1_000)), turn(20_000)];
    await clock.advance(2_000);

    expect((await first).error).toMatchObject({ slug: "station-busy" });
    expect((await lane())?.map((entry) => entry.messageId)).toEqual(["other", messageId]);
    await leaveLaneAnswered(store.table, station.cpId, "other", clock.now());
    await clock.advance(2_000);
    expect((await second).lane).toEqual([expect.objectContaining({ messageId })]);
  });

  it("keeps the lane for a second run of the same job when the first run abandons it", async () => {
    const messageId = `m${count}`;
    const about = { cpId: station.cpId, networks: ["default"], messageId, deadlineMs: clock.now() + 25_000 };
    for (const run of ["that hands over", "that takes over"])
      expect(await waitForLane({ table: store.table, clock }, about), run).toMatchObject({
        cpId: station.cpId,
      });

    await abandonLane(store.table, station.cpId, messageId);

    expect(await lane()).toEqual([expect.objectContaining({ messageId })]);
    await abandonLane(store.table, station.cpId, messageId);
    expect(await lane()).toEqual([]);
  });

  it("that cannot leave the lane throws only the reason why it was not sent", async () => {
    const table: Table = {
      ...store.table,
      put: () => Promise.reject(new Error("the reason")),
      update: (change) =>
        change.update.startsWith("REMOVE lane")
          ? Promise.reject(new Error("no news"))
          : store.table.update(change),
    };

    const { error } = await settle(reset(async () => "sent", { table }));

    expect(error).toMatchObject({ message: "the reason" });
  });

  it("whose message id the station was sent before is refused, and nothing is sent", async () => {
    const { sent, post } = posts("sent");
    await settle(reset(post));

    const { error } = await settle(reset(post));

    expect(error).toMatchObject({ slug: "message-id-reused" });
    expect(sent).toHaveLength(1);
    expect(await lane()).toEqual([]);
  });

  it("waits while the lane is full, and throws station-busy at its deadline", async () => {
    const entries = Array.from({ length: 10 }, (_, i) => ({
      messageId: `other${i}`,
      expiresAtMs: clock.now() + 60_000,
    }));
    await store.table.update({
      key: stationKey(station.cpId),
      update: "SET lane = :entries",
      values: { ":entries": entries },
    });
    const { sent, post } = posts("sent");

    const { error } = await settle(reset(post));

    expect(error).toMatchObject({ slug: "station-busy" });
    expect(sent).toEqual([]);
    expect(await lane()).toHaveLength(10);
  });

  it("behind one that died goes out when that one's hold has run out", async () => {
    await store.table.update({
      key: stationKey(station.cpId),
      update: "SET lane = :entries",
      values: { ":entries": [{ messageId: "dead", expiresAtMs: clock.now() + 10_000 }] },
    });
    const { post } = posts("sent");

    const { value } = await settle(reset(post));

    expect(value).toMatchObject({ status: "Accepted" });
    expect(await lane()).toEqual([]);
  });
});
