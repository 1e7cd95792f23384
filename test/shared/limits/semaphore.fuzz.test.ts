import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acquireSlot, LEASE_MS, releaseSlot } from "../../../shared/limits/semaphore.ts";
import type { NetworkItem } from "../../../shared/store/items.ts";
import { networkKey } from "../../../shared/store/keys.ts";
import { runs } from "../../support/property-limits.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;
let networks = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

const LIMIT = 10;

const holder = fc.integer({ min: 0, max: 24 }).map((i) => `holder${i}`);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ acquire: fc.uniqueArray(holder, { minLength: 1, maxLength: 15 }) }) },
  { weight: 2, arbitrary: fc.record({ release: fc.uniqueArray(holder, { minLength: 1, maxLength: 10 }) }) },
  { weight: 1, arbitrary: fc.record({ advance: fc.integer({ min: 1, max: LEASE_MS }) }) },
);

describe("the semaphore under random interleavings of acquire, release, crash and clock", () => {
  it("never admits more than the limit, never leaks a slot, never refuses while one is free", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const networkId = `fuzz-${++networks}`;
        /** Who holds a slot as far as they know, and until when; a crash is simply never to release. */
        const held = new Map<string, number>();
        let now = 0;
        const live = () => [...held].filter(([, expiresAtMs]) => expiresAtMs > now);

        for (const action of steps) {
          if ("advance" in action) now += action.advance;
          else if ("release" in action) {
            await Promise.all(action.release.map((name) => releaseSlot(store.table, networkId, name)));
            for (const name of action.release) held.delete(name);
          } else {
            const before = new Set(live().map(([name]) => name));
            const admissions = await Promise.all(
              action.acquire.map(async (name) => {
                const expiresAtMs = now + LEASE_MS;
                const { admitted } = await acquireSlot(store.table, {
                  networkId,
                  holder: name,
                  now,
                  expiresAtMs,
                });
                return { name, admitted, expiresAtMs };
              }),
            );
            const newcomers = admissions.filter(({ name }) => !before.has(name));
            const admitted = newcomers.filter((admission) => admission.admitted);
            expect(admitted).toHaveLength(Math.min(newcomers.length, LIMIT - before.size));
            for (const { name, expiresAtMs } of admitted) held.set(name, expiresAtMs);
          }
          expect(live().length).toBeLessThanOrEqual(LIMIT);
          const network = await store.table.get<NetworkItem>(networkKey(networkId));
          if (network) expect(network.inUse).toBe(Object.keys(network.leases).length);
        }
      }),
      runs(24),
    );
  });
});
