import { beforeAll, describe, expect, it } from "vitest";
import { listResults } from "../../../shared/bulk/resource.ts";
import { acquireSlot, LEASE_MS, releaseSlot } from "../../../shared/limits/semaphore.ts";
import { type BulkItem, bulkKey, bulkOutcomes } from "../../../shared/store/bulk.ts";
import { networkKey } from "../../../shared/store/keys.ts";
import type { Table } from "../../../shared/store/table.ts";
import { BulkWorld, type Habit } from "../../support/bulk-world.ts";
import { openDirectTable, type Written } from "../../support/direct-table.ts";

const STATIONS = 2_000;
const LIMIT = 10;
const ANSWER_MS = 20;
/** Between two single commands. */
const PAUSE_MS = 73;

/** Of a hundred stations. */
const habits: Readonly<Partial<Record<Habit, number>>> = {
  accepts: 88,
  refuses: 4,
  errs: 3,
  offline: 3,
  unknown: 1,
  hangsUp: 1,
};
const outcomes = {
  accepted: 0.88 * STATIONS,
  refused: 0.04 * STATIONS,
  failed: 0.04 * STATIONS,
  skipped: 0.03 * STATIONS,
  unknown: 0.01 * STATIONS,
};

const fleet: Habit[] = Array.from({ length: STATIONS / 100 }).flatMap(() =>
  Object.entries(habits).flatMap(([habit, count]) => Array.from({ length: count }, () => habit as Habit)),
);

describe("a bulk command to 2,000 stations", () => {
  let table: Table;
  let world: BulkWorld;
  const writes: Written[] = [];
  /** The slots in use, by the bulk command and by all: the most at any moment. */
  const most = { ofBulk: 0, all: 0 };
  const single = { admitted: 0, refused: 0 };

  /** A caller that sends one command after the other, each of which takes as long as a station. */
  async function sendCommands(): Promise<void> {
    const { clock, networkId } = world;
    for (let n = 0; ; n++) {
      const now = clock.now();
      const holder = `single-${n}`;
      const slot = await acquireSlot(table, { networkId, holder, now, expiresAtMs: now + LEASE_MS });
      single[slot.admitted ? "admitted" : "refused"] += 1;
      await clock.sleep(ANSWER_MS);
      if (slot.admitted) await releaseSlot(table, networkId, holder);
      await clock.sleep(PAUSE_MS);
      const bulk = await table.get<BulkItem>(bulkKey(world.bulkId));
      if (bulk?.completedAtMs !== undefined) return;
    }
  }

  beforeAll(async () => {
    table = openDirectTable((write) => {
      writes.push(write);
      if (write.sk !== networkKey("").sk || !write.item.leases) return;
      const holders = Object.keys(write.item.leases.M ?? {});
      most.all = Math.max(most.all, holders.length);
      most.ofBulk = Math.max(most.ofBulk, holders.filter((one) => one.startsWith(world.bulkId)).length);
    });
    world = await new BulkWorld({ table, losing: table }, fleet, ANSWER_MS).start(LIMIT);
    writes.length = 0;
    await world.accept({ parallel: 50, command: "reset", input: { type: "Soft" } });
    world.clock.track(sendCommands());
    for (;;) {
      world.deliver(Number.POSITIVE_INFINITY);
      await world.clock.advance(50);
      if (world.errors.length > 0) throw world.errors[0];
      if ((await table.get<BulkItem>(bulkKey(world.bulkId)))?.completedAtMs !== undefined) break;
    }
    await world.finish();
  }, 300_000);

  const bulkItem = async () => (await table.get<BulkItem>(bulkKey(world.bulkId))) as BulkItem;
  const writesOf = (sk: string) =>
    writes.filter((each) => each.pk === bulkKey(world.bulkId).pk && each.sk.startsWith(sk));

  it("sends the command once to each station that is connected, and to no other one", () => {
    const calls = (wanted: (habit: Habit) => boolean) =>
      new Set(world.stations.filter(({ habit }) => wanted(habit)).map((each) => each.calls.length));
    const isThere = (habit: Habit) => habit !== "offline" && habit !== "unknown";

    expect(calls(isThere)).toEqual(new Set([1]));
    expect(calls((habit) => !isThere(habit))).toEqual(new Set([0]));
  });

  it("ends with exact counts, which are those of its rows", async () => {
    const bulk = await bulkItem();
    const counted = Object.fromEntries(bulkOutcomes.map((outcome) => [outcome, 0]));
    for (let after: number | undefined = 0; after !== undefined; ) {
      const page: Awaited<ReturnType<typeof listResults>> = await listResults(table, bulk, {
        limit: 500,
        after,
      });
      for (const { outcome } of page.items) counted[outcome] = (counted[outcome] ?? 0) + 1;
      after = page.next;
    }

    expect(bulk).toMatchObject({
      state: "completed",
      total: STATIONS,
      next: STATIONS,
      workers: {},
      parked: 0,
    });
    expect(bulk).toMatchObject(outcomes);
    expect(counted).toEqual(outcomes);
  });

  it("holds at most one slot less than the limit, so that a caller of single commands is never refused", () => {
    expect(most.ofBulk).toBe(LIMIT - 1);
    expect(most.all).toBeLessThanOrEqual(LIMIT);
    expect(single.refused).toBe(0);
    expect(single.admitted).toBeGreaterThan(50);
  });

  it("writes 250 stations a snapshot item, and items far below 400 KB", () => {
    const largest = (sk: string) => Math.max(...writesOf(sk).map(({ bytes }) => bytes));

    expect(writesOf("STATIONS#")).toHaveLength(STATIONS / 250);
    expect(largest("STATIONS#")).toBeLessThan(10_000);
    expect(writesOf("INPUT")).toHaveLength(1);
    expect(largest("BULK")).toBeLessThan(1_024);
    expect(largest("ROW#")).toBeLessThan(1_024);
  });

  it("writes its item twice a station, its row once, and the network's item twice", () => {
    const applied = writesOf("BULK").filter((each) => each.applied);
    const ofNetwork = writes.filter(({ pk, applied }) => pk === networkKey(world.networkId).pk && applied);

    // its acceptance and its end
    expect(applied).toHaveLength(2 * STATIONS + 2);
    expect(writesOf("ROW#")).toHaveLength(STATIONS);
    const ofSingle = 2 * single.admitted;
    expect(ofNetwork.length - ofSingle).toBeGreaterThanOrEqual(2 * STATIONS);
    expect(ofNetwork.length - ofSingle).toBeLessThan(2 * STATIONS + 200);
  });
});
