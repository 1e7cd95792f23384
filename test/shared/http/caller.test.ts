import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createCaller } from "../../../shared/http/caller.ts";
import { cpIdOf } from "../../../shared/ids.ts";
import { clientKey } from "../../../shared/store/keys.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let db: TestTable;
beforeAll(async () => {
  db = await startTable();
  await db.table.put({ ...clientKey("one"), clientId: "one", networks: new Set(["north"]) });
  await db.table.put({ ...clientKey("two"), clientId: "two", networks: new Set(["north", "south"]) });
  await db.table.put({ ...clientKey("none"), clientId: "none" });
});
afterAll(() => db.stop());

const callerOf = (clientId: string) => createCaller(clientId, db.table, () => {});
const problem = (slug: string) => expect.objectContaining({ slug });

describe("caller", () => {
  it("belongs to the networks that list it, else to the default one", async () => {
    expect(await callerOf("two").networks()).toEqual(["north", "south"]);
    expect(await callerOf("none").networks()).toEqual(["default"]);
    expect(await callerOf("stranger").networks()).toEqual(["default"]);
    expect(await callerOf("").networks()).toEqual([]);
  });

  it("is looked up once, and only when somebody asks", async () => {
    const get = vi.spyOn(db.table, "get");
    const caller = callerOf("one");
    await caller.resolveCpId(cpIdOf("north", "CP1"), undefined);
    expect(get).toHaveBeenCalledTimes(0);
    await Promise.all([
      caller.networks(),
      caller.networkFor(undefined),
      caller.resolveCpId("CP1", undefined),
    ]);
    expect(get).toHaveBeenCalledTimes(1);
    get.mockRestore();
  });

  it("names the network only where it has several", async () => {
    expect(await callerOf("one").networkFor(undefined)).toBe("north");
    expect(await callerOf("two").networkFor("south")).toBe("south");
    await expect(callerOf("two").networkFor(undefined)).rejects.toEqual(problem("invalid-request"));
    await expect(callerOf("one").networkFor("south")).rejects.toEqual(problem("not-found"));
  });

  it("takes a station's UUID as it is and an identity in its network", async () => {
    const cpId = cpIdOf("north", "CP 1");
    expect(await callerOf("one").resolveCpId("CP 1", undefined)).toBe(cpId);
    expect(await callerOf("two").resolveCpId("CP 1", "north")).toBe(cpId);
    expect(await callerOf("two").resolveCpId(cpId.toUpperCase(), undefined)).toBe(cpId);
    await expect(callerOf("two").resolveCpId("CP 1", undefined)).rejects.toEqual(problem("invalid-request"));
    await expect(callerOf("one").resolveCpId("CP:1", undefined)).rejects.toEqual(problem("not-found"));
    await expect(callerOf("one").resolveCpId(cpId, "south")).rejects.toEqual(problem("not-found"));
  });
});
