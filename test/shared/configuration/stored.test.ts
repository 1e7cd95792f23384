import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfiguration, storeConfiguration } from "../../../shared/configuration/stored.ts";
import { startTable } from "../../support/table.ts";

let started: Awaited<ReturnType<typeof startTable>>;
const now = Date.UTC(2026, 10, 20, 12);

beforeAll(async () => {
  started = await startTable();
});
afterAll(() => started.stop());

const keysOf = (count: number, value: string, readonly = false) =>
  Array.from({ length: count }, (_, n) => ({ key: `Component.Variable[${n}]`, value, readonly }));

const read = async (cpId: string) => (await readConfiguration(started.table, cpId)).configurationKeys;
const store = (cpId: string, report: Parameters<typeof storeConfiguration>[2]) =>
  storeConfiguration(started.table, cpId, report, now);

describe("the stored configuration", () => {
  it("of a station without a report is empty", async () => {
    expect(await readConfiguration(started.table, "nobody")).toEqual({ configurationKeys: [] });
  });

  it("is larger than an item of DynamoDB, and read whole", async () => {
    await store("large", { complete: true, keys: keysOf(3000, "v".repeat(300), true) });

    const keys = await read("large");

    expect(keys).toHaveLength(3000);
    expect(keys.every(({ readonly, value }) => readonly && value?.length === 300)).toBe(true);
  });

  it("forgets what a complete report does not have, on pages too", async () => {
    await store("shrinking", { complete: true, keys: keysOf(3000, "v".repeat(300)) });
    await store("shrinking", { complete: false, keys: [{ key: "Added.Later", value: "1" }] });
    await store("shrinking", { complete: true, keys: keysOf(1200, "w".repeat(300)) });
    expect(await read("shrinking")).toHaveLength(1200);
    await store("shrinking", { complete: true, keys: keysOf(2, "x") });

    expect((await read("shrinking")).map(({ value }) => value)).toEqual(["x", "x"]);
  });

  it("stores a report of one key after a large report, and keeps readonly", async () => {
    await store("changed", { complete: true, keys: keysOf(3000, "v".repeat(300), true) });
    await store("changed", { complete: false, keys: [{ key: "Component.Variable[7]", value: "new" }] });

    const keys = await read("changed");

    expect(keys).toHaveLength(3000);
    expect(keys.find(({ key }) => key === "Component.Variable[7]")).toMatchObject({
      value: "new",
      readonly: true,
    });
  });

  it("grows past an item by small reports", async () => {
    const keys = keysOf(2000, "v".repeat(300));
    await store("growing", { complete: false, keys: [{ ...keys[0], key: "First", readonly: true }] });

    await store("growing", { complete: false, keys });

    expect(await read("growing")).toHaveLength(2001);
    expect((await read("growing")).find(({ key }) => key === "First")).toMatchObject({ readonly: true });
  });

  it("stores a key that two concurrent reports contain", async () => {
    const twice = ["a", "b"].map((value) => ({ key: "Twice", value, readonly: false }));

    await store("twice", { complete: false, keys: twice });

    expect(await read("twice")).toMatchObject([{ key: "Twice", value: "b" }]);
  });
});
