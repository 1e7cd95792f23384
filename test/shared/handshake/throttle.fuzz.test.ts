import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Attempt,
  type Counted,
  countersOf,
  countFailure,
  heldBackBy,
  LIMITS,
  sourceOf,
  WINDOW_MS,
} from "../../../shared/handshake/throttle.ts";
import type { Table, Update } from "../../../shared/store/table.ts";
import "../../support/property-limits.ts";

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

// So many that the limits of a source and of an identity are within reach, at ten of each pair.
const identities = Array.from({ length: 70 }, (_, n) => `CP${n}`);
const sources = [...Array.from({ length: 110 }, (_, n) => `192.0.2.${n}`), "2001:db8:1::/48"];
const single = fc.record({
  cpIds: fc.constantFrom(...identities).map((cpId) => [cpId]),
  sources: fc.constantFrom(...sources).map((source) => [source]),
  times: fc.constantFrom(1, 3, 12),
});
const oneSource = single.map(({ sources, times }) => ({ cpIds: identities, sources, times }));
const oneIdentity = single.map(({ cpIds, times }) => ({ cpIds, sources, times }));
const attempts = fc.tuple(
  fc.oneof({ weight: 4, arbitrary: single }, oneSource, oneIdentity),
  /** Since those before. */
  fc.oneof(fc.nat(2_000), fc.nat(2 * WINDOW_MS)),
);

describe("guessing", () => {
  it("is looked at within the limits of each window, and no more often", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(attempts, { maxLength: 20 }),
        fc.nat(WINDOW_MS),
        fc.constantFrom(undefined, ...sources),
        fc.boolean(),
        async (all, startsAt, knownSource, isLucky) => {
          const lot = isLucky ? 0 : 1;
          const { items, table, failuresOf } = counting();
          const lookedAt = new Map<string, number>();
          let now = startsAt;
          for (const [{ cpIds, sources, times }, afterMs] of all) {
            now += afterMs;
            const each = cpIds.flatMap((cpId) => sources.map((source) => ({ cpId, source, now })));
            for (const attempt of each.flatMap((one) => Array<Attempt>(times).fill(one))) {
              const { cpId, source } = attempt;
              const isKnown = source === knownSource;
              if (heldBackBy(failuresOf(countersOf(attempt)), isKnown, lot)) continue;
              await countFailure(table, attempt, isKnown);
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
                ? LIMITS[isLucky ? "identityByLot" : "identity"]
                : LIMITS.source;
            expect(times, key).toBeLessThanOrEqual(limit);
          }
          // a handshake in the next window is checked
          const later = { cpId: "CP1", source: "192.0.2.1", now: now + WINDOW_MS };
          expect(heldBackBy(failuresOf(countersOf(later)), false, lot)).toBeUndefined();
          for (const [key, { expiresAt }] of items) {
            const window = Number(key.split("|")[1]);
            expect(expiresAt * 1000).toBe((window + 1) * WINDOW_MS);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it("counts an IPv6 address by its /48, however it is written", () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
        const groups = (address: string) => sourceOf(address).split(":").slice(0, 3);
        expect(sourceOf(one)).toBe(sourceOf(one.toUpperCase()));
        if (!sourceOf(one).endsWith("::/48")) return expect(isIP(sourceOf(one))).toBe(4);
        const within = `${groups(one).join(":")}:1:2:3:4:5`;
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
