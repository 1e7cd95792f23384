import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

const key = { pk: "numbers", sk: "numbers" };

describe("an item with numbers that somebody else chose", () => {
  it.each([
    ["as it is", 0.45, 0.45],
    ["as nothing, below the least there is", 2.5e-141, 0],
    ["as the greatest there is, above it", -1e300, Number.MIN_SAFE_INTEGER],
  ])("is stored %s", async (_, number, stored) => {
    await store.table.put({ ...key, number, nested: [{ number }] });

    await expect(store.table.get(key)).resolves.toEqual({
      ...key,
      number: stored,
      nested: [{ number: stored }],
    });
  });

  it("is stored whatever they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (number) => {
        await store.table.put({ ...key, number });
        await expect(store.table.get(key)).resolves.toHaveProperty("number");
      }),
      { numRuns: 200 },
    );
  });
});

describe("an item with what a station answered", () => {
  it("has a blank for a name that is empty", async () => {
    await store.table.put({ ...key, details: { "": { "": [{ "": 1 }] } } });

    await expect(store.table.get(key)).resolves.toEqual({
      ...key,
      details: { " ": { " ": [{ " ": 1 }] } },
    });
  });
});
