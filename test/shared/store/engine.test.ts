/**
 * What shared/store/table.ts and its users rely on in DynamoDB, on the engine of the run: dynalite in `npm test`,
 * Amazon's DynamoDB Local in `npm run test:dynamodb-local`. docs/dynamodb-engines.md lists the differences.
 */
import { type AttributeValue, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readList } from "../../../shared/store/page.ts";
import { ConditionFailed } from "../../../shared/store/table.ts";
import { runningEngine } from "../../support/engine.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let db: TestTable;
beforeAll(async () => {
  db = await startTable();
});
afterAll(() => db.stop());

let count = 0;
let key: { pk: string; sk: string };
beforeEach(() => {
  count += 1;
  key = { pk: `ENGINE#${count}`, sk: "ITEM" };
});

const refusedAs = (name: string, message = /./) =>
  expect.objectContaining({ name, message: expect.stringMatching(message) });
const invalid = refusedAs("ValidationException");

describe("an item", () => {
  it("comes back as it was written, whatever is in it", async () => {
    const item = {
      ...key,
      text: "Zürich 🔌",
      empty: "",
      yes: true,
      no: false,
      nothing: null,
      numbers: [0, -1, 0.1, 1e21, -1.5e-7, Number.MAX_SAFE_INTEGER],
      map: { "a.b": 1, "#c": { " ": [] } },
      list: [[], {}, [{}]],
      texts: new Set(["b", "a"]),
      counts: new Set([1, 20, 3]),
    };
    await db.table.put(item);
    expect(await db.table.get(key)).toEqual({
      ...item,
      numbers: [0, -1, 0.1, Number.MAX_SAFE_INTEGER, -1.5e-7, Number.MAX_SAFE_INTEGER],
    });
  });

  it("leaves out what is undefined", async () => {
    await db.table.put({ ...key, there: 1, absent: undefined, map: { absent: undefined } });
    expect(await db.table.get(key)).toEqual({ ...key, there: 1, map: {} });
  });

  it("is replaced as a whole by the next one", async () => {
    await db.table.put({ ...key, first: 1 });
    await db.table.put({ ...key, second: 2 });
    expect(await db.table.get(key)).toEqual({ ...key, second: 2 });
  });

  it("holds no empty set", async () => {
    await expect(db.table.put({ ...key, none: new Set<string>() })).rejects.toThrow();
  });

  it("has keys that are not empty, of 2048 and 1024 bytes at most", async () => {
    await db.table.put({ pk: "p".repeat(2048), sk: "s".repeat(1024) });
    for (const bad of [
      { pk: "", sk: "s" },
      { pk: "p", sk: "" },
      { pk: "p".repeat(2049), sk: "s" },
      { pk: "p", sk: "s".repeat(1025) },
    ]) {
      await expect(db.table.put(bad)).rejects.toEqual(invalid);
      await expect(
        db.client.send(new GetItemCommand({ TableName: db.name, Key: marshall(bad) })),
      ).rejects.toEqual(invalid);
      expect(await db.table.get(bad)).toBeUndefined();
      expect(await db.table.getMany([bad, key])).toEqual([]);
      expect(await db.table.delete(bad)).toBeUndefined();
      if (bad.sk !== "") expect(await db.table.partition(bad.pk, bad.sk)).toEqual([]);
    }
  });

  it("ends at 400 KB, with an error message that a user of the table searches for", async () => {
    const half = "x".repeat(250_000);
    await expect(db.table.put({ ...key, half, more: half })).rejects.toEqual(
      refusedAs("ValidationException", /item size/i),
    );
    await db.table.put({ ...key, half });
    await expect(
      db.table.update({ key, update: "SET more = :half", values: { ":half": half } }),
    ).rejects.toEqual(refusedAs("ValidationException", /item size/i));
    expect(await db.table.get(key)).toEqual({ ...key, half });
  });
});

describe("a condition", () => {
  const condition = "attribute_not_exists(pk) OR v < :v";
  const expression = { values: { ":v": 5 } };

  it("that does not hold leaves the item unchanged and returns it", async () => {
    const item = { ...key, v: 7, map: { of: ["things"] } };
    await db.table.put(item);
    for (const write of [
      () => db.table.put({ ...key, v: 1 }, condition, expression),
      () => db.table.update({ key, update: "SET v = :v", condition, ...expression }),
      () => db.table.delete(key, condition, expression),
    ]) {
      const error = await write().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConditionFailed);
      expect((error as ConditionFailed).item).toEqual(item);
    }
    expect(await db.table.get(key)).toEqual(item);
  });

  it("that does not hold returns that there is no item", async () => {
    const writes = [
      () => db.table.put(key, "attribute_exists(pk)"),
      () => db.table.update({ key, update: "REMOVE v", condition: "attribute_exists(pk)" }),
      () => db.table.delete(key, "attribute_exists(pk)"),
    ];
    for (const write of writes) {
      const error = await write().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConditionFailed);
      expect((error as ConditionFailed).item).toBeUndefined();
    }
    expect(await db.table.get(key)).toBeUndefined();
  });

  it("compares no attribute that is absent", async () => {
    await db.table.put({ ...key, v: 1 });
    for (const absent of ["gone < :v", "gone = :v", "#map.gone > :v", "gone <= v", "size(gone) >= :v"]) {
      const write = db.table.update({
        key,
        update: "SET v = :v",
        condition: absent,
        values: { ":v": 0 },
        ...(absent.includes("#map") && { names: { "#map": "map" } }),
      });
      await expect(write, absent).rejects.toThrow(ConditionFailed);
    }
  });

  it("is judged once for each of many writers", async () => {
    await db.table.put({ ...key, taken: 0 });
    const writes = Array.from({ length: 30 }, () =>
      db.table.update({
        key,
        update: "SET taken = taken + :one",
        condition: "taken < :most",
        values: { ":one": 1, ":most": 7 },
      }),
    );
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(7);
    expect(await db.table.get(key)).toMatchObject({ taken: 7 });
  });
});

describe("an update", () => {
  it("makes the item where there is none", async () => {
    await db.table.update({ key, update: "SET v = if_not_exists(v, :v)", values: { ":v": 1 } });
    expect(await db.table.get(key)).toEqual({ ...key, v: 1 });
  });

  it("returns what was there before, what is there now, or nothing", async () => {
    await db.table.put({ ...key, v: 1 });
    const update = { key, update: "SET v = v + :one", values: { ":one": 1 } };
    expect(await db.table.update({ ...update, returning: "ALL_OLD" })).toEqual({ ...key, v: 1 });
    expect(await db.table.update({ ...update, returning: "ALL_NEW" })).toEqual({ ...key, v: 3 });
    expect(await db.table.update(update)).toBeUndefined();
  });

  it("reads the item as it was before, in every part of the expression", async () => {
    await db.table.put({ ...key, a: 1, b: 2, c: 3 });
    await db.table.update({
      key,
      update: "SET a = b, b = a, d = c REMOVE c ADD e :one",
      values: { ":one": 1 },
    });
    expect(await db.table.get(key)).toEqual({ ...key, a: 2, b: 1, d: 3, e: 1 });
  });

  it("reaches into a map, whatever its names are, and not into one that is absent", async () => {
    const update = {
      key,
      update: "SET leases.#holder = :until",
      names: { "#holder": "a.b#[0]" },
      values: { ":until": 1 },
    };
    await db.table.put(key);
    await expect(db.table.update(update)).rejects.toEqual(invalid);
    await db.table.put({ ...key, leases: {} });
    expect(await db.table.update({ ...update, returning: "ALL_NEW" })).toEqual({
      ...key,
      leases: { "a.b#[0]": 1 },
    });
    await db.table.update({
      key,
      update: "REMOVE leases.#holder, leases.#none",
      names: { ...update.names, "#none": "none" },
    });
    expect(await db.table.get(key)).toEqual({ ...key, leases: {} });
  });

  it("adds to a list, and takes its own entry out where that is still there", async () => {
    await db.table.put({ ...key, lane: [] });
    for (const id of ["a", "b", "c"])
      await db.table.update({
        key,
        update: "SET lane = list_append(lane, :entry)",
        condition: "size(lane) < :most",
        values: { ":entry": [{ id }], ":most": 3 },
      });
    const leave = (index: number, id: string) =>
      db.table.update({
        key,
        update: `REMOVE lane[${index}]`,
        condition: `lane[${index}].id = :id`,
        values: { ":id": id },
      });
    await expect(leave(0, "b")).rejects.toThrow(ConditionFailed);
    await expect(leave(7, "b")).rejects.toThrow(ConditionFailed);
    await leave(1, "b");
    expect(await db.table.get(key)).toEqual({ ...key, lane: [{ id: "a" }, { id: "c" }] });
  });

  it("counts, and keeps sets: one that loses its last member is gone", async () => {
    await db.table.update({
      key,
      update: "ADD failures :one, networks :network",
      values: { ":one": 1, ":network": new Set(["acme"]) },
    });
    await db.table.update({
      key,
      update: "ADD failures :one, networks :network",
      values: { ":one": 1, ":network": new Set(["acme", "other"]) },
    });
    expect(await db.table.get(key)).toEqual({ ...key, failures: 2, networks: new Set(["acme", "other"]) });
    await db.table.update({
      key,
      update: "DELETE networks :networks",
      values: { ":networks": new Set(["acme", "other", "third"]) },
    });
    expect(await db.table.get(key)).toEqual({ ...key, failures: 2 });
  });

  it.each([
    ["a word that DynamoDB reserves", { update: "SET state = :v", values: { ":v": 1 } }],
    ["a name that is not used", { update: "REMOVE v", names: { "#w": "w" } }],
    ["a value that is not used", { update: "REMOVE v", values: { ":v": 1 } }],
    ["a name that is not given", { update: "REMOVE #v" }],
    ["two paths of which one is in the other", { update: "SET m = :v, m.n = :v", values: { ":v": 1 } }],
    ["a sum with what is no number", { update: "SET v = text + :v", values: { ":v": 1 } }],
    ["a sum with what is absent", { update: "SET v = gone + :v", values: { ":v": 1 } }],
    ["a key", { update: "SET sk = :v", values: { ":v": "x" } }],
  ])("is refused for %s", async (_, expression) => {
    await db.table.put({ ...key, text: "x" });
    await expect(db.table.update({ key, ...expression })).rejects.toEqual(invalid);
    expect(await db.table.get(key)).toEqual({ ...key, text: "x" });
  });

  it("takes a hundred names and values at once", async () => {
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    await db.table.update({
      key,
      update: `SET ${numbers.map((n) => `#k${n} = :k${n}, #r${n} = :true`).join(", ")}`,
      names: Object.fromEntries(
        numbers.flatMap((n) => [
          [`#k${n}`, `key:${n}`],
          [`#r${n}`, `readonly:${n}`],
        ]),
      ),
      values: { ":true": true, ...Object.fromEntries(numbers.map((n) => [`:k${n}`, { value: String(n) }])) },
    });
    expect(Object.keys((await db.table.get<object>(key)) ?? {})).toHaveLength(202);
  });
});

it("a condition takes a hundred comparisons, as many as a network has slots", async () => {
  const holders = Array.from({ length: 100 }, (_, n) => n);
  const leases = Object.fromEntries(holders.map((n) => [`command-${n}`, n]));
  await db.table.put({ ...key, leases });
  await db.table.update({
    key,
    update: `REMOVE ${holders.map((n) => `leases.#expired${n}`).join(", ")}`,
    condition: holders.map((n) => `leases.#expired${n} = :expired${n}`).join(" AND "),
    names: Object.fromEntries(holders.map((n) => [`#expired${n}`, `command-${n}`])),
    values: Object.fromEntries(holders.map((n) => [`:expired${n}`, n])),
  });
  expect(await db.table.get(key)).toEqual({ ...key, leases: {} });
});

describe("delete", () => {
  it("returns what was there, also where that is nothing", async () => {
    await db.table.put({ ...key, v: 1 });
    expect(await db.table.delete(key)).toEqual({ ...key, v: 1 });
    expect(await db.table.delete(key)).toBeUndefined();
  });
});

describe("getMany", () => {
  const keyOf = (n: number) => ({ pk: key.pk, sk: String(n) });

  it("gets what exists of a hundred keys, in any order", async () => {
    const even = Array.from({ length: 50 }, (_, n) => 2 * n);
    await Promise.all(even.map((n) => db.table.put({ ...keyOf(n), n })));
    const items = await db.table.getMany<{ n: number }>(Array.from({ length: 100 }, (_, n) => keyOf(n)));
    expect(items.map(({ n }) => n).sort((a, b) => a - b)).toEqual(even);
  });

  it("gets more than one answer of DynamoDB can hold", async () => {
    const big = "x".repeat(390_000);
    const keys = Array.from({ length: 45 }, (_, n) => keyOf(n));
    await Promise.all(keys.map((one) => db.table.put({ ...one, big })));
    expect(await db.table.getMany(keys)).toHaveLength(45);
  });

  it("refuses more keys than that, and one that is named twice", async () => {
    const many = Array.from({ length: 101 }, (_, n) => keyOf(n));
    await expect(db.table.getMany(many)).rejects.toEqual(invalid);
    await expect(db.table.getMany([keyOf(1), keyOf(1)])).rejects.toEqual(invalid);
  });
});

describe("a partition", () => {
  it("is sorted by the bytes of its sort keys, and read by what they begin with", async () => {
    const sorted = ["A", "A#", "A#0000000002", "A#0000000010", "AB", "a", "ä", "ﬀ", "🔌"];
    for (const sk of [...sorted].reverse()) await db.table.put({ pk: key.pk, sk });
    const read = async (prefix?: string) =>
      (await db.table.partition<{ sk: string }>(key.pk, prefix)).map(({ sk }) => sk);
    expect(await read()).toEqual(sorted);
    expect(await read("A#")).toEqual(sorted.slice(1, 4));
    expect(await read("none")).toEqual([]);
  });

  it("is read to its end, over DynamoDB's 1 MB", async () => {
    const big = "x".repeat(300_000);
    for (let n = 0; n < 9; n++) await db.table.put({ pk: key.pk, sk: String(n), big });
    const items = await db.table.partition<{ sk: string }>(key.pk);
    expect(items.map(({ sk }) => sk)).toEqual([..."012345678"]);
  });
});

describe("a list", () => {
  const row = (n: number) => ({ pk: `${key.pk}#${n}`, sk: "ROW", gsi1pk: key.pk, gsi1sk: String(n), n });
  const numbersOf = async (query: object = {}) =>
    (await readList<{ n: number }>(db.table, { partition: key.pk, limit: 100, ...query })).items.map(
      ({ n }) => n,
    );

  it("of the index has keys, and nothing else of its items", async () => {
    await db.table.put({ ...row(1), text: "x" });

    const { items } = await db.table.list({ partition: key.pk, limit: 1 });

    expect(items).toEqual([{ pk: `${key.pk}#1`, sk: "ROW", gsi1pk: key.pk, gsi1sk: "1" }]);
  });

  it("has what carries its keys, for as long as it does", async () => {
    for (const n of [3, 1, 2]) await db.table.put(row(n));
    await db.table.put({ pk: `${key.pk}#4`, sk: "ROW", gsi1pk: key.pk, n: 4 });
    expect(await numbersOf()).toEqual([1, 2, 3]);
    const { pk, sk } = row(2);
    await db.table.update({ key: { pk, sk }, update: "REMOVE gsi1pk" });
    expect(await numbersOf()).toEqual([1, 3]);
    await db.table.update({
      key: { pk, sk },
      update: "SET gsi1pk = :list, gsi1sk = :last",
      values: { ":list": key.pk, ":last": "9" },
    });
    expect(await numbersOf({ newestFirst: true })).toEqual([2, 3, 1]);
    await db.table.delete({ pk, sk });
    expect(await numbersOf()).toEqual([1, 3]);
  });

  it("has bounds that belong to it", async () => {
    for (const n of [1, 2, 3, 4]) await db.table.put(row(n));
    expect(await numbersOf({ from: "2", to: "3" })).toEqual([2, 3]);
    expect(await numbersOf({ from: "3" })).toEqual([3, 4]);
    expect(await numbersOf({ to: "1" })).toEqual([1]);
    await expect(numbersOf({ from: "3", to: "2" })).rejects.toEqual(invalid);
  });

  it("goes on behind an item that is gone meanwhile", async () => {
    for (const n of [1, 2, 3]) await db.table.put(row(n));
    const { lastKey } = await db.table.list({ partition: key.pk, limit: 2 });
    await db.table.delete({ pk: row(2).pk, sk: "ROW" });
    expect(await numbersOf({ after: lastKey })).toEqual([3]);
  });

  it("keeps two items of one sort key apart", async () => {
    for (const n of [1, 2, 3]) await db.table.put({ ...row(n), gsi1sk: "same" });
    const seen: number[] = [];
    let after: Record<string, unknown> | undefined;
    do {
      const page = await readList<{ n: number }>(db.table, {
        partition: key.pk,
        limit: 1,
        ...(after && { after }),
      });
      seen.push(...page.items.map(({ n }) => n));
      after = page.lastKey;
    } while (after);
    expect(seen.sort()).toEqual([1, 2, 3]);
  });
});

describe.skipIf(!runningEngine)("what dynalite takes is refused by Amazon's engine:", () => {
  it("a sort key of more bytes than 1024, however few its characters are", async () => {
    const tooLong = { ...key, sk: "ü".repeat(513) };
    await expect(db.table.put(tooLong)).rejects.toEqual(invalid);
    expect(await db.table.get(tooLong)).toBeUndefined();
  });

  it("an index key that is empty or no text", async () => {
    await expect(db.table.put({ ...key, gsi1pk: "", gsi1sk: "1" })).rejects.toEqual(invalid);
    await expect(db.table.put({ ...key, gsi1pk: 1, gsi1sk: "1" })).rejects.toEqual(invalid);
  });

  it("an empty name, however deep in the item", async () => {
    await expect(db.client.send(putOf({ list: { L: [{ M: { "": { S: "x" } } }] } }))).rejects.toEqual(
      invalid,
    );
  });

  it("more than 300 operators, and IN with more than 100 operands", async () => {
    const values = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`:v${n}`, n]));
    for (const condition of [
      Array.from({ length: 302 }, (_, n) => `v = :v${n % 101}`).join(" OR "),
      `v IN (${Object.keys(values).join(", ")})`,
    ])
      await expect(db.table.update({ key, update: "REMOVE w", condition, values })).rejects.toEqual(invalid);
  });

  it("more than 32 levels", async () => {
    const nested = (levels: number): AttributeValue =>
      levels === 0 ? { S: "x" } : { M: { a: nested(levels - 1) } };
    await db.client.send(putOf({ nested: nested(31) }));
    await expect(db.client.send(putOf({ nested: nested(32) }))).rejects.toEqual(invalid);
  });

  it("an expression of more than 4 KB", async () => {
    const update = `SET ${"v".repeat(4097)} = :v`;
    await expect(db.table.update({ key, update, values: { ":v": 1 } })).rejects.toEqual(invalid);
  });

  const putOf = (attributes: Record<string, AttributeValue>) =>
    new PutItemCommand({ TableName: db.name, Item: { pk: { S: key.pk }, sk: { S: key.sk }, ...attributes } });
});
