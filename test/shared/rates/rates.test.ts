import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listRates, putRate } from "../../../shared/rates/rates.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let tables: TestTable;
beforeAll(async () => {
  tables = await startTable();
  for (const [networkId, rateId] of [
    ["default", "night"],
    ["default", "day"],
    ["default", "Weekend"],
    ["other", "flat"],
  ] as const)
    await putRate(tables.table, { networkId, rateId, currency: "EUR", priceText: rateId });
});
afterAll(() => tables.stop());

describe("listRates", () => {
  it("returns the rates of the network only, page by page in the order of their ids", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listRates(tables.table, "default", { limit: 2, cursor });
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ rateId }) => rateId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(["Weekend", "day", "night"]);
  });

  it("has no further page after one that is exactly full", async () => {
    const page = await listRates(tables.table, "default", { limit: 3 });
    expect([page.items.length, page.nextCursor]).toEqual([3, undefined]);
  });

  it("returns no internal members of the stored items", async () => {
    const { items } = await listRates(tables.table, "other", { limit: 50 });
    expect(items).toEqual([{ networkId: "other", rateId: "flat", currency: "EUR", priceText: "flat" }]);
  });

  it("refuses a cursor of another network's list", async () => {
    const { nextCursor } = await listRates(tables.table, "default", { limit: 1 });
    await expect(listRates(tables.table, "other", { limit: 1, cursor: nextCursor })).rejects.toMatchObject({
      slug: "invalid-request",
    });
  });
});
