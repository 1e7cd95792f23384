import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createCaller } from "../../../shared/http/caller.ts";
import { cpIdOf } from "../../../shared/ids.ts";
import { existingNetworks, memberships, remembering } from "../../../shared/networks/membership.ts";
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

  describe("whose networks the environment remembers", () => {
    const remembered = async (networks: string[]) => {
      const client = { ...clientKey("moving"), clientId: "moving" };
      await db.table.put({ ...client, ...(networks.length > 0 && { networks: new Set(networks) }) });
    };
    let now = 0;
    const remembers = () => {
      now = 0;
      return remembering(memberships(db.table, { now: () => now }, 0), { now: () => now });
    };

    it("costs no read for a minute, and has what it belongs to afterwards", async () => {
      await remembered(["north"]);
      const networksOf = remembers();
      await networksOf("moving");
      await remembered(["south"]);
      now = 59_999;
      expect(await networksOf("moving")).toEqual(["north"]);
      now = 60_000;
      expect(await networksOf("moving")).toEqual(["south"]);
    });

    it("is refused a minute after its last membership has ended, and admitted at once when it joins", async () => {
      await remembered(["north"]);
      const networksOf = remembers();
      await networksOf("moving");
      await remembered([]);
      now = 60_000;
      expect(await networksOf("moving")).toEqual([]);
      await remembered(["north"]);
      expect(await networksOf("moving")).toEqual(["north"]);
    });

    it("is refused where they cannot be read again", async () => {
      let isBroken = false;
      now = 0;
      const networksOf = remembering(
        async () => {
          if (isBroken) throw new Error("DynamoDB is not there");
          return ["north"];
        },
        { now: () => now },
      );
      await networksOf("moving");
      isBroken = true;
      now = 60_000;
      await expect(networksOf("moving")).rejects.toThrow("DynamoDB is not there");
      await expect(networksOf("moving")).rejects.toThrow("DynamoDB is not there");
    });

    it("is refused at once by a default network that was closed, if it is not remembered", async () => {
      const networksOf = remembers();
      expect(await networksOf("stranger")).toEqual(["default"]);
      const closed = { networkId: "default", openToUnlistedClients: false };
      await db.table.put({ ...networkKey("default"), ...closed });
      expect(await networksOf("another")).toEqual([]);
      now = 60_000;
      expect(await networksOf("stranger")).toEqual([]);
      await db.table.delete(networkKey("default"));
    });

    it("can have them read again, and learns whether they are others", async () => {
      await remembered(["north"]);
      const networksOf = remembers();
      const caller = () => createCaller({ clientId: "moving", readsCommands: true }, networksOf, () => {});
      const one = caller();
      expect(await one.rereadNetworks()).toBe(false);
      await one.networks();
      expect(await one.rereadNetworks()).toBe(false);
      await remembered(["south"]);
      const other = caller();
      expect(await other.networks()).toEqual(["north"]);
      expect(await other.rereadNetworks()).toBe(true);
      expect([await other.networks(), await caller().networks()]).toEqual([["south"], ["south"]]);
    });
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
