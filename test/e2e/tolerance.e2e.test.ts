import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectRaw, type RawStation } from "../support/raw-station.ts";
import { type RelayUnderTest, startRelay } from "../support/relay.ts";

let relay: RelayUnderTest;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

async function connect(identity: string, protocols = ["ocpp1.6"], about: object = {}): Promise<RawStation> {
  const { body } = await relay.call("POST", "/stations", { body: { identity, ...about } });
  const url = `${relay.local.stationUrl}/ocpp/${identity}`;
  return connectRaw(url, { protocols, identity, password: body.password });
}

const callOf = async (station: RawStation) => (await station.next()) as [2, string, string, object];

describe("a station as it is", () => {
  it("connects by an unknown subprotocol, in its own spelling, where it has a default", async () => {
    const station = await connect("unknown-name", ["ocpp1.6j"], { defaultProtocol: "ocpp1.6" });

    expect(station.socket.protocol).toBe("ocpp1.6j");
    expect((await relay.get("/stations/unknown-name")).body.connection.protocol).toBe("ocpp1.6");
    await station.close();
  });

  it("boots with a long serial number, and its resource counts the violation", async () => {
    const station = await connect("long-serial", ["OCPP1.6"]);
    station.send([
      2,
      "b1",
      "BootNotification",
      { chargePointVendor: "V", chargePointModel: "M", chargePointSerialNumber: "S".repeat(26) },
    ]);

    expect(await station.next()).toMatchObject([3, "b1", { status: "Accepted" }]);
    const { body } = await relay.get("/stations/long-serial");
    expect(body.violations).toMatchObject({ count: 1, lastAction: "BootNotification" });
    const log = await relay.get("/stations/long-serial/communication_log");
    expect(log.body.items[0].violations).toEqual([
      { pointer: "/chargePointSerialNumber", detail: expect.any(String) },
    ]);
    await station.close();
  });

  it("answers a command with an odd member, and the rest is returned and stored", async () => {
    const station = await connect("odd-key");
    const command = relay.command("odd-key", "get_configuration", {});
    const [, id] = await callOf(station);
    const long = { key: "X", readonly: true, value: "x".repeat(501) };
    station.send([
      3,
      id,
      { configurationKey: [{ key: "HeartbeatInterval", readonly: false, value: 300 }, long] },
    ]);

    expect(await command).toMatchObject({
      status: 200,
      body: { configurationKeys: [{ key: "HeartbeatInterval", readonly: false, value: "300" }, long] },
    });
    const stored = await relay.get("/stations/odd-key/configuration");
    expect(stored.body.configurationKeys).toHaveLength(2);
    await station.close();
  });

  it("cuts an answer short, and the command ends at once", async () => {
    const station = await connect("cut-short");
    const startedAt = Date.now();
    const command = relay.command("cut-short", "reset", { type: "Soft" });
    const [, id] = await callOf(station);
    station.socket.send(`[3,"${id}",{"status":"Acc`);

    expect(await command).toMatchObject({ status: 502, body: { ocppMessageId: id } });
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    const next = relay.command("cut-short", "reset", { type: "Soft" });
    const [, nextId] = await callOf(station);
    station.socket.send(`\uFEFF[3,"${nextId}",{"status":"Accepted","reason":""}]\0`);
    expect(await next).toMatchObject({ status: 200, body: { status: "Accepted" } });
    await station.close();
  });

  it("is refused by the schema in a strict network", async () => {
    await relay.call("PUT", "/networks/default", { body: { stationMessages: "strict" } });
    const station = await connect("strict");
    station.send([2, "s1", "Heartbeat", { spare: 1 }]);

    expect((await station.next()).slice(0, 3)).toEqual([4, "s1", "FormationViolation"]);
    await relay.call("PUT", "/networks/default", { body: {} });
    await station.close();
  });
});
