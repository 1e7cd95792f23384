import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acceptBulk, matchingStations } from "../../../shared/bulk/accept.ts";
import { listResults } from "../../../shared/bulk/resource.ts";
import { cpIdOf } from "../../../shared/ids.ts";
import { enterLane, leaveLane } from "../../../shared/limits/lane.ts";
import { putRate } from "../../../shared/rates/rates.ts";
import { stationKey } from "../../../shared/store/keys.ts";
import type { Table } from "../../../shared/store/table.ts";
import { BulkWorld, type Habit } from "../../support/bulk-world.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

const many = (habit: Habit, count: number): Habit[] => Array.from({ length: count }, () => habit);

async function ended(world: BulkWorld) {
  await world.finish();
  const seen = await world.read();
  if (!seen) throw new Error("the bulk command is not stored");
  return seen;
}

/** Lets everything run, and notes the most stations that were being sent the command at once. */
async function mostAtOnce(world: BulkWorld): Promise<number> {
  let most = 0;
  for (let looks = 0; looks < 500; looks++) {
    world.deliver(20);
    await world.clock.advance(100);
    const seen = await world.read();
    most = Math.max(most, seen?.counts.running ?? 0);
    if (seen?.bulk.completedAtMs !== undefined) break;
  }
  return most;
}

const callsOf = ({ stations }: BulkWorld): number[] => stations.map(({ calls }) => calls.length);

describe("a bulk command", () => {
  it("stops after as many failures as it was given, and cancels the rest", async () => {
    const world = await new BulkWorld(store, many("errs", 6)).start();
    await world.accept({ parallel: 1, stopAfterFailures: 2 });
    const { bulk, counts } = await ended(world);

    expect(bulk.state).toBe("stopped");
    expect(counts).toMatchObject({ total: 6, failed: 2, cancelled: 4, waiting: 0, running: 0 });
    expect(callsOf(world)).toEqual([1, 1, 0, 0, 0, 0]);
  });

  it("is at `parallel` stations at once", async () => {
    const world = await new BulkWorld(store, many("accepts", 7)).start();
    await world.accept({ parallel: 3 });
    expect(await mostAtOnce(world)).toBe(3);
  });

  it("is at `parallel` stations at once where all of them connect at once", async () => {
    const world = await new BulkWorld(store, many("comesLater", 5)).start();
    await world.accept({ parallel: 2, offline: "wait", expiresAtMs: world.clock.now() + 120_000 });
    while ((await world.read())?.bulk.parked !== 5) {
      world.deliver(20);
      await world.clock.advance(1_000);
    }
    await world.clock.advance(86_000);
    expect(await mostAtOnce(world)).toBe(2);
    expect((await ended(world)).counts).toMatchObject({ accepted: 5 });
  });

  it("sends nothing to a station that connects after the expiry", async () => {
    const world = await new BulkWorld(store, ["comesLater", "offline"]).start();
    await world.accept({ offline: "wait", expiresAtMs: world.clock.now() + 60_000 });
    const { bulk, counts } = await ended(world);

    expect(bulk.state).toBe("completed");
    expect(counts).toMatchObject({ skipped: 2, waiting: 0 });
    expect(callsOf(world)).toEqual([0, 0]);
    expect((await world.stationItem(1))?.waitingBulks).toBeUndefined();
  });

  it("waits for a station that connects before the expiry", async () => {
    const world = await new BulkWorld(store, ["comesLater"]).start();
    await world.accept({ offline: "wait", expiresAtMs: world.clock.now() + 120_000 });
    expect((await ended(world)).counts).toMatchObject({ accepted: 1 });
    expect((await world.stationItem(0))?.waitingBulks).toBeUndefined();
  });

  it("forgets stations that it waited for when it is cancelled, once they connect", async () => {
    const world = await new BulkWorld(store, ["offline"]).start();
    await world.accept({ offline: "wait", expiresAtMs: world.clock.now() + 120_000 });
    while ((await world.read())?.bulk.parked !== 1) {
      world.deliver(10);
      await world.clock.advance(100);
    }
    await world.cancel();
    await world.connect(0);
    const { bulk, counts } = await ended(world);

    expect([bulk.state, counts.cancelled]).toEqual(["cancelled", 1]);
    expect(callsOf(world)).toEqual([0]);
    expect((await world.stationItem(0))?.waitingBulks).toBeUndefined();
  });

  it("does not send to a station whose lane becomes free after the cancellation", async () => {
    const world = await new BulkWorld(store, ["accepts"]).start();
    const { cpId } = world.stations[0] ?? { cpId: "" };
    const other = { messageId: "another command", expiresAtMs: world.clock.now() + 30_000 };
    await enterLane(store.table, cpId, [world.networkId], other);
    await world.accept();
    for (let turns = 0; turns < 5; turns++) {
      world.deliver(10);
      await world.clock.advance(1_000);
    }
    expect((await world.read())?.counts.running).toBe(1);
    await world.cancel();
    await leaveLane(store.table, cpId, other.messageId);
    const { bulk, counts } = await ended(world);

    expect([bulk.state, counts.cancelled, callsOf(world)]).toEqual(["cancelled", 1, [0]]);
  });

  it("keeps the stations of the request that was accepted when the request is repeated", async () => {
    const world = await new BulkWorld(store, many("accepts", 3)).start();
    const [first, second, third] = world.stations.map(({ cpId }) => cpId) as [string, string, string];
    await world.accept({ cpIds: [first, second] });
    await world.accept({ cpIds: [third, second, first] });
    const { counts, rows } = await ended(world);

    expect(counts).toMatchObject({ total: 2, accepted: 2 });
    expect(rows.map(({ cpId }) => cpId)).toEqual([first, second]);
    expect(callsOf(world)).toEqual([1, 1, 0]);
  });

  it("is not accepted by a request that fails before the command is stored", async () => {
    const world = await new BulkWorld(store, ["accepts"]).start();
    await expect(world.accept({}, { diesAfter: 3 })).rejects.toThrow();
    expect(world.messages).toMatchObject([{ message: { job: "start" } }]);
    await world.finish();
    expect(await world.read()).toBeUndefined();
    expect(callsOf(world)).toEqual([0]);
  });

  it("is started a minute later where the request fails after the command is stored", async () => {
    const world = await new BulkWorld(store, ["accepts"]).start();
    await expect(world.accept({}, { diesAfter: 4 })).rejects.toThrow();
    expect((await ended(world)).counts).toMatchObject({ accepted: 1 });
  });

  it("is completed where it was cancelled in the minute before it is started", async () => {
    const world = await new BulkWorld(store, ["accepts"]).start();
    await expect(world.accept({}, { diesAfter: 4 })).rejects.toThrow();
    await world.cancel();
    const { bulk, counts } = await ended(world);

    expect(bulk).toMatchObject({ state: "cancelled", completedAtMs: expect.any(Number) });
    expect(counts).toMatchObject({ waiting: 0, cancelled: 1 });
  });

  it("sends each CALL of a command once, wherever a function is killed", async () => {
    const keys = ["HeartbeatInterval", "MeterValueSampleInterval", "ConnectionTimeOut"];
    const input = { configurations: keys.map((key) => ({ key, value: "60" })) };
    for (let diesAfter = 0; diesAfter < 24; diesAfter += 3) {
      const world = await new BulkWorld(store, ["accepts"]).start();
      await world.accept({ command: "change_configurations", input });
      world.deliver(1);
      await world.clock.advance(100);
      world.deliver(1, { diesAfter });
      const { counts } = await ended(world);
      const calls = world.stations[0]?.calls ?? [];
      expect(calls, `${diesAfter}`).toEqual([...new Set(calls)]);
      expect(counts.accepted + counts.failed).toBe(1);
    }
  });

  it("syncs and disables the display of rates", async () => {
    const world = await new BulkWorld(store, ["accepts", "accepts"]).start();
    const { networkId, stations } = world;
    const rate = { rateId: "day", networkId, currency: "EUR", priceText: "0.30" };
    await putRate(store.table, rate);
    await store.table.update({
      key: stationKey(stations[0]?.cpId ?? ""),
      update: "SET rateId = :rate",
      values: { ":rate": "day" },
    });
    await world.accept({ command: "rate_display_sync" });
    const { rows } = await ended(world);

    expect(rows).toMatchObject([
      { outcome: "accepted" },
      { outcome: "failed", problem: { type: "https://ocpp-relay.dev/problems/no-rate-assigned" } },
    ]);
    expect(await world.stationItem(0)).toMatchObject({ rateDisplay: { state: "shown", rateId: "day" } });

    const disabling = await new BulkWorld(store, ["accepts"]).start();
    await disabling.accept({ command: "rate_display_disable" });
    expect((await ended(disabling)).counts).toMatchObject({ accepted: 1 });
    expect(await disabling.stationItem(0)).toMatchObject({ rateDisplay: { state: "disabled" } });
  });

  it("lists the results of one outcome page by page", async () => {
    const world = await new BulkWorld(store, ["errs", "accepts", "errs", "unknown", "accepts"]).start();
    await world.accept();
    const { bulk } = await ended(world);
    const pages: number[][] = [];
    for (let after: number | undefined = 0; after !== undefined; ) {
      const page: Awaited<ReturnType<typeof listResults>> = await listResults(store.table, bulk, {
        outcome: "failed",
        limit: 2,
        after,
      });
      pages.push(page.items.map(({ cpId }) => world.stations.findIndex((one) => one.cpId === cpId)));
      after = page.next;
    }
    expect(pages).toEqual([[0, 2], [3]]);
  });
});

describe("a bulk command to 10,000 stations", () => {
  const fleet = Array.from({ length: 10_001 }, (_, n) =>
    newStation({ networkId: "fleet", identity: `CP${n}` }),
  );

  /** A table that lists the fleet, and keeps what is put in it. */
  function tableOf(stations: typeof fleet): { table: Table; items: Record<string, unknown>[] } {
    const items: Record<string, unknown>[] = [];
    const list = async ({ limit, after }: { limit: number; after?: Record<string, unknown> }) => {
      const first = stations.findIndex(({ pk }) => pk === after?.pk) + 1;
      const page = stations.slice(first, first + limit);
      const next = first + page.length;
      const { pk, sk, gsi1pk, gsi1sk } = page.at(-1) ?? {};
      return { items: page, ...(next < stations.length && { lastKey: { pk, sk, gsi1pk, gsi1sk } }) };
    };
    const byKey = new Map(stations.map((station) => [station.pk, station]));
    const getMany = async (keys: readonly { pk: string }[]) => keys.flatMap(({ pk }) => byKey.get(pk) ?? []);
    const put = async (item: object) => void items.push({ ...item });
    return { table: { ...store.table, list, getMany, put } as unknown as Table, items };
  }

  const accept = (table: Table, cpIds: readonly string[], sent: unknown[]) =>
    acceptBulk(
      {
        table,
        clock: { now: () => 0, sleep: async () => {} },
        ...{
          logDays: 30,
          newId: () => "snapshot",
          queue: { send: async (messages) => void sent.push(...messages) },
        },
      },
      {
        ...{ bulkId: "bulk", networkId: "fleet", command: "reset", input: { type: "Soft" }, cpIds },
        ...{ limit: 100, offline: "skip" },
      },
    );

  it("is accepted by 42 writes, each item far below 400 KB", async () => {
    const { table, items } = tableOf([]);
    const sent: unknown[] = [];
    const cpIds = fleet.slice(0, 10_000).map(({ cpId }) => cpId);
    const bulk = await accept(table, cpIds, sent);

    expect(bulk).toMatchObject({ total: 10_000, parallel: 50 });
    expect(items).toHaveLength(42);
    // the workers, and the message that starts them if the function dies
    expect(sent).toHaveLength(51);
    const bytes = items.map((item) => JSON.stringify(marshall(item)).length);
    expect(Math.max(...bytes)).toBeLessThan(20_000);
    expect(items.flatMap(({ cpIds: some = [] }) => some as string[])).toEqual(cpIds);
  });

  it("takes all stations that a filter matches, and refuses more", async () => {
    const wanted = { filter: {}, now: 0 };
    const cpIds = await matchingStations(tableOf(fleet.slice(0, 10_000)).table, "fleet", wanted);
    expect(new Set(cpIds).size).toBe(10_000);
    expect(cpIds[0]).toBe(cpIdOf("fleet", "CP0"));
    await expect(matchingStations(tableOf(fleet).table, "fleet", wanted)).rejects.toMatchObject({
      slug: "invalid-request",
    });
  });
});
