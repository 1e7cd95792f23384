import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StationFilter } from "../../../shared/stations/filter.ts";
import { listStations, MAX_LOOKED_AT } from "../../../shared/stations/find.ts";
import { type Key, stationKey } from "../../../shared/store/keys.ts";
import { payloadText } from "../../../shared/store/payload.ts";
import type { Table } from "../../../shared/store/table.ts";
import { runs } from "../../support/property-limits.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;
beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

const NOW = Date.UTC(2026, 5, 1, 12);
const TWO_HOURS = 2 * 60 * 60_000;

/** A station as a test describes it; the model below decides by this description alone. */
const sketches = fc.record({
  identity: fc.stringMatching(/^[AB][ab\u{ffee}\u{1f600}]{0,3}$/u),
  protocol: fc.constantFrom("ocpp1.6", "ocpp2.0.1"),
  connection: fc.constantFrom("none", "live", "over"),
  vendor: fc.constantFrom("Acme", "Volta", undefined),
  model: fc.constantFrom("M1", "M2"),
  firmwareVersion: fc.constantFrom("1.0", "2.0"),
  status: fc.constantFrom("Available", "Faulted", undefined),
  lock: fc.constantFrom("none", "permanent"),
  tags: fc.uniqueArray(fc.constantFrom("x", "y", "z")),
} as const);
type Sketch = typeof sketches extends fc.Arbitrary<infer Each> ? Each : never;

const filters = fc.record(
  {
    identity: fc.constantFrom("A", "B", "Aa", "A\u{ffee}", "A\u{1f600}", "C"),
    connected: fc.boolean(),
    protocol: fc.constantFrom("ocpp1.6", "ocpp2.0.1"),
    vendor: fc.constantFrom("acme", "VOLTA"),
    model: fc.constantFrom("m1", "M2"),
    firmwareVersion: fc.constantFrom("1.0", "2.0"),
    status: fc.constantFrom("faulted", "Available"),
    lock: fc.constantFrom("none", "permanent"),
    tag: fc.constantFrom("x", "y", "x,y", "z, x"),
  } as const,
  { requiredKeys: [] },
);

function stationOf(networkId: string, sketch: Sketch) {
  const { identity, protocol, connection, vendor, model, firmwareVersion, status, lock, tags } = sketch;
  const connectedAtMs = connection === "live" ? NOW - TWO_HOURS : NOW - TWO_HOURS - 1;
  const isNew = protocol !== "ocpp1.6";
  const boot = isNew
    ? { reason: "PowerUp", chargingStation: { vendorName: vendor, model, firmwareVersion } }
    : { chargePointVendor: vendor, chargePointModel: model, firmwareVersion };
  return newStation({
    ...{ networkId, identity, lock, defaultProtocol: protocol },
    ...(connection !== "none" && { connection: { connectionId: "c", protocol, connectedAtMs } }),
    ...(vendor && { boot: payloadText(boot) }),
    ...(tags.length > 0 && { tags }),
    ...(status && {
      connectorStatus: { "1/1": { status: "Charging", atMs: 0 }, "2/1": { status, atMs: 0 } },
    }),
  });
}

function matches(sketch: Sketch, filter: StationFilter): boolean {
  const { identity, connected, vendor, model, firmwareVersion, status, tag } = filter;
  const booted = sketch.vendor !== undefined;
  return (
    sketch.identity.startsWith(identity ?? "") &&
    (connected === undefined || connected === (sketch.connection === "live")) &&
    (filter.protocol ?? sketch.protocol) === sketch.protocol &&
    (vendor ?? sketch.vendor)?.toLowerCase() === sketch.vendor?.toLowerCase() &&
    (model === undefined || (booted && sketch.model.toLowerCase() === model.toLowerCase())) &&
    (firmwareVersion === undefined || (booted && sketch.firmwareVersion === firmwareVersion)) &&
    (status === undefined || sketch.status?.toLowerCase() === status.toLowerCase()) &&
    (filter.lock ?? sketch.lock) === sketch.lock &&
    (tag ?? "").split(/, ?/).every((each) => each === "" || sketch.tags.includes(each as "x"))
  );
}

/** All pages of a list, with something done between them. */
async function readAll(
  table: Table,
  networkId: string,
  filter: StationFilter,
  limit: number,
  between: () => Promise<void> = async () => {},
): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit, cursor, filter, now: NOW, mayGoOn: () => true };
    const page = await listStations(table, networkId, query);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items.map(({ identity }) => identity));
    cursor = page.nextCursor;
    await between();
  } while (cursor);
  return found;
}

const inOrder = (identities: readonly string[]) =>
  [...identities].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

let networks = 0;
const fleets = fc.uniqueArray(sketches, { selector: ({ identity }) => identity, maxLength: 12 });

describe("listStations", () => {
  it("finds the stations that match each filter, once and in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fleets,
        fc.array(filters, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (fleet, some, limit) => {
          const networkId = `f${++networks}`;
          await Promise.all(fleet.map((sketch) => store.table.put(stationOf(networkId, sketch))));
          for (const filter of [{}, ...some]) {
            const expected = fleet
              .filter((sketch) => matches(sketch, filter))
              .map(({ identity }) => identity);
            expect(await readAll(store.table, networkId, filter, limit)).toEqual(inOrder(expected));
          }
        },
      ),
      runs(12),
    );
  });

  it("shows every station that stays, once, while others come, change and go between pages", async () => {
    await fc.assert(
      fc.asyncProperty(
        fleets,
        filters,
        fc.array(sketches, { maxLength: 8 }),
        async (fleet, filter, changes) => {
          const networkId = `g${++networks}`;
          const changing = new Set(changes.map(({ identity }) => identity));
          const staying = fleet.filter(({ identity }) => !changing.has(identity));
          await Promise.all(fleet.map((sketch) => store.table.put(stationOf(networkId, sketch))));
          const left = [...changes];
          const between = async () => {
            const change = left.pop();
            if (!change) return;
            const station = stationOf(networkId, change);
            if (left.length % 2) await store.table.put(station);
            else await store.table.delete(stationKey(station.cpId));
          };

          const found = await readAll(store.table, networkId, filter, 2, between);

          expect(new Set(found).size).toBe(found.length);
          const expected = staying
            .filter((sketch) => matches(sketch, filter))
            .map(({ identity }) => identity);
          expect(found.filter((identity) => !changing.has(identity))).toEqual(inOrder(expected));
        },
      ),
      runs(12),
    );
  });

  it("looks at 2,000 stations of 10,000 in a request, and ends after five that find nothing", async () => {
    const names = Array.from({ length: 10_000 }, (_, n) => `CP${String(n).padStart(5, "0")}`);
    let reads = 0;
    /** A list of 10,000 that the engine need not hold. */
    const list = async ({ limit, after }: { limit: number; after?: Readonly<Record<string, unknown>> }) => {
      reads++;
      const from = after ? names.indexOf(after.gsi1sk as string) + 1 : 0;
      const items = names.slice(from, from + limit).map((identity) => newStation({ identity }));
      const last = items.at(-1);
      const lastKey = last && { pk: last.pk, sk: last.sk, gsi1pk: last.gsi1pk, gsi1sk: last.gsi1sk };
      return { items, ...(lastKey && from + limit < names.length && { lastKey }) };
    };
    const stations = new Map(
      names.map((identity) => newStation({ identity })).map((item) => [item.pk, item]),
    );
    const getMany = async <Item>(keys: readonly Key[]) => keys.map(({ pk }) => stations.get(pk) as Item);
    const table: Table = { ...store.table, list, getMany };
    let pages = 0;
    const countPages = async () => {
      pages++;
    };
    expect(await readAll(table, "default", { tag: "none" }, 50, countPages)).toEqual([]);
    expect(pages).toBe(names.length / MAX_LOOKED_AT);
    expect(reads).toBe(50);
  });
});
