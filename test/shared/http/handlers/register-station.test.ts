import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { matchPassword } from "../../../../shared/handshake/password-hash.ts";
import { connectorUuidOf, cpIdOf } from "../../../../shared/ids.ts";
import type { BasicAuth, StationItem } from "../../../../shared/store/items.ts";
import { rateKey, stationKey } from "../../../../shared/store/keys.ts";
import { hashesOf } from "../../../support/passwords.ts";
import { pointers, type StationApi, startStationApi } from "../../../support/station-api.ts";

let api: StationApi;
let call: StationApi["call"];
beforeAll(async () => {
  api = await startStationApi();
  call = api.call;
});
afterAll(() => api.stop());

const stored = (cpId: string) => api.table.get<StationItem>(stationKey(cpId));
/** Whether the password is the one that the station's item names. */
const isValid = async (cpId: string, password: string) => {
  const { auth } = (await stored(cpId)) as StationItem & { readonly auth: BasicAuth };
  const hash = (await hashesOf(api.passwords, cpId)).get(auth.passwordId);
  return (await matchPassword(Buffer.from(password), hash === undefined ? [] : [hash])) === 0;
};

describe("registerStation", () => {
  it("shows a generated password this once, and keeps its hash", async () => {
    const { status, body, headers } = await call("registerStation", {
      body: { identity: "R 1", connectors: [{ connectorId: 2 }, { evseId: 1, connectorId: 1 }] },
    });
    const cpId = cpIdOf("default", "R 1");
    expect(status).toBe(201);
    expect(headers).toMatchObject({ Location: `/stations/${cpId}`, "Cache-Control": "no-store" });
    expect(body).toEqual({
      cpId,
      identity: "R 1",
      networkId: "default",
      link: "broker",
      auth: { type: "basic" },
      lock: "none",
      tags: [],
      connectors: [
        { connectorUuid: connectorUuidOf(cpId, 1, 1), evseId: 1, connectorId: 1, lock: "none" },
        { connectorUuid: connectorUuidOf(cpId, 2, 1), evseId: 2, connectorId: 1, lock: "none" },
      ],
      connection: { connected: false },
      password: expect.stringMatching(/^[\x21-\x7e]{16,40}$/),
    });
    expect(await isValid(cpId, body.password)).toBe(true);
    expect(JSON.stringify(await stored(cpId))).not.toMatch(/scrypt/);
    const later = await call("getStation", { params: { cpId } });
    expect(JSON.stringify(later.body)).not.toMatch(/password|scrypt/i);
  });

  it("accepts a password, and does not return it", async () => {
    const auth = { type: "basic", password: "correct horse" };
    const { body } = await call("registerStation", { body: { identity: "R2", auth } });
    expect(JSON.stringify(body)).not.toMatch(/horse|scrypt/);
    expect(await isValid(body.cpId, "correct horse")).toBe(true);
  });

  it("stores every member of the body", async () => {
    const rate = { networkId: "default", rateId: "night", currency: "EUR", priceText: "0.30 €/kWh" };
    await api.table.put({ ...rateKey("default", "night"), ...rate });
    const about = { link: "legacy", lock: "permanent", rateId: "night", defaultProtocol: "ocpp1.6" };
    const found = {
      name: "Town hall",
      tags: [" depot-7", "AC", "depot-7"],
      location: { latitude: 52.1, longitude: -8.5, address: "1 Market Square" },
    };
    const { body } = await call("registerStation", {
      body: { identity: "R3", auth: { type: "certificate" }, ...about, ...found },
    });
    expect(body).toMatchObject({
      ...about,
      ...found,
      tags: ["depot-7", "AC"],
      auth: { type: "certificate" },
    });
  });

  it("is a conflict the second time, and changes nothing", async () => {
    await call("registerStation", { body: { identity: "R4" } });
    const before = await stored(cpIdOf("default", "R4"));
    const { status, body } = await call("registerStation", { body: { identity: "R4", link: "legacy" } });
    expect({ status, type: body.type }).toEqual({
      status: 409,
      type: "https://ocpp-relay.dev/problems/already-exists",
    });
    expect(await stored(cpIdOf("default", "R4"))).toEqual(before);
  });

  it.each([
    [{}, "/identity"],
    [{ identity: "" }, "/identity"],
    [{ identity: "a:b" }, "/identity"],
    [{ identity: "x".repeat(49) }, "/identity"],
    [{ identity: cpIdOf("default", "X") }, "/identity"],
    [{ identity: "R5", link: "satellite" }, "/link"],
    [{ identity: "R5", defaultProtocol: "ocpp1.5" }, "/defaultProtocol"],
    [{ identity: "R5", connectors: [{ connectorId: 0 }] }, "/connectors/0/connectorId"],
    [{ identity: "R5", auth: { type: "none" } }, "/auth/type"],
    [{ identity: "R5", auth: { type: "certificate", password: "x" } }, "/auth/password"],
    [{ identity: "R5", auth: { type: "basic", password: "" } }, "/auth/password"],
    [{ identity: "R5", colour: "red" }, "/colour"],
    [{ identity: "R5", tags: ["a,b"] }, "/tags/0"],
    [{ identity: "R5", tags: ["a;b"] }, "/tags/0"],
    [{ identity: "R5", location: { latitude: 91, longitude: 0 } }, "/location/latitude"],
    [{ identity: "R5", location: { latitude: 1 } }, "/location/longitude"],
  ])("refuses %j", async (body, pointer) => {
    const response = await call("registerStation", { body });
    expect(response.status).toBe(400);
    expect(pointers(response.body)).toEqual([pointer]);
    expect(await stored(cpIdOf("default", "R5"))).toBeUndefined();
  });

  it("is without authentication where the network allows it", async () => {
    const body = { identity: "R6", auth: { type: "none" } };
    const { status, body: station } = await call("registerStation", { client: "opener", body });
    expect(status).toBe(201);
    expect(station).toMatchObject({ networkId: "open", auth: { type: "none" } });
  });

  it("needs a network of the caller's, named where it has several", async () => {
    const register = (client: string, networkId?: string) =>
      call("registerStation", { client, body: { identity: "R7", networkId } });
    expect((await register("both")).status).toBe(400);
    expect((await register("opener", "default")).status).toBe(404);
    expect((await register("both", "open")).body.networkId).toBe("open");
  });
});

describe("registerStation with an Idempotency-Key", () => {
  let keys = 0;
  const registering = (body: object) => {
    const headers = { "idempotency-key": `register-${++keys}` };
    return () => call("registerStation", { body, headers });
  };

  it("returns a new password to a repeat while the station has not connected; the former one ends", async () => {
    const register = registering({ identity: "K1" });
    const first = await register();
    const { cpId } = first.body;

    const again = await register();

    expect([again.status, again.headers["Idempotent-Replayed"]]).toEqual([201, "true"]);
    expect(again.body).toEqual({ ...first.body, password: expect.stringMatching(/^\w{20}$/) });
    expect(again.body.password).not.toBe(first.body.password);
    expect(await isValid(cpId, first.body.password)).toBe(false);
    expect(await isValid(cpId, again.body.password)).toBe(true);
    expect(again.headers["Cache-Control"]).toBe("no-store");
  });

  it("stores no password for repeats", async () => {
    const { put, update } = api.table;
    const spies = [
      vi.spyOn(api.table, "put").mockImplementation((...all) => put(...all)),
      vi.spyOn(api.table, "update").mockImplementation((all) => update(all)),
    ];
    const register = registering({ identity: "K2" });
    const passwords = [(await register()).body.password, (await register()).body.password];
    const written = JSON.stringify(spies.map((spy) => spy.mock.calls));
    for (const spy of spies) spy.mockRestore();
    expect(written).toContain("registrationId");
    for (const password of passwords) expect(written).not.toContain(password);
  });

  it.each([
    ["is connected", { connection: { connectionId: "c", protocol: "ocpp1.6", connectedAtMs: 1 } }],
    ["was connected before", { lastSeenAtMs: 1 }],
    ["got other authentication", { auth: { type: "certificate" } }],
  ])("returns no password and keeps the old one if the station %s", async (_, since) => {
    const register = registering({ identity: `K3 ${keys}` });
    const { cpId, password, ...station } = (await register()).body;
    const before = await stored(cpId);
    await api.table.put({ ...stationKey(cpId), ...before, ...since });

    expect((await register()).body).toEqual({ cpId, ...station });
    expect(await stored(cpId)).toMatchObject({ ...before, ...since });
  });

  it("touches no station that was registered again by another request", async () => {
    const register = registering({ identity: "K4" });
    const { cpId } = (await register()).body;
    await call("deleteStation", { params: { cpId } });
    const { body } = await call("registerStation", { body: { identity: "K4" } });

    expect((await register()).body).not.toHaveProperty("password");
    expect(await isValid(cpId, body.password)).toBe(true);
  });

  it("finds its own station if the first request died before its response was stored", async () => {
    const lost = vi.spyOn(api.table, "update").mockRejectedValueOnce(new Error("died"));
    const register = registering({ identity: "K5" });
    await register();
    lost.mockRestore();

    const { status, body } = await register();

    expect(status).toBe(201);
    expect(await isValid(body.cpId, body.password)).toBe(true);
    expect((await registering({ identity: "K5" })()).status).toBe(409);
  });

  it("does not repeat a password that the caller gave", async () => {
    const register = registering({ identity: "K6", auth: { type: "basic", password: "correct horse" } });
    const first = await register();
    expect((await register()).body).toEqual(first.body);
    expect(await isValid(first.body.cpId, "correct horse")).toBe(true);
  });
});
