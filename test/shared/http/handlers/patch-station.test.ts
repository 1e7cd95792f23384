import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { authenticate } from "../../../../shared/handshake/authenticate.ts";
import { matchPassword } from "../../../../shared/handshake/password-hash.ts";
import { passwordIdsOf } from "../../../../shared/handshake/stored-hashes.ts";
import { cpIdOf } from "../../../../shared/ids.ts";
import type { BasicAuth, OutgoingItem, StationItem } from "../../../../shared/store/items.ts";
import { outgoingKey, stationKey } from "../../../../shared/store/keys.ts";
import { basicAuth, hashesOf } from "../../../support/passwords.ts";
import { NOW, pointers, type StationApi, startStationApi } from "../../../support/station-api.ts";
import { newStation } from "../../../support/stations.ts";

let api: StationApi;
beforeAll(async () => {
  api = await startStationApi();
});
afterAll(() => api.stop());

const patch = (cpId: string, body: object, headers: Record<string, string> = {}) =>
  api.call("updateStation", { params: { cpId }, body, headers });
const stored = async (cpId: string) => (await api.table.get<StationItem>(stationKey(cpId))) as StationItem;

describe("PATCH of name, tags and location", () => {
  it("sets them on a station that an older release stored, and null removes them", async () => {
    const { cpId, ...station } = newStation({ identity: "P1" });
    await api.table.put({ ...station, cpId });
    const location = { latitude: 1.5, longitude: 2, address: "here" };
    const set = await patch(cpId, { name: "One", tags: ["a", "b", "a"], location });
    expect(set.body).toMatchObject({ name: "One", tags: ["a", "b"], location });

    const removed = await patch(cpId, { name: null, tags: null, location: null });
    expect(removed.body.tags).toEqual([]);
    for (const member of ["name", "location"]) expect(removed.body).not.toHaveProperty(member);
    expect(await stored(cpId)).toEqual({ ...station, cpId, revision: 2 });
  });

  it("merges a location member by member", async () => {
    const station = newStation({ identity: "P2" });
    await api.table.put(station);
    expect(pointers((await patch("P2", { location: { latitude: 1 } })).body)).toEqual([
      "/location/longitude",
    ]);
    await patch("P2", { location: { latitude: 1, longitude: 2, address: "here" } });
    const moved = await patch("P2", { location: { latitude: 3 } });
    expect(moved.body.location).toEqual({ latitude: 3, longitude: 2, address: "here" });
    const nameless = await patch("P2", { location: { address: null } });
    expect(nameless.body.location).toEqual({ latitude: 3, longitude: 2 });
  });

  it("keeps both of two concurrent changes of a location", async () => {
    const location = { latitude: 1, longitude: 2 };
    const { cpId, ...station } = newStation({ identity: "P3", location });
    await api.table.put({ ...station, cpId });
    const { update } = api.table;
    const between = vi.spyOn(api.table, "update").mockImplementationOnce(async (write) => {
      await api.table.put({ ...station, cpId, location: { latitude: 1, longitude: 20 } });
      return update(write);
    });
    const { body } = await patch(cpId, { location: { latitude: 10 } });
    between.mockRestore();
    expect(body.location).toEqual({ latitude: 10, longitude: 20 });
  });

  it.each([{ name: "" }, { tags: "a" }, { location: { latitude: "north" } }, { location: {}, tags: [1] }])(
    "refuses %j",
    async (body) => {
      await api.table.put(newStation({ identity: "P4" }));
      expect((await patch("P4", body)).status).toBe(400);
    },
  );
});

describe("PATCH of auth", () => {
  const basic = async (identity: string): Promise<BasicAuth> => {
    const cpId = cpIdOf("default", identity);
    const { passwordId } = await basicAuth(api.passwords, cpId, "pending-password-1");
    return {
      ...(await basicAuth(api.passwords, cpId, "old-password-0000")),
      pending: [{ passwordId, messageId: "m", connectionId: "c1" }],
      registrationId: "r",
    };
  };
  const handshake = (identity: string, password?: string) =>
    authenticate(
      { table: api.table, passwords: api.passwords, clock: { now: () => NOW, sleep: async () => {} } },
      {
        networkId: "default",
        identity,
        source: "192.0.2.1",
        ...(password && { authorization: `Basic ${btoa(`${identity}:${password}`)}` }),
      },
    );

  it("replaces every former password at once, and returns none that the caller gave", async () => {
    const station = newStation({ identity: "A1", auth: await basic("A1") });
    await api.table.put(station);
    const { body, status } = await patch("A1", { auth: { type: "basic", password: "new-password-0000" } });
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toMatch(/new-password|scrypt/);
    expect((await handshake("A1", "old-password-0000")).refusal).toBe("wrongPassword");
    expect((await handshake("A1", "pending-password-1")).refusal).toBe("wrongPassword");
    expect((await handshake("A1", "new-password-0000")).context).toMatchObject({ identity: "A1" });
    const { auth } = await stored(station.cpId);
    expect(auth).toEqual({ type: "basic", passwordId: expect.any(String) });
    expect([...(await hashesOf(api.passwords, station.cpId)).keys()]).toEqual(passwordIdsOf(auth));
  });

  it("leaves no password when the station moves to certificates, and generates one when it moves back", async () => {
    const station = newStation({ identity: "A2", auth: await basic("A2") });
    await api.table.put(station);
    await patch("A2", { auth: { type: "certificate" } });
    expect((await stored(station.cpId)).auth).toEqual({ type: "certificate" });
    expect(await hashesOf(api.passwords, station.cpId)).toEqual(new Map());
    expect((await handshake("A2", "old-password-0000")).refusal).toBe("otherEndpoint");

    const back = await patch("A2", { auth: { type: "basic" } });
    expect(back.headers["Cache-Control"]).toBe("no-store");
    expect(back.body).toMatchObject({ auth: { type: "basic" }, password: expect.stringMatching(/^\w{20}$/) });
    const { auth } = (await stored(station.cpId)) as StationItem;
    const hashes = await hashesOf(api.passwords, station.cpId);
    expect([...hashes.keys()]).toEqual(passwordIdsOf(auth));
    expect(await matchPassword(Buffer.from(back.body.password), [...hashes.values()])).toBe(0);
  });

  it("changes nothing of a station that already authenticates in this way", async () => {
    const auth = await basic("A3");
    const connection = { connectionId: "A3", protocol: "ocpp1.6", connectedAtMs: NOW } as const;
    const station = newStation({ identity: "A3", auth, connection });
    await api.table.put(station);
    const { body } = await patch("A3", { auth: { type: "basic" } });
    expect(body).not.toHaveProperty("password");
    expect(body.connection.connected).toBe(true);
    expect((await stored(station.cpId)).auth).toEqual(auth);
    expect(api.closed).not.toContain("A3");
  });

  it("closes the connection that the former credentials opened, and fails the CALL on it", async () => {
    const connection = { connectionId: "A4", protocol: "ocpp1.6", connectedAtMs: NOW } as const;
    const lane = [{ messageId: "call-a4", expiresAtMs: NOW + 30_000 }];
    const station = newStation({ identity: "A4", auth: await basic("A4"), connection, lane });
    await api.table.put(station);
    const { cpId } = station;
    await api.table.put({ ...outgoingKey("call-a4", cpId), cpId, state: "sent", connectionId: "A4" });

    const { body } = await patch("A4", { auth: { type: "basic", password: "new-password-0000" } });

    expect(body.connection.connected).toBe(false);
    expect(api.closed).toContain("A4");
    expect((await stored(cpId)).connection).toBeUndefined();
    expect(await api.table.get<OutgoingItem>(outgoingKey("call-a4", cpId))).toMatchObject({
      state: "connectionLost",
    });
  });

  it("is refused as at the registration, and then closes nothing", async () => {
    const connection = { connectionId: "A5", protocol: "ocpp1.6", connectedAtMs: NOW } as const;
    const auth = await basic("A5");
    const station = newStation({ identity: "A5", auth, connection });
    await api.table.put(station);
    const none = await patch("A5", { auth: { type: "none" } });
    const both = await patch("A5", { auth: { type: "certificate", password: "x" } });
    expect([pointers(none.body), pointers(both.body)]).toEqual([["/auth/type"], ["/auth/password"]]);
    const stale = await patch("A5", { auth: { type: "certificate" } }, { "if-match": '"old"' });
    expect(stale.status).toBe(412);
    expect((await stored(station.cpId)).auth).toEqual(auth);
    expect(api.closed).not.toContain("A5");
  });
});
