import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import counts from "../../bench/cost/counts.json" with { type: "json" };
import type { Counts } from "../../bench/cost/measure.ts";
import {
  billOfFleet,
  billOfOperation,
  billOfServers,
  crossing,
  type Measured,
  profile,
  ratesOf,
  totalOf,
} from "../../bench/cost/model.ts";
import { operationNames } from "../../bench/cost/operations.ts";
import { prices } from "../../bench/cost/prices.ts";
import { quotas } from "../../bench/cost/quotas.ts";
import { fillIn, tables } from "../../bench/cost/report.ts";

const measured = counts as unknown as Measured;
const pages = ["docs/cost.md", "README.md"].map((path) =>
  readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"),
);

describe("docs/cost.md and README.md", () => {
  it("have the tables that counts and prices give: `npm run cost` writes them", () => {
    for (const page of pages) expect(fillIn(page, tables(measured))).toBe(page);
  });

  it("have a place for each of them", () => {
    const places = [...pages.join().matchAll(/<!-- cost:(\w+) -->/g)].map(([, name]) => name);

    expect(places.sort()).toEqual(Object.keys(tables(measured)).sort());
  });
});

describe("the quotas", () => {
  /** Rows whose need at this size is over the limit. */
  const over = (stations: number) => {
    const rates = ratesOf(measured, stations);
    return quotas.filter(({ limit, need }) => need(rates) > limit).map(({ name }) => name);
  };

  it("are met by ten thousand stations, and of a million these have to be raised", () => {
    expect(over(10_000)).toEqual([]);
    expect(over(1_000_000)).toEqual([
      "Lambda: concurrent executions without a share",
      "API Gateway: new WebSocket connections",
      "API Gateway: requests, all APIs of the account and region",
      "This stack: `stationThrottle`",
    ]);
  });

  it("hold stations' functions to what the functions that wait leave them", () => {
    const { concurrency, unreserved } = ratesOf(measured, 1_000_000);

    expect(quotas.find(({ name }) => name.startsWith("Lambda"))?.limit).toBe(500);
    // Twelve `get_configuration`s a second wait half a second each in api-synchronous; the rest is the others'.
    expect(concurrency - unreserved).toBeGreaterThan(5);
    expect(unreserved).toBeGreaterThan(70);
  });
});

describe("the model of costs", () => {
  const nothing: Counts = {
    dynamodb: {},
    capacity: { readUnits: 0, writeUnits: 0, indexWriteUnits: 0, storedBytes: 0, indexBytes: 0 },
    posts: 0,
    messages: 0,
    functions: {},
    scheduler: {},
    sqs: {},
    events: 0,
    logBytes: 0,
  };
  const withCounts = (name: keyof Measured["operations"], of: Partial<Counts>): Measured => ({
    ...measured,
    operations: { ...measured.operations, [name]: { ...nothing, ...of } },
  });
  const bill = (of: Partial<Counts>) => billOfOperation(withCounts("Heartbeat", of), "Heartbeat");

  it("pays for what was counted, at the listed price", () => {
    expect(totalOf(bill({}))).toBe(0);
    expect(bill({ messages: 2 }).webSocketMessage).toBe(2 * prices.webSocketMessage.dollars);
    expect(
      bill({
        capacity: { readUnits: 1.5, writeUnits: 2, indexWriteUnits: 3, storedBytes: 0, indexBytes: 0 },
      }),
    ).toMatchObject({ readUnit: 1.5 * prices.readUnit.dollars, writeUnit: 5 * prices.writeUnit.dollars });
    expect(bill({ functions: { "station-message": 1, "events-publish": 2 } }).lambdaRequest).toBe(
      3 * prices.lambdaRequest.dollars,
    );
  });

  it("stores table and index, and backs up the table", () => {
    const { storedGb = 0, backupGb = 0 } = bill({
      capacity: { readUnits: 0, writeUnits: 0, indexWriteUnits: 0, storedBytes: 3e9, indexBytes: 1e9 },
    });

    expect(storedGb).toBeCloseTo(3 * prices.storedGb.dollars, 10);
    expect(backupGb).toBeCloseTo(2 * prices.backupGb.dollars, 10);
  });

  it.each([
    [1024, 8 + 5],
    [512, 16 + 5],
  ])("bills a function of %i MB for %i ms of an invocation with one request", (memoryMb, ms) => {
    const counts = { functions: { "station-message": 1 }, dynamodb: { PutItem: 1 } };
    const { fixed, ...others } = withCounts("Heartbeat", counts);
    const changed = { ...others, fixed: { ...fixed, memoryMb: { "station-message": memoryMb } } };

    expect(billOfOperation(changed, "Heartbeat").lambdaGbSecond).toBeCloseTo(
      (ms / 1000) * (memoryMb / 1024) * prices.lambdaGbSecond.dollars,
      15,
    );
  });

  it("counts a line of the access log for each message in, and Lambda's lines where they are stored", () => {
    const counts = { functions: { "station-message": 1 }, messages: 2, logBytes: 7 };
    const { fixed, ...others } = withCounts("Heartbeat", counts);
    const bytesOf = (about: Partial<Measured["fixed"]>) => {
      const { logGb = 0 } = billOfOperation({ ...others, fixed: { ...fixed, ...about } }, "Heartbeat");
      return (logGb / prices.logGb.dollars) * 1e9;
    };
    const accessLineBytes = { station: 200, remote: 1 };

    expect(bytesOf({ accessLineBytes, platformLines: false })).toBeCloseTo(207, 6);
    expect(bytesOf({ accessLineBytes, platformLines: true })).toBeCloseTo(557, 6);
  });

  it("pays for a month of connection, for each station", () => {
    expect(billOfFleet(measured, 7).connectionMinute).toBeCloseTo(7 * 43_800 * 0.25e-6, 10);
  });

  it("records every invocation of a small fleet, and a twentieth of a large one's", () => {
    const traced = [
      ...new Set(operationNames.flatMap((name) => Object.keys(measured.operations[name].functions))),
    ];
    const all = { ...measured, fixed: { ...measured.fixed, traced } };
    const tracesOf = (stations: number) => (billOfFleet(all, stations).trace ?? 0) / prices.trace.dollars;
    const invocationsOf = (stations: number) => ratesOf(all, stations).invocations * 730 * 3600;

    expect(tracesOf(1) / invocationsOf(1)).toBeCloseTo(1, 6);
    expect(tracesOf(10_000_000) / invocationsOf(10_000_000)).toBeCloseTo(0.05, 3);
    const untraced = { ...measured, fixed: { ...measured.fixed, traced: ["api-raw"] } };
    expect(billOfFleet(untraced, 10_000).trace).toBe(0);
  });

  it("counts a profile's rates by the second", () => {
    const { handshakes, messages } = ratesOf(measured, 86_400);

    expect(handshakes).toBeCloseTo(12, 6);
    const daily = operationNames.reduce(
      (sum, name) => sum + (profile[name] ?? 0) * measured.operations[name].messages,
      0,
    );
    expect(messages).toBeCloseTo(daily, 6);
  });

  it.each([0, 500])("finds where servers become cheaper, $%i of work aside", (work) => {
    const at = crossing(measured, work);
    const isDearer = (stations: number) =>
      totalOf(billOfFleet(measured, stations)) > totalOf(billOfServers(measured, stations)) + work;

    expect(isDearer(10)).toBe(false);
    expect(isDearer(Math.floor(at * 0.98))).toBe(false);
    expect(isDearer(at)).toBe(true);
  });

  it("fills in no table that it does not know", () => {
    expect(() => fillIn("<!-- cost:other -->\n<!-- /cost -->", {})).toThrow("no table other");
  });
});
