import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Key, ListKey } from "../../../shared/store/keys.ts";
import { cursorOf, readPage } from "../../../shared/store/page.ts";
import { startTable, type TestTable } from "../../support/table.ts";

interface Row extends Key, ListKey {
  readonly n: number;
}

const COUNT = 450;
const row = (list: string, n: number): Row => {
  const name = String(n).padStart(3, "0");
  return { pk: `${list}${name}`, sk: "ROW", gsi1pk: list, gsi1sk: name, n };
};

let db: TestTable;
beforeAll(async () => {
  db = await startTable();
  await Promise.all(Array.from({ length: COUNT }, (_, n) => db.table.put(row("LIST", n))));
});
afterAll(() => db.stop());

/** Every page of the list, as the numbers on it. */
async function allPages(request: Partial<Parameters<typeof readPage<Row>>[1]> & { limit: number }) {
  const pages: number[][] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage<Row>(db.table, { partition: "LIST", ...request, cursor });
    pages.push(page.items.map(({ n }) => n));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return pages;
}

const numbers = Array.from({ length: COUNT }, (_, n) => n);
const invalid = expect.objectContaining({ slug: "invalid-request" });

describe("readPage", () => {
  it("goes through the whole list, in either direction", async () => {
    const pages = await allPages({ limit: 200 });
    expect(pages.map((page) => page.length)).toEqual([200, 200, 50]);
    expect(pages.flat()).toEqual(numbers);
    expect((await allPages({ limit: 100, newestFirst: true })).flat()).toEqual([...numbers].reverse());
  });

  it("ends without an empty page", async () => {
    expect(await allPages({ limit: COUNT })).toHaveLength(1);
    expect(await allPages({ limit: COUNT / 2 })).toHaveLength(2);
  });

  it("keeps to its bounds", async () => {
    expect((await allPages({ limit: 7, from: "100", to: "120" })).flat()).toEqual(numbers.slice(100, 121));
    expect((await allPages({ limit: 7, from: "440" })).flat()).toEqual(numbers.slice(440));
    expect((await allPages({ limit: 7, to: "009" })).flat()).toEqual(numbers.slice(0, 10));
  });

  it("fills its pages however little the filter keeps", async () => {
    const pages = await allPages({ limit: 4, keep: ({ n }) => n % 50 === 0 });
    expect(pages).toEqual([[0, 50, 100, 150], [200, 250, 300, 350], [400]]);
  });

  it("ends a search when it may not go on, and goes on from there", async () => {
    const pages = await allPages({ limit: 4, keep: ({ n }) => n >= 440, mayGoOn: () => false });
    expect(pages).toEqual([[], [], [440, 441, 442, 443], [444, 445, 446, 447], [448, 449]]);
  });

  it("takes no cursor that it did not give", async () => {
    const encode = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString("base64url");
    for (const cursor of [
      "",
      "garbage",
      encode(null),
      encode([]),
      encode(["LIST", "100", "LIST100"]),
      encode(["LIST", "100", "", "ROW"]),
      encode(["LIST", 100, "LIST100", "ROW"]),
      encode(["LIST", "x".repeat(1025), "LIST100", "ROW"]),
      cursorOf(row("OTHER", 100)),
    ]) {
      await expect(readPage(db.table, { partition: "LIST", limit: 1, cursor })).rejects.toEqual(invalid);
    }
  });

  it("takes no cursor from outside its bounds", async () => {
    const bounds = { partition: "LIST", limit: 1, from: "100", to: "200" };
    for (const n of [99, 201]) {
      const cursor = cursorOf(row("LIST", n));
      await expect(readPage(db.table, { ...bounds, cursor })).rejects.toEqual(invalid);
    }
  });
});
