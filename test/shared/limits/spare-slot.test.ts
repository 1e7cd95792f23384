import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { acquireSlot, createNetwork, releaseSlot } from "../../../shared/limits/semaphore.ts";
import { acquireSpareSlot, noteRefusal } from "../../../shared/limits/spare-slot.ts";
import { networkKey } from "../../../shared/store/keys.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;
let networkId: string;
let networks = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(() => {
  networkId = `spare-${++networks}`;
});

async function limitTo(limit: number): Promise<void> {
  await createNetwork(store.table, networkId);
  await store.table.update({
    key: networkKey(networkId),
    update: "SET parallelRequests = :limit",
    values: { ":limit": limit },
  });
}
const spare = async (holder: string, now = 0) =>
  (await acquireSpareSlot(store.table, { networkId, holder, now, expiresAtMs: now + 30_000 })).outcome;
const single = async (holder: string, now = 0) =>
  (await acquireSlot(store.table, { networkId, holder, now, expiresAtMs: now + 30_000 })).admitted;

describe("acquireSpareSlot", () => {
  it("leaves one slot free, which a caller that waits for a response takes", async () => {
    await limitTo(3);
    expect([await spare("a"), await spare("b"), await spare("c")]).toEqual(["taken", "taken", "none"]);
    expect(await single("caller")).toBe(true);
    expect(await single("another")).toBe(false);
  });

  it("takes none where callers leave one slot free", async () => {
    await limitTo(3);
    await single("caller");
    await single("another");
    expect(await spare("a")).toBe("none");
  });

  it("is held while another run of the same holder has the slot, and free after its lease", async () => {
    await limitTo(3);
    await spare("a");
    expect([await spare("a", 29_999), await spare("a", 30_000)]).toEqual(["held", "taken"]);
  });

  it("takes the only slot of a network where nothing runs", async () => {
    await limitTo(1);
    expect(await spare("a")).toBe("taken");
    expect(await spare("b")).toBe("none");
  });

  it("leaves the only slot of a network for 4 s to a caller that was refused", async () => {
    await limitTo(1);
    await spare("a");
    expect(await single("caller")).toBe(false);
    await noteRefusal(store.table, { networkId, limit: 1 }, 1_000);
    await releaseSlot(store.table, networkId, "a");

    expect([await spare("a", 1_000), await spare("b", 4_999), await spare("b", 5_000)]).toEqual([
      "none",
      "none",
      "taken",
    ]);
  });
});
