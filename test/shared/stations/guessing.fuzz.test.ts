import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Counted,
  countersOf,
  countFailure,
  heldBackBy,
  LIMITS,
  sourceOf,
  WINDOW_MS,
} from "../../../shared/stations/guessing.ts";
import type { Table, Update } from "../../../shared/store/table.ts";

/** The counters of a table, and nothing else of it. */
function counting() {
  const items = new Map<string, { failures: number; expiresAt: number }>();
  const nameOf = ({ pk, sk }: { pk: string; sk: string }) => `${pk}|${sk}`;
  const table = {
    update: async ({ key, values }: Update) => {
      const failures = (items.get(nameOf(key))?.failures ?? 0) + 1;
      items.set(nameOf(key), { failures, expiresAt: values?.[":expiresAt"] as number });
    },
  } as unknown as Table;
  const failuresOf = (counters: ReturnType<typeof countersOf>) => {
    const of = (by: Counted) => items.get(nameOf(counters[by]))?.failures ?? 0;
    return { pair: of("pair"), source: of("source"), identity: of("identity") };
  };
  return { items, table, failuresOf };
}

const identities = ["CP1", "CP2", "CP3"];
const sources = ["192.0.2.1", "192.0.2.2", "2001:db8:0:1::/64"];
const attempt = fc.record({
  cpId: fc.constantFrom(...identities),
  source: fc.constantFrom(...sources),
  /** Since the one before. */
  afterMs: fc.oneof(fc.nat(2_000), fc.nat(2 * WINDOW_MS)),
  times: fc.constantFrom(1, 3, 12),
});

describe("guessing", () => {
  it("is looked at within the limits of each window, and no more often", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(attempt, { maxLength: 60 }),
        fc.nat(WINDOW_MS),
        fc.constantFrom(undefined, ...sources),
        async (attempts, startsAt, knownSource) => {
          const { items, table, failuresOf } = counting();
          const lookedAt = new Map<string, number>();
          let now = startsAt;
          for (const { cpId, source, afterMs, times } of attempts) {
            now += afterMs;
            for (let n = 0; n < times; n++) {
              const each = { cpId, source, now };
              const isKnown = source === knownSource;
              if (heldBackBy(failuresOf(countersOf(each)), isKnown)) continue;
              await countFailure(table, each, isKnown);
              for (const by of [`${cpId}#${source}`, ...(isKnown ? [] : [source, cpId])]) {
                const key = `${by}|${Math.floor(now / WINDOW_MS)}`;
                lookedAt.set(key, (lookedAt.get(key) ?? 0) + 1);
              }
            }
          }
          for (const [key, times] of lookedAt) {
            const [who = ""] = key.split("|");
            const pair = who.endsWith(`#${knownSource}`) ? LIMITS.knownPair : LIMITS.pair;
            const limit = who.includes("#")
              ? pair
              : identities.includes(who)
                ? LIMITS.identity
                : LIMITS.source;
            expect(times, key).toBeLessThanOrEqual(limit);
          }
          // whoever comes in the next window is looked at
          const later = { cpId: "CP1", source: "192.0.2.1", now: now + WINDOW_MS };
          expect(heldBackBy(failuresOf(countersOf(later)), false)).toBeUndefined();
          for (const [key, { expiresAt }] of items) {
            const window = Number(key.split("|")[1]);
            expect(expiresAt * 1000).toBe((window + 1) * WINDOW_MS);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("counts an IPv6 address by its /64, however it is written", () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
        const groups = (address: string) => sourceOf(address).split(":").slice(0, 4);
        expect(sourceOf(one)).toBe(sourceOf(one.toUpperCase()));
        if (!sourceOf(one).endsWith("::/64")) return expect(isIP(sourceOf(one))).toBe(4);
        const within = `${groups(one).join(":")}:1:2:3:4`;
        expect(isIP(within)).toBe(6);
        expect(sourceOf(within)).toBe(sourceOf(one));
        if (groups(one).join() !== groups(other).join()) expect(sourceOf(other)).not.toBe(sourceOf(one));
      }),
    );
  });

  it("counts an IPv4 address by itself", () => {
    fc.assert(fc.property(fc.ipV4(), (address) => sourceOf(address) === address));
  });
});
