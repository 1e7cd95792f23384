import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { acquireSlot, LEASE_MS, newNetwork, releaseSlot } from "../../../shared/limits/semaphore.ts";
import type { NetworkItem } from "../../../shared/store/items.ts";
import { networkKey } from "../../../shared/store/keys.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;
let networkId: string;
let count = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(() => {
  networkId = `network-${++count}`;
});

const acquire = (holder: string, now: number) =>
  acquireSlot(store.table, { networkId, holder, now, expiresAtMs: now + LEASE_MS });

const read = async () => (await store.table.get<NetworkItem>(networkKey(networkId))) as NetworkItem;

describe("the semaphore of a network", () => {
  it("creates the network with its defaults when the first command comes", async () => {
    await expect(acquire("a", 0)).resolves.toMatchObject({ admitted: true });

    expect(await read()).toMatchObject({ ...newNetwork(networkId), inUse: 1, leases: { a: LEASE_MS } });
  });

  it("admits ten of forty that come at once", async () => {
    const admissions = await Promise.all(Array.from({ length: 40 }, (_, i) => acquire(`c${i}`, 0)));

    expect(admissions.filter(({ admitted }) => admitted)).toHaveLength(10);
    expect(await read()).toMatchObject({ inUse: 10 });
  });

  it("returns the limit and when the first slot may become free", async () => {
    for (let i = 0; i < 10; i++) await acquire(`c${i}`, i * 100);

    await expect(acquire("late", 2_000)).resolves.toEqual({
      admitted: false,
      limit: 10,
      inUse: 10,
      retryAfterMs: LEASE_MS - 2_000,
    });
  });

  it("admits as many as are released", async () => {
    for (let i = 0; i < 10; i++) await acquire(`c${i}`, 0);

    await releaseSlot(store.table, networkId, "c3");

    await expect(acquire("d", 1)).resolves.toMatchObject({ admitted: true });
    await expect(acquire("e", 1)).resolves.toMatchObject({ admitted: false });
  });

  it("lets a holder in again without a second slot", async () => {
    await acquire("a", 0);
    await acquire("a", 5);

    expect(await read()).toMatchObject({ inUse: 1 });
  });

  it("lets a holder whose lease ran out in again as a newcomer", async () => {
    for (let i = 0; i < 10; i++) await acquire(`c${i}`, 0);

    await expect(acquire("c3", LEASE_MS)).resolves.toMatchObject({ admitted: true });

    expect(await read()).toMatchObject({ inUse: 1, leases: { c3: 2 * LEASE_MS } });
  });

  it("does not count a slot that is given back twice", async () => {
    await acquire("a", 0);
    await acquire("b", 0);

    await releaseSlot(store.table, networkId, "a");
    await releaseSlot(store.table, networkId, "a");

    expect(await read()).toMatchObject({ inUse: 1 });
  });

  it("reaps all expired leases at once, so that ten of forty get in after ten holders died", async () => {
    for (let i = 0; i < 10; i++) await acquire(`dead${i}`, 0);

    const admissions = await Promise.all(Array.from({ length: 40 }, (_, i) => acquire(`c${i}`, LEASE_MS)));

    expect(admissions.filter(({ admitted }) => admitted)).toHaveLength(10);
    const { inUse, leases } = await read();
    expect(inUse).toBe(10);
    expect(Object.keys(leases).some((holder) => holder.startsWith("dead"))).toBe(false);
  });

  it("takes nothing from a live holder when others have expired", async () => {
    for (let i = 0; i < 5; i++) await acquire(`dead${i}`, 0);
    for (let i = 0; i < 5; i++) await acquire(`live${i}`, 10_000);

    const admissions = await Promise.all(Array.from({ length: 20 }, (_, i) => acquire(`c${i}`, LEASE_MS)));

    expect(admissions.filter(({ admitted }) => admitted)).toHaveLength(5);
    const { leases } = await read();
    for (let i = 0; i < 5; i++) expect(leases).toHaveProperty(`live${i}`);
  });

  it("respects a limit that was lowered below what is in use", async () => {
    for (let i = 0; i < 6; i++) await acquire(`c${i}`, 0);
    await store.table.update({
      key: networkKey(networkId),
      update: "SET parallelRequests = :limit",
      values: { ":limit": 3 },
    });

    await expect(acquire("d", 1)).resolves.toEqual({
      admitted: false,
      limit: 3,
      inUse: 6,
      retryAfterMs: LEASE_MS - 1,
    });
    await expect(acquire("e", LEASE_MS)).resolves.toMatchObject({ admitted: true });
    expect(await read()).toMatchObject({ inUse: 1 });
  });
});
