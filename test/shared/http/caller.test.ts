import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createCaller } from "../../../shared/http/caller.ts";
import { cpIdOf } from "../../../shared/ids.ts";
import { existingNetworks, memberships } from "../../../shared/networks/membership.ts";
import { clientKey, networkKey } from "../../../shared/store/keys.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let db: TestTable;
beforeAll(async () => {
  db = await startTable();
  await db.table.put({ ...clientKey("one"), clientId: "one", networks: new Set(["north"]) });
  await db.table.put({ ...clientKey("two"), clientId: "two", networks: new Set(["north", "south"]) });
  await db.table.put({ ...clientKey("none"), clientId: "none" });
  await db.table.put({ ...networkKey("north"), networkId: "north" });
});
afterAll(() => db.stop());

const callerOf = (clientId: string) =>
  createCaller({ clientId, readsCommands: true }, memberships(db.table, { now: () => 0 }), () => {});
const problem = (slug: string) => expect.objectContaining({ slug });

describe("caller", () => {
  it("belongs to the networks that list it, and to the default network if none ever has", async () => {
    expect(await callerOf("two").networks()).toEqual(["north", "south"]);
    expect(await callerOf("stranger").networks()).toEqual(["default"]);
  });

  it("is refused everything if its last network has removed it, and if its token names no client", async () => {
    for (const caller of [callerOf("none"), callerOf("")]) {
      await expect(caller.networks()).rejects.toEqual(problem("no-network"));
      await expect(caller.networkFor("default")).rejects.toEqual(problem("no-network"));
      await expect(caller.resolveCpId("CP1", undefined)).rejects.toEqual(problem("no-network"));
    }
  });

  it("learns where it can name the network that is meant", async () => {
    const errorsOf = (place?: { pointer: string }) =>
      callerOf("two")
        .networkFor(undefined, place)
        .catch((error) => error.members.errors);
    expect(await errorsOf()).toEqual([{ parameter: "network", detail: "is required" }]);
    expect(await errorsOf({ pointer: "/networkId" })).toEqual([
      { pointer: "/networkId", detail: "is required" },
    ]);
  });

  it("is read once, and only on demand", async () => {
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

describe("existingNetworks", () => {
  it("leaves out networks that do not exist, and repetitions; the default network always exists", async () => {
    const named = ["north", "gone", "default", "north"];
    expect(await existingNetworks(db.table)(named)).toEqual(["default", "north"]);
    expect(await existingNetworks(db.table)([])).toEqual([]);
  });
});
