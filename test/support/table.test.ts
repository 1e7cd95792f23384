import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConditionFailed } from "../../shared/store/table.ts";
import { startTable, type TestTable } from "./table.ts";

let db: TestTable;
beforeAll(async () => {
  db = await startTable();
});
afterAll(() => db.stop());

describe("table", () => {
  it("gets what was put", async () => {
    const item = { pk: "A", sk: "1", text: "x" };
    await db.table.put(item);
    expect(await db.table.get({ pk: "A", sk: "1" })).toEqual(item);
  });

  it("says what stands in the way of a conditional write", async () => {
    const item = { pk: "B", sk: "1", text: "x" };
    await db.table.put(item);
    const error = await db.table.put({ ...item, text: "y" }, "attribute_not_exists(pk)").catch((e) => e);
    expect(error).toBeInstanceOf(ConditionFailed);
    expect(error.item).toEqual(item);
  });

  it("lists in either direction, page by page", async () => {
    for (const n of [1, 2, 3]) {
      await db.table.put({ pk: `C${n}`, sk: "1", gsi1pk: "LIST", gsi1sk: String(n) });
    }
    const first = await db.table.list({ partition: "LIST", newestFirst: true, limit: 2 });
    expect(first.items.map(({ pk }) => pk)).toEqual(["C3", "C2"]);
    const second = await db.table.list({
      partition: "LIST",
      newestFirst: true,
      limit: 2,
      ...(first.lastKey && { after: first.lastKey }),
    });
    expect(second.items.map(({ pk }) => pk)).toEqual(["C1"]);
  });
});
