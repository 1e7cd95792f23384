import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApi } from "../../../../shared/http/api.ts";
import { networkHandlers } from "../../../../shared/http/handlers/networks.ts";
import { networkRoutes } from "../../../../shared/http/routes/networks.ts";
import { acquireSlot } from "../../../../shared/limits/semaphore.ts";
import { networksOf } from "../../../../shared/networks/membership.ts";
import type { NetworkItem } from "../../../../shared/store/items.ts";
import { networkKey } from "../../../../shared/store/keys.ts";
import { callApi } from "../../../support/api.ts";
import { startTable, type TestTable } from "../../../support/table.ts";

const NOW = Date.UTC(2026, 5, 1);

let db: TestTable;
let put: (networkId: string, body?: unknown) => ReturnType<typeof callApi>;
let get: (networkId: string) => ReturnType<typeof callApi>;
let list: (query?: Record<string, string>) => ReturnType<typeof callApi>;

beforeEach(async () => {
  db = await startTable();
  const clock = { now: () => NOW, sleep: async () => {} };
  const handler = createApi(networkRoutes, networkHandlers({ table: db.table, clock }), { table: db.table });
  put = (networkId, body) => callApi(handler, "putNetwork", { params: { networkId }, body });
  get = (networkId) => callApi(handler, "getNetwork", { params: { networkId } });
  list = (query = {}) => callApi(handler, "listNetworks", { query });
});
afterEach(() => db.stop());

const defaults = {
  parallelRequests: 10,
  clients: [],
  allowUnauthenticatedStations: false,
  authorization: "acceptAll",
  stationMessages: "liberal",
  inUse: 0,
};
const ids = (body: { items: { networkId: string }[] }) => body.items.map(({ networkId }) => networkId);

describe("a network", () => {
  it("is created with its defaults, then replaced", async () => {
    const created = await put("north");
    expect(created).toMatchObject({ status: 201, body: { networkId: "north", name: "north", ...defaults } });
    const settings = {
      name: "Nord",
      parallelRequests: 3,
      clients: ["a", "b"],
      allowUnauthenticatedStations: true,
      authorization: "remoteStartOnly",
      stationMessages: "strict",
    };
    expect(await put("north", settings)).toMatchObject({ status: 200, body: settings });
    expect((await get("north")).body).toEqual({ networkId: "north", ...settings, inUse: 0 });
    expect((await put("north", {})).body).toMatchObject({ name: "north", ...defaults });
  });

  it("can be put back as it was read", async () => {
    const { body } = await put("north", { parallelRequests: 5 });
    expect((await put("north", body)).body).toEqual(body);
    expect((await put("south", body)).status).toBe(400);
  });

  it("is there before anybody wrote it only if it is the default one", async () => {
    expect((await get("default")).body).toEqual({ networkId: "default", name: "default", ...defaults });
    expect((await get("north")).status).toBe(404);
    expect((await put("default", {})).status).toBe(200);
  });

  it.each([
    { parallelRequests: 0 },
    { parallelRequests: 101 },
    { parallelRequests: 1.5 },
    { clients: ["a", ""] },
    { authorization: "nobody" },
    { stationMessages: "lenient" },
    { name: "" },
    { colour: "red" },
  ])("is not written as %j", async (body) => {
    expect((await put("north", body)).status).toBe(400);
    expect((await get("north")).status).toBe(404);
  });

  it.each(["a/b", "-a", "a b", "x".repeat(49), ":"])("cannot be called %j", async (networkId) => {
    expect((await put(networkId)).status).toBe(400);
  });

  it("counts the slots in use whose lease has not run out", async () => {
    await put("north", { parallelRequests: 2 });
    const slot = { networkId: "north", now: NOW };
    await acquireSlot(db.table, { ...slot, holder: "dead", expiresAtMs: NOW - 1 });
    await acquireSlot(db.table, { ...slot, holder: "alive", expiresAtMs: NOW + 30_000 });
    expect((await get("north")).body.inUse).toBe(1);
  });

  it("keeps its leases when it is replaced", async () => {
    const slot = { networkId: "default", holder: "h", now: NOW, expiresAtMs: NOW + 30_000 };
    await acquireSlot(db.table, slot);
    expect((await put("default", { parallelRequests: 1 })).body.inUse).toBe(1);
    const item = await db.table.get<NetworkItem>(networkKey("default"));
    expect(item).toMatchObject({ inUse: 1, leases: { h: NOW + 30_000 }, parallelRequests: 1 });
  });
});

describe("membership", () => {
  it("follows the lists of clients", async () => {
    await put("north", { clients: ["a", "b", "a"] });
    await put("south", { clients: ["a"] });
    expect(await networksOf(db.table, "a")).toEqual(["north", "south"]);
    expect(await networksOf(db.table, "b")).toEqual(["north"]);
    expect((await put("north", { clients: ["c"] })).body.clients).toEqual(["c"]);
    expect(await networksOf(db.table, "a")).toEqual(["south"]);
    expect(await networksOf(db.table, "b")).toEqual(["default"]);
    expect(await networksOf(db.table, "c")).toEqual(["north"]);
  });

  it("ends up as the last write says, however many come at once", async () => {
    const clients = ["a", "b", "c", "d"];
    await Promise.all(clients.map((clientId) => put("north", { clients: [clientId] })));
    const [winner] = (await get("north")).body.clients;
    for (const clientId of clients) {
      const networks = clientId === winner ? ["north"] : ["default"];
      expect(await networksOf(db.table, clientId)).toEqual(networks);
    }
  });
});

describe("listNetworks", () => {
  it("shows the default one in its place, written or not", async () => {
    for (const networkId of ["e", "c", "f", "a"]) await put(networkId);
    const expected = ["a", "c", "default", "e", "f"];
    for (const limit of ["1", "2", "3", "4", "5", "6"]) {
      const seen: string[] = [];
      let query: Record<string, string> = { limit };
      for (;;) {
        const { body } = await list(query);
        expect(body.items.length).toBeGreaterThan(0);
        expect(body.items.length).toBeLessThanOrEqual(Number(limit));
        seen.push(...ids(body));
        if (!body.nextCursor) break;
        query = { limit, cursor: body.nextCursor };
      }
      expect(seen).toEqual(expected);
    }
    await put("default");
    expect(ids((await list()).body)).toEqual(expected);
  });

  it("has the default one only, at first", async () => {
    expect(ids((await list()).body)).toEqual(["default"]);
    expect((await list({ cursor: "x" })).status).toBe(400);
  });
});
