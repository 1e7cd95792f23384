import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storeConfiguration } from "../../../../shared/configuration/stored.ts";
import { connectorUuidOf } from "../../../../shared/ids.ts";
import type { OutgoingItem, StationItem } from "../../../../shared/store/items.ts";
import {
  clientKey,
  configurationKey,
  incomingKey,
  logListKey,
  outgoingKey,
  stationKey,
  transactionKey,
  transactionStartKey,
} from "../../../../shared/store/keys.ts";
import { payloadText } from "../../../../shared/store/payload.ts";
import { NOW, type StationApi, startStationApi } from "../../../support/station-api.ts";
import { newStation } from "../../../support/stations.ts";

let api: StationApi;
let call: StationApi["call"];
beforeAll(async () => {
  api = await startStationApi();
  call = api.call;
});
afterAll(() => api.stop());

const stored = (cpId: string) => api.table.get<StationItem>(stationKey(cpId));

describe("a station", () => {
  it("is read by its id and by its identity, in the caller's networks only", async () => {
    const station = newStation({ identity: "Ä 1", networkId: "open" });
    await api.table.put(station);
    const read = (client: string, cpId: string, query = {}) =>
      call("getStation", { client, params: { cpId }, query });
    expect((await read("opener", station.cpId)).status).toBe(200);
    expect((await read("opener", station.cpId.toUpperCase())).status).toBe(200);
    expect((await read("opener", "Ä 1")).body.cpId).toBe(station.cpId);
    expect((await read("both", "Ä 1", { network: "open" })).status).toBe(200);
    expect((await read("both", "Ä 1", { network: "default" })).status).toBe(404);
    expect((await read("both", "Ä 1")).status).toBe(400);
    expect((await read("demo", station.cpId)).status).toBe(404);
    expect((await read("demo", "no:identity")).status).toBe(404);
  });

  it("shows its connection, boot and connectors", async () => {
    const station = newStation({
      identity: "S1",
      connection: { connectionId: "c1", protocol: "ocpp1.6", connectedAtMs: NOW },
      timeoutsInRow: 3,
      connectors: { "1/1": { evseId: 1, connectorId: 1, lock: "permanent" } },
      connectorStatus: { "1/1": { status: "Faulted", errorCode: "GroundFailure", atMs: NOW } },
      boot: payloadText({ chargePointModel: "M" }),
    });
    await api.table.put(station);
    const heard = NOW + 60_000;
    await api.table.put({
      ...incomingKey(station.cpId, "c1", "1"),
      ...logListKey(station.cpId, heard, "1"),
      direction: "fromStation",
      atMs: heard,
    });
    const { body } = await call("getStation", { params: { cpId: "S1" } });
    expect(body).toMatchObject({
      connectors: [{ lock: "permanent", status: "Faulted", errorCode: "GroundFailure" }],
      connection: {
        connected: true,
        connectionId: "c1",
        protocol: "ocpp1.6",
        connectedAt: new Date(NOW).toISOString(),
        lastSeenAt: new Date(heard).toISOString(),
        unresponsive: true,
      },
      boot: { chargePointModel: "M" },
    });
  });

  it("changes the members of the body, and no others", async () => {
    const lane = [{ messageId: "m", expiresAtMs: 1 }];
    const station = newStation({ identity: "S2", rateId: "day", defaultProtocol: "ocpp1.6", lane });
    await api.table.put(station);
    const change = { link: "legacy", lock: "permanent", rateId: null, defaultProtocol: "ocpp2.0.1" };
    const { body } = await call("updateStation", { params: { cpId: "S2" }, body: change });
    expect(body).toMatchObject({ link: "legacy", lock: "permanent", defaultProtocol: "ocpp2.0.1" });
    expect(body).not.toHaveProperty("rateId");
    const { rateId: _, ...rest } = station;
    expect(await stored(station.cpId)).toEqual({
      ...rest,
      revision: 1,
      link: "legacy",
      lock: "permanent",
      defaultProtocol: "ocpp2.0.1",
    });
    const removed = await call("updateStation", { params: { cpId: "S2" }, body: { defaultProtocol: null } });
    expect(removed.body).not.toHaveProperty("defaultProtocol");
  });

  it.each([{}, { identity: "other" }, { link: null }, { lock: "maybe" }, { rateId: "" }])(
    "is not changed by %j",
    async (body) => {
      await api.table.put(newStation({ identity: "S3" }));
      expect((await call("updateStation", { params: { cpId: "S3" }, body })).status).toBe(400);
    },
  );

  it("has connectors that are locked one by one", async () => {
    const connectors = {
      "1/1": { evseId: 1, connectorId: 1, lock: "none" as const },
      "2/1": { evseId: 2, connectorId: 1, lock: "none" as const },
    };
    const station = newStation({ identity: "S4", connectors });
    await api.table.put(station);
    const lock = (connectorUuid: string) =>
      call("updateConnector", { params: { cpId: "S4", connectorUuid }, body: { lock: "permanent" } });
    const connectorUuid = connectorUuidOf(station.cpId, 2, 1);
    expect((await lock(connectorUuid.toUpperCase())).body).toMatchObject({
      connectorUuid,
      lock: "permanent",
    });
    expect((await stored(station.cpId))?.connectors).toMatchObject({
      "1/1": { lock: "none" },
      "2/1": { lock: "permanent" },
    });
    expect((await lock(connectorUuidOf(station.cpId, 3, 1))).status).toBe(404);
    expect((await lock("2")).body).toMatchObject({ connectorUuid, lock: "permanent" });
    expect((await lock("2:1")).body).toMatchObject({ connectorUuid });
    for (const unknown of ["3", "2:2", "0", "2:", "x"]) expect((await lock(unknown)).status).toBe(404);
  });

  it("takes its connection and what hangs on it along when it is removed", async () => {
    const station = newStation({
      identity: "S5",
      connection: { connectionId: "c5", protocol: "ocpp1.6", connectedAtMs: NOW },
      lane: [{ messageId: "m5", expiresAtMs: NOW + 30_000 }],
    });
    const { cpId } = station;
    const out = { state: "sent", connectionId: "c5", networkId: "default", cpId };
    const hanging = [
      configurationKey(cpId),
      transactionKey(cpId, "1"),
      transactionKey(cpId, "2"),
      transactionStartKey(cpId, "hash"),
    ];
    for (const key of hanging) await api.table.put(key);
    await api.table.put(station);
    await api.table.put({ ...outgoingKey("m5", cpId), ...out });

    const { status } = await call("deleteStation", { params: { cpId: "S5" } });

    expect(status).toBe(204);
    expect(api.closed).toEqual(["c5"]);
    expect(await stored(cpId)).toBeUndefined();
    for (const key of hanging) expect(await api.table.get(key)).toBeUndefined();
    const lost = await api.table.get<OutgoingItem>(outgoingKey("m5", cpId));
    expect(lost).toMatchObject({ state: "connectionLost" });
    expect((await call("deleteStation", { params: { cpId: "S5" } })).status).toBe(404);
  });
});

describe("listStations", () => {
  it("pages through a network by identity", async () => {
    for (const identity of ["c", "a", "b"]) {
      await api.table.put(newStation({ identity, networkId: "listed" }));
    }
    await api.table.put({ ...clientKey("lister"), clientId: "lister", networks: new Set(["listed"]) });
    const list = (query: Record<string, string>) => call("listStations", { client: "lister", query });
    const first = await list({ limit: "2" });
    expect(first.body.items.map((s: { identity: string }) => s.identity)).toEqual(["a", "b"]);
    const second = await list({ limit: "2", cursor: first.body.nextCursor });
    expect(second.body.items.map((s: { identity: string }) => s.identity)).toEqual(["c"]);
    expect(second.body).not.toHaveProperty("nextCursor");
    expect((await list({ cursor: "x" })).status).toBe(400);
    const elsewhere = await call("listStations", {
      client: "opener",
      query: { cursor: first.body.nextCursor },
    });
    expect(elsewhere.status).toBe(400);
    expect((await list({ network: "open" })).status).toBe(404);
  });
});

describe("stored configuration", () => {
  it("is empty before the station was asked", async () => {
    await api.table.put(newStation({ identity: "K1" }));
    const { body } = await call("getStoredConfiguration", { params: { cpId: "K1" } });
    expect(body).toEqual({ configurationKeys: [] });
  });

  it("lists keys by name", async () => {
    const { cpId } = newStation({ identity: "K2" });
    await api.table.put(newStation({ identity: "K2" }));
    const keys = [
      { key: "WebSocketPingInterval", value: "0", readonly: false },
      { key: "AuthorizationKey", readonly: true },
    ];
    await storeConfiguration(api.table, cpId, { complete: true, keys }, NOW);
    const { body } = await call("getStoredConfiguration", { params: { cpId } });
    const updatedAt = new Date(NOW).toISOString();
    expect(body).toEqual({
      fetchedAt: updatedAt,
      configurationKeys: [
        { key: "AuthorizationKey", readonly: true, updatedAt },
        { key: "WebSocketPingInterval", value: "0", readonly: false, updatedAt },
      ],
    });
  });
});

describe("If-Match on a station", () => {
  const params = { cpId: "M1" };
  const etag = async () => String((await call("getStation", { params })).headers.ETag);
  const patch = (headers: Record<string, string>, body: object = { lock: "permanent" }) =>
    call("updateStation", { params, body, headers });

  it("lets the first of two writers change it, lock its connector or delete it", async () => {
    const connectors = { "1/1": { evseId: 1, connectorId: 1, lock: "none" } } as const;
    const station = newStation({ identity: "M1", connectors });
    await api.table.put(station);
    const connectorUuid = connectorUuidOf(station.cpId, 1, 1);
    const lockConnector = (headers: Record<string, string>) =>
      call("updateConnector", { params: { ...params, connectorUuid }, body: { lock: "none" }, headers });

    const seen = { "if-match": await etag() };
    const changed = await patch(seen);
    expect(changed.status).toBe(200);
    for (const second of [await patch(seen), await lockConnector(seen)]) expect(second.status).toBe(412);
    expect((await call("deleteStation", { params, headers: seen })).status).toBe(412);

    const locked = await lockConnector({ "if-match": String(changed.headers.ETag) });
    expect([locked.status, locked.headers.ETag]).toEqual([200, await etag()]);
    expect((await call("deleteStation", { params, headers: { "if-match": await etag() } })).status).toBe(204);
  });

  it("is refused for a station that was registered again", async () => {
    await api.table.put(newStation({ identity: "M1", createdAt: "2026-01-01T00:00:00.000Z" }));
    const seen = { "if-match": await etag() };
    await api.table.put(newStation({ identity: "M1", createdAt: "2026-01-02T00:00:00.000Z" }));
    expect((await patch(seen)).status).toBe(412);
  });

  it("does not change when the station reports or connects", async () => {
    const station = newStation({ identity: "M1" });
    await api.table.put(station);
    const seen = await etag();
    const connection = { connectionId: "c", protocol: "ocpp1.6", connectedAtMs: NOW } as const;
    await api.table.put({ ...station, connection, bootAt: "2026-01-01T00:00:00.000Z" });
    expect(await etag()).toBe(seen);
  });
});
