import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reservedConcurrency, unreservedConcurrency } from "../../infra/concurrency.ts";
import { type FunctionSpec, functionIds, functionSpecs } from "../../infra/functions.ts";
import { resourceOf, templateOf } from "../support/stack.ts";

const waiting = ["api-synchronous", "api-asynchronous", "api-raw", "api-rates", "background-command"];

describe("reserved concurrency", () => {
  it("bounds whoever waits for stations, and nobody else", () => {
    const template = templateOf();
    const reserved = functionIds.map((id): [string, number | undefined] => [
      id,
      resourceOf(template, "AWS::Lambda::Function", id).Properties.ReservedConcurrentExecutions,
    ]);

    expect(Object.fromEntries(reserved.filter(([, count]) => count !== undefined))).toEqual({
      "api-synchronous": 200,
      "api-asynchronous": 50,
      "api-raw": 100,
      "api-rates": 50,
      "background-command": 100,
    });
  });

  it("is there for every function that runs longer than a station's message may, except those that wait for no station or are bounded", () => {
    const waitForNoStation = ["api-networks", "api-stations", "api-bulk", "events-publish"];
    // their event sources bound how many of them run at once
    const others = [...waitForNoStation, "bulk-run", "webhook-deliver"];
    const long = functionIds.filter((id) => {
      const { timeoutSeconds = 10 }: FunctionSpec = functionSpecs[id];
      return timeoutSeconds > 10 && !others.includes(id);
    });

    expect(long.sort()).toEqual([...waiting].sort());
  });

  it("always leaves at least 100, which Lambda asks for, and half of what there is to the stations", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (limit) => {
        const reserved = Object.values(reservedConcurrency(limit));
        const left = unreservedConcurrency(limit);

        expect(left).toBe(limit - reserved.reduce((sum, count) => sum + count, 0));
        if (reserved.length === 0) return;
        expect(left).toBeGreaterThanOrEqual(Math.max(100, limit / 2));
        expect(Math.min(...reserved)).toBeGreaterThan(0);
      }),
    );
  });

  it.each([
    ["10", undefined],
    ["190", undefined],
    ["200", 40],
    ["5000", 1000],
    ["none", undefined],
    ["0", undefined],
  ])("of an account with %s is %s for api-synchronous", (lambdaConcurrency, expected) => {
    const { Properties } = resourceOf(
      templateOf({ lambdaConcurrency }),
      "AWS::Lambda::Function",
      "api-synchronous",
    );

    expect(Properties.ReservedConcurrentExecutions).toBe(expected);
  });
});

describe("docs/operations.md", () => {
  it("has the shares as they are", async () => {
    const text = await readFile(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const rows = [...text.matchAll(/^\| ([\w-]+) \| (\d+) % \| (\d+) \|$/gm)];

    expect(Object.fromEntries(rows.map(([, id, , count]) => [id, Number(count)]))).toEqual(
      reservedConcurrency(1000),
    );
    for (const [, , percent, count] of rows) expect(Number(percent) * 10).toBe(Number(count));
  });
});
