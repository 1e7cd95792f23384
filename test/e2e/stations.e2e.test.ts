import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectRaw, type RawStation, UpgradeRefused } from "../support/raw-station.ts";
import { type ApiCall, type RelayUnderTest, startRelay, until } from "../support/relay.ts";

let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

const endpoint = (path: string) => `${relay.local.stationUrl}/ocpp/${path}`;

/** The status of a handshake that is refused. */
const refused = async (path: string, options: Parameters<typeof connectRaw>[1] = {}) => {
  try {
    await (await connectRaw(endpoint(path), options)).close();
    return 101;
  } catch (error) {
    if (error instanceof UpgradeRefused) return error.status;
    throw error;
  }
};

describe("the handshake of a station", () => {
  it("needs the right password, and tells an unknown station no more than a wrong one", async () => {
    const password = await relay.register("locked");

    await expect(refused("locked", { identity: "locked", password })).resolves.toBe(101);
    await expect(refused("locked", { identity: "locked", password: "wrong" })).resolves.toBe(401);
    await expect(refused("locked", { identity: "someone", password })).resolves.toBe(401);
    await expect(refused("locked")).resolves.toBe(401);
    await expect(refused("stranger", { identity: "stranger", password })).resolves.toBe(401);
  });

  it("takes what is registered without authentication only where the network allows it", async () => {
    const open = { identity: "open", auth: { type: "none" } };
    expect((await relay.post("/stations", open)).status).toBe(400);
    await relay.call("PUT", "/networks/default", {
      body: { name: "default", allowUnauthenticatedStations: true },
    });
    expect((await relay.post("/stations", open)).status).toBe(201);
    await expect(refused("open")).resolves.toBe(101);

    await relay.call("PUT", "/networks/default", {
      body: { name: "default", allowUnauthenticatedStations: false },
    });
    await expect(refused("open")).resolves.toBe(401);
  });

  it("agrees on the first version of the station's list that we speak, however the list is written", async () => {
    const password = await relay.register("versions");
    const auth = { authorization: `Basic ${btoa(`versions:${password}`)}` };

    const station = await connectRaw(endpoint("versions"), {
      protocols: ["ocpp1.6"],
      headers: auth,
    });

    expect(station.protocol).toBe("ocpp1.6");
    expect((await relay.get("/stations/versions")).body.connection).toMatchObject({
      connected: true,
      protocol: "ocpp1.6",
    });
    await station.close();
  });

  it("without a version that both speak is refused", async () => {
    const password = await relay.register("old");

    await expect(refused("old", { identity: "old", password, protocols: ["ocpp1.5", "soap"] })).resolves.toBe(
      400,
    );
    await expect(refused("old", { identity: "old", password, protocols: [] })).resolves.toBe(400);
  });

  it("without a list of versions takes the one the station is registered with", async () => {
    const password = await relay.register("silent", { defaultProtocol: "ocpp1.6" });

    const station = await connectRaw(endpoint("silent"), { identity: "silent", password, protocols: [] });
    station.send([2, "1", "Heartbeat", {}]);

    expect(await station.next()).toEqual([3, "1", { currentTime: expect.any(String) }]);
    expect((await relay.get("/stations/silent")).body.connection.protocol).toBe("ocpp1.6");
    await station.close();
  });

  it.each(["with space", "with|bar", "täst", "100%", "a+b&c=d", "with/slash"])(
    "knows the identity %j from its percent-encoded path",
    async (identity) => {
      const password = await relay.register(identity);
      const options = {
        headers: { authorization: `Basic ${Buffer.from(`${identity}:${password}`).toString("base64")}` },
      };

      const station = await connectRaw(endpoint(encodeURIComponent(identity)), options);
      const { body } = await relay.get(`/stations/${encodeURIComponent(identity)}`);

      expect(body.connection.connected).toBe(true);
      await station.close();
    },
  );

  it("tolerates a slash at the end, and knows the network from the path", async () => {
    const password = await relay.register("slashed");

    await expect(refused("slashed/", { identity: "slashed", password })).resolves.toBe(101);
    await expect(refused("default/slashed", { identity: "slashed", password })).resolves.toBe(101);
    await expect(refused("elsewhere/slashed", { identity: "slashed", password })).resolves.toBe(401);
    await expect(refused("a/b/c", { identity: "slashed", password })).resolves.toBe(404);
  });
});

describe("a station", () => {
  it("is shown with what it said of itself", async () => {
    const station = await relay.station("shown");

    const { body } = await relay.get("/stations/shown");

    expect(body).toMatchObject({
      identity: "shown",
      networkId: "default",
      link: "broker",
      auth: { type: "basic" },
      lock: "none",
      connection: { connected: true, protocol: "ocpp1.6" },
      boot: { chargePointVendor: expect.any(String), chargePointModel: expect.any(String) },
    });
    expect(body.connectors).toHaveLength(2);
    expect(body.connectors[0]).toMatchObject({
      evseId: 1,
      connectorId: 1,
      status: "Available",
      lock: "none",
    });
    expect(body).not.toHaveProperty("password");
    expect(JSON.stringify(body)).not.toContain("scrypt");
    await station.disconnect();
    const gone = await until(async () => {
      const { body: shown } = await relay.get("/stations/shown");
      return !shown.connection.connected && shown;
    });
    expect(Date.parse(gone.connection.lastSeenAt)).toBeGreaterThan(Date.now() - 60_000);
  });

  it("that is deleted loses its connection, and its name can be used again", async () => {
    const station = await relay.rawStation("deleted");

    expect((await relay.call("DELETE", "/stations/deleted")).status).toBe(204);

    await station.closed;
    expect((await relay.get("/stations/deleted")).status).toBe(404);
    expect((await relay.post("/stations", { identity: "deleted" })).status).toBe(201);
  });

  it("has a log of both directions, newest first, without secrets", async () => {
    const station = await relay.station("logged", {
      handlers: { ChangeConfiguration: () => ({ status: "Accepted" }) },
    });
    await relay.command("logged", "change_configurations", {
      configurations: [{ key: "AuthorizationKey", value: "super-secret-key-0123" }],
    });
    await station.call("Heartbeat", {});

    const { body } = await relay.get("/stations/logged/communication_log?limit=2");
    const [heartbeat, change] = body.items;

    expect(heartbeat).toMatchObject({
      direction: "fromStation",
      action: "Heartbeat",
      messageType: "CALL_RESULT",
    });
    expect(change).toMatchObject({
      direction: "toStation",
      action: "ChangeConfiguration",
      request: { key: "AuthorizationKey", value: "***" },
      commandId: expect.any(String),
      durationMs: expect.any(Number),
    });
    const one = await relay.get(`/stations/logged/communication_log/${change.entryId}`);
    expect(one.body).toEqual(change);
    const everything = await relay.get("/stations/logged/communication_log?limit=500");
    expect(JSON.stringify(everything.body)).not.toContain("super-secret-key-0123");
    expect((await station.received("ChangeConfiguration")).payload.value).toBe("super-secret-key-0123");
  });
});

describe("the log of a network", () => {
  it("has the messages of all its stations, without Heartbeats and meter readings", async () => {
    const [one, other] = await Promise.all([relay.rawStation("log-one"), relay.rawStation("log-other")]);
    const from = new Date(Date.now() - 1).toISOString();
    const say = async (station: RawStation, id: string, action: string, payload: object) => {
      station.send([2, id, action, payload]);
      await station.next();
    };
    const [{ cpId: cpIdOne }, { cpId: cpIdOther }] = await Promise.all(
      ["log-one", "log-other"].map(async (identity) => (await relay.get(`/stations/${identity}`)).body),
    );
    await say(one, "1", "BootNotification", { chargePointVendor: "V", chargePointModel: "M" });
    await say(other, "1", "Heartbeat", {});
    await say(other, "2", "MeterValues", {
      connectorId: 1,
      meterValue: [{ timestamp: from, sampledValue: [{ value: "1" }] }],
    });
    const odd = { chargePointVendor: "V".repeat(30), chargePointModel: "M" };
    await say(other, "3", "BootNotification", odd);
    const list = async (query: string, options?: ApiCall) => {
      const { body } = await relay.get(`/communication_log?from=${from}&${query}`, options);
      return body.items.map(({ cpId, action, ocppMessageId }: Record<string, string>) => [
        cpId,
        action,
        ocppMessageId,
      ]);
    };

    const boots = [
      [cpIdOther, "BootNotification", "3"],
      [cpIdOne, "BootNotification", "1"],
    ];
    expect(await list("direction=fromStation")).toEqual(boots);
    expect(await list("action=BootNotification&limit=1")).toEqual(boots.slice(0, 1));
    expect(await list("violations=true")).toEqual(boots.slice(0, 1));
    expect(await list(`cpId=${cpIdOther}`)).toEqual([
      [cpIdOther, "BootNotification", "3"],
      [cpIdOther, "MeterValues", "2"],
      [cpIdOther, "Heartbeat", "1"],
    ]);
    expect(await list("cpId=log-one")).toEqual(boots.slice(1));
    const token = await relay.otherToken();
    await relay.call("PUT", "/networks/quiet", { body: { name: "quiet", clients: ["other"] } });
    expect(await list("", { token })).toEqual([]);
    expect(await list(`cpId=${cpIdOne}`, { token })).toEqual([]);
  });
});

describe("the log of a command of several CALLs", () => {
  it("has them in the order in which they went out", async () => {
    await relay.station("in-order");
    const keys = Array.from({ length: 8 }, (_, i) => `Key${i}`);
    await relay.command("in-order", "change_configurations", {
      configurations: keys.map((key) => ({ key, value: "1" })),
    });

    const { body } = await relay.get("/stations/in-order/communication_log?action=ChangeConfiguration");

    expect(body.items.map(({ request }: { request: { key: string } }) => request.key)).toEqual(
      keys.reverse(),
    );
  });
});

describe("the OpenAPI document", () => {
  it("is public, and names the token endpoint of this machine", async () => {
    const { status, body } = await relay.get("/openapi.json", { token: null });

    expect(status).toBe(200);
    expect(body.openapi).toMatch(/^3\.1/);
    expect(Object.keys(body.paths)).toContain("/remote_commands/synchronous/{cpId}/get_configuration");
  });
});
