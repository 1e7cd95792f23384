import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApi } from "../../../../shared/http/api.ts";
import { networkHandlers } from "../../../../shared/http/handlers/networks.ts";
import { networkRoutes } from "../../../../shared/http/routes/networks.ts";
import { acquireSlot } from "../../../../shared/limits/semaphore.ts";
import { memberships } from "../../../../shared/networks/membership.ts";
import { findRate, putRate } from "../../../../shared/rates/rates.ts";
import type { NetworkItem } from "../../../../shared/store/items.ts";
import { networkKey, stationListKey, tokenKey } from "../../../../shared/store/keys.ts";
import { webhookKey } from "../../../../shared/store/webhooks.ts";
import { putToken } from "../../../../shared/tokens/tokens.ts";
import { callApi } from "../../../support/api.ts";
import { startTable, type TestTable } from "../../../support/table.ts";

const NOW = Date.UTC(2026, 5, 1);

let db: TestTable;
let put: (networkId: string, body?: unknown, headers?: Record<string, string>) => ReturnType<typeof callApi>;
let get: (networkId: string) => ReturnType<typeof callApi>;
let patch: (
  networkId: string,
  body?: unknown,
  headers?: Record<string, string>,
) => ReturnType<typeof callApi>;
let remove: (networkId: string, headers?: Record<string, string>) => ReturnType<typeof callApi>;
let list: (query?: Record<string, string>) => ReturnType<typeof callApi>;

beforeEach(async () => {
  db = await startTable();
  const clock = { now: () => NOW, sleep: async () => {} };
  const handler = createApi(
    networkRoutes,
    networkHandlers({ table: db.table, secrets: db.passwords, clock }),
    {
      table: db.table,
      scopePrefix: "",
    },
  );
  put = (networkId, body, headers) =>
    callApi(handler, "putNetwork", { params: { networkId }, body, ...(headers && { headers }) });
  patch = (networkId, body, headers) =>
    callApi(handler, "patchNetwork", { params: { networkId }, body, ...(headers && { headers }) });
  remove = (networkId, headers) =>
    callApi(handler, "deleteNetwork", { params: { networkId }, ...(headers && { headers }) });
  get = (networkId) => callApi(handler, "getNetwork", { params: { networkId } });
  list = (query = {}) => callApi(handler, "listNetworks", { query });
});
afterEach(() => db.stop());

const networksOf = (clientId: string) => memberships(db.table, { now: () => NOW })(clientId);

const defaults = {
  parallelRequests: 10,
  clients: [],
  allowUnauthenticatedStations: false,
  authorization: "acceptAll",
  stationMessages: "liberal",
  publish: [],
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
      publish: ["transaction.meterValues"],
      heartbeatIntervalSeconds: 540,
    };
    expect(await put("north", settings)).toMatchObject({ status: 200, body: settings });
    expect((await get("north")).body).toEqual({ networkId: "north", ...settings, inUse: 0 });
    const cleared = await put("north", { clients: [] });
    expect(cleared.body).toMatchObject({
      name: "north",
      ...defaults,
      authorization: settings.authorization,
    });
    expect(cleared.body).not.toHaveProperty("heartbeatIntervalSeconds");
  });

  it("has a Heartbeat interval until a PATCH removes it", async () => {
    await put("north", { heartbeatIntervalSeconds: 60 });
    expect((await patch("north", { name: "N" })).body).toMatchObject({ heartbeatIntervalSeconds: 60 });
    expect((await patch("north", { heartbeatIntervalSeconds: 90 })).body).toMatchObject({
      heartbeatIntervalSeconds: 90,
    });
    expect((await patch("north", { heartbeatIntervalSeconds: null })).body).not.toHaveProperty(
      "heartbeatIntervalSeconds",
    );
    expect((await get("north")).body).not.toHaveProperty("heartbeatIntervalSeconds");
  });

  it("can be put back as it was read", async () => {
    const { body } = await put("north", { parallelRequests: 5 });
    expect((await put("north", body)).body).toEqual(body);
    expect((await put("south", body)).status).toBe(400);
  });

  it("exists without a write only if it is the default network", async () => {
    expect((await get("default")).body).toEqual({
      networkId: "default",
      name: "default",
      ...defaults,
      openToUnlistedClients: true,
    });
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
    { publish: ["station.boot"] },
    { publish: "transaction.meterValues" },
    { heartbeatIntervalSeconds: 9 },
    { heartbeatIntervalSeconds: 541 },
    { heartbeatIntervalSeconds: 60.5 },
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
    expect(await networksOf("a")).toEqual(["north", "south"]);
    expect(await networksOf("b")).toEqual(["north"]);
    expect((await put("north", { clients: ["c"] })).body.clients).toEqual(["c"]);
    expect(await networksOf("a")).toEqual(["south"]);
    expect(await networksOf("b")).toEqual([]);
    expect(await networksOf("c")).toEqual(["north"]);
  });

  it("has the settings of the last of many concurrent writes", async () => {
    const clients = ["a", "b", "c", "d"];
    await Promise.all(clients.map((clientId) => put("north", { clients: [clientId] })));
    const [winner] = (await get("north")).body.clients;
    for (const clientId of clients) {
      const networks = clientId === winner ? ["north"] : [];
      expect(await networksOf(clientId)).toEqual(networks);
    }
  });
});

describe("membership fails closed", () => {
  it("PUT without clients for a network that has some is 400 and removes none", async () => {
    await put("acme", { clients: ["acme"] });
    const { status, body } = await put("acme", { parallelRequests: 5 });
    expect(status).toBe(400);
    expect(body.errors).toEqual([{ pointer: "/clients", detail: expect.stringContaining("is required") }]);
    expect((await put("acme", { clients: null })).status).toBe(400);
    expect((await get("acme")).body).toMatchObject({ clients: ["acme"], parallelRequests: 10 });
    expect(await networksOf("acme")).toEqual(["acme"]);
  });

  it("a client that its last network removes belongs to none, however it was removed", async () => {
    await put("acme", { clients: ["replaced", "removed", "deleted"] });
    await put("acme", { clients: ["removed", "deleted"] });
    await patch("acme", { removeClients: ["removed"] });
    expect((await remove("acme")).status).toBe(204);
    for (const clientId of ["replaced", "removed", "deleted"]) expect(await networksOf(clientId)).toEqual([]);
  });

  it("a client stays outside a network that is deleted and created again", async () => {
    await put("acme", { clients: ["acme"] });
    await remove("acme");
    expect((await put("acme")).status).toBe(201);
    expect(await networksOf("acme")).toEqual([]);
    expect((await get("acme")).body.clients).toEqual([]);
  });

  it("the default network can be closed to clients that no network has ever listed", async () => {
    expect(await networksOf("stranger")).toEqual(["default"]);
    await patch("default", { openToUnlistedClients: false });
    expect(await networksOf("stranger")).toEqual([]);
    expect((await patch("default", { name: "Ours" })).body).toMatchObject({ openToUnlistedClients: false });
    await patch("default", { addClients: ["ours"] });
    expect(await networksOf("ours")).toEqual(["default"]);
    expect((await put("acme", { openToUnlistedClients: true })).status).toBe(400);
  });

  it("a PUT that does not name openToUnlistedClients leaves a closed default network closed", async () => {
    await put("default", { openToUnlistedClients: false });

    const { body } = await put("default", { parallelRequests: 5 });

    expect(body).toMatchObject({ openToUnlistedClients: false });
    expect(await networksOf("stranger")).toEqual([]);
  });

  it("a PUT that does not name authorization leaves remoteStartOnly as it is", async () => {
    await put("north", { authorization: "remoteStartOnly" });

    const { body } = await put("north", { parallelRequests: 5 });

    expect(body).toMatchObject({ authorization: "remoteStartOnly" });
  });

  it("remembers for at most a minute that the default network is open", async () => {
    let now = NOW;
    const networksOf = memberships(db.table, { now: () => now });
    expect(await networksOf("stranger")).toEqual(["default"]);
    await patch("default", { openToUnlistedClients: false });
    expect(await networksOf("stranger")).toEqual(["default"]);
    now += 60_000;
    expect(await networksOf("stranger")).toEqual([]);
  });

  it("a crash between the writes leaves no removed client inside, and the same request completes", async () => {
    await put("acme", { clients: ["old"] });
    const { update } = db.table;
    // the process dies before the network's own item is written
    db.table.update = (change) =>
      change.key.pk === networkKey("acme").pk ? Promise.reject(new Error("killed")) : update(change);
    expect((await put("acme", { clients: ["new"] })).status).toBe(500);
    expect(await networksOf("old")).toEqual([]);
    db.table.update = update;
    expect((await put("acme", { clients: ["new"] })).status).toBe(200);
    expect([await networksOf("old"), await networksOf("new")]).toEqual([[], ["acme"]]);
  });
});

describe("patchNetwork", () => {
  it("changes what it names and nothing else", async () => {
    const settings = { name: "Nord", parallelRequests: 3, clients: ["a"], authorization: "remoteStartOnly" };
    const { body: before } = await put("north", settings);
    const { status, body } = await patch("north", { parallelRequests: 4, addClients: ["b"] });
    expect(status).toBe(200);
    expect(body).toEqual({ ...before, parallelRequests: 4, clients: ["a", "b"] });
    expect((await patch("north", { name: null, removeClients: ["a", "unknown"] })).body).toEqual({
      ...body,
      name: "north",
      clients: ["b"],
    });
  });

  it("keeps every client that requests add at once", async () => {
    await put("north");
    const clients = ["a", "b", "c", "d"];
    await Promise.all(clients.map((clientId) => patch("north", { addClients: [clientId] })));
    expect((await get("north")).body.clients.toSorted()).toEqual(clients);
    for (const clientId of clients) expect(await networksOf(clientId)).toEqual(["north"]);
  });

  it("refuses an unknown network, an empty change, a contradiction and the 101st client", async () => {
    expect((await patch("nowhere", { name: "x" })).status).toBe(404);
    expect(await networksOf("a")).toEqual(["default"]);
    await put("north", { clients: Array.from({ length: 100 }, (_, n) => `client-${n}`) });
    expect((await patch("north", {})).status).toBe(400);
    expect((await patch("north", { addClients: ["a"], removeClients: ["a"] })).status).toBe(400);
    expect((await patch("north", { addClients: ["a"] })).status).toBe(400);
    expect((await patch("north", { addClients: ["a"], removeClients: ["client-0"] })).status).toBe(200);
  });
});

describe("deleteNetwork", () => {
  it("deletes a network, its rates, tokens and webhooks, which a later network of that id does not have", async () => {
    await put("acme");
    await putRate(db.table, { networkId: "acme", rateId: "day", currency: "EUR", priceText: "1" });
    for (const idTag of ["A", "B"])
      await putToken(db.table, { networkId: "acme", idTag, status: "Accepted" });
    await putToken(db.table, { networkId: "other", idTag: "A", status: "Accepted" });
    for (const networkId of ["acme", "other"])
      await db.table.put({
        ...webhookKey(networkId, "hook"),
        ...{ networkId, webhookId: "hook", uid: networkId, version: "1" },
      });
    expect((await remove("acme")).status).toBe(204);
    expect((await get("acme")).status).toBe(404);
    expect((await remove("acme")).status).toBe(404);
    expect(await findRate(db.table, "acme", "day")).toBeUndefined();
    expect(await db.table.partition(tokenKey("acme", "A").pk)).toEqual([]);
    expect(await db.table.partition(tokenKey("other", "A").pk)).toHaveLength(1);
    expect(await db.table.partition(webhookKey("acme", "").pk)).toEqual([]);
    expect(await db.table.partition(webhookKey("other", "").pk)).toHaveLength(1);
  });

  it("refuses a network with stations, whose clients stay, and the default network", async () => {
    await put("acme", { clients: ["acme"] });
    await db.table.put({ pk: "S", sk: "S", ...stationListKey("acme", "CP1") });
    const { status, body } = await remove("acme");
    expect({ status, type: body.type, stations: body.stations }).toEqual({
      status: 409,
      type: "https://ocpp-relay.dev/problems/not-empty",
      stations: 1,
    });
    expect(await networksOf("acme")).toEqual(["acme"]);
    expect((await remove("default")).status).toBe(400);
  });
});

describe("If-Match on networks", () => {
  it("takes the ETag of the current version and refuses another with 412", async () => {
    const { headers: created } = await put("north", { clients: ["a"] });
    const match = { "if-match": String(created.ETag) };
    expect((await get("north")).headers.ETag).toBe(created.ETag);
    const { headers: changed } = await patch("north", { name: "Nord" }, match);
    expect(changed.ETag).not.toBe(created.ETag);
    const stale = [
      await put("north", { clients: ["b"] }, match),
      await patch("north", { addClients: ["b"] }, match),
      await remove("north", match),
    ];
    expect(stale.map(({ status }) => status)).toEqual([412, 412, 412]);
    expect((await get("north")).body).toMatchObject({ name: "Nord", clients: ["a"] });
    expect(await networksOf("b")).toEqual(["default"]);
    expect((await remove("north", { "if-match": `"other", ${changed.ETag}` })).status).toBe(204);
  });

  it("* takes any version that exists, and neither a weak tag nor none is taken", async () => {
    expect((await put("north", {}, { "if-match": "*" })).status).toBe(412);
    const { headers } = await put("north");
    expect((await put("north", {}, { "if-match": "*" })).status).toBe(200);
    expect((await put("north", {}, { "if-match": `W/${headers.ETag}` })).status).toBe(412);
    const { status, body } = await put("north", {}, { "if-match": "north" });
    expect({ status, errors: body.errors }).toMatchObject({ status: 400, errors: [{ header: "If-Match" }] });
  });

  it("lets one of several requests with the same tag through", async () => {
    const { headers } = await put("north");
    const match = { "if-match": String(headers.ETag) };
    const statuses = await Promise.all(
      ["a", "b", "c"].map(async (name) => (await patch("north", { name }, match)).status),
    );
    expect(statuses.toSorted()).toEqual([200, 412, 412]);
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
