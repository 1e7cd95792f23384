import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cpIdOf } from "../../shared/ids.ts";
import type { MetricName } from "../../shared/metrics.ts";
import { networkKey, stationKey } from "../../shared/store/keys.ts";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";

/** What CloudWatch would make of the functions' logs: each metric's values by its dimensions. */
type Seen = Readonly<Record<string, unknown>>;

let relay: RelayUnderTest;
const seen: Seen[] = [];

beforeAll(async () => {
  relay = await startRelay({
    onLog: ({ source, text }) => {
      if (source !== "function") return;
      const line = JSON.parse(text);
      if (line._aws) seen.push(line);
    },
  });
});
afterAll(() => relay.stop());
beforeEach(() => {
  seen.length = 0;
});

/** Polls until a metric was written, with these dimensions. */
const metric = (name: MetricName, dimensions: object = {}): Promise<Seen> =>
  until(() =>
    seen.find(
      (line) =>
        name in line && Object.entries(dimensions).every(([dimension, value]) => line[dimension] === value),
    ),
  );
const command = (outcome: string) => metric("commands", { outcome });

describe("a command is counted by its end", () => {
  it("answered by a CALLERROR, in a raw request's 200 too", async () => {
    const station = await relay.rawStation("erring");
    const typed = relay.command("erring", "reset", { type: "Soft" });
    station.send([4, (await station.next())[1], "InternalError", "", {}]);
    expect((await typed).status).toBe(502);
    await metric("commands", { command: "reset", outcome: "callError" });

    const request = { action: "ClearCache", assetId: "erring", payload: {}, async: false };
    const raw = relay.post("/ocpp/v2/raw-request", request);
    station.send([4, (await station.next())[1], "InternalError", "", {}]);

    expect((await raw).status).toBe(200);
    await metric("commands", { command: "raw_request", outcome: "callError" });
  });

  it("not answered in time, and late then", async () => {
    const station = await relay.rawStation("slow");
    const { status } = await relay.command(
      "slow",
      "reset",
      { type: "Soft" },
      { headers: { prefer: "wait=1" } },
    );
    expect(status).toBe(504);
    await command("timedOut");

    station.send([3, (await station.next())[1], { status: "Accepted" }]);

    expect(await metric("lateAnswers")).not.toHaveProperty("roundTrip");
  });

  it("lost with its connection, which another one replaces", async () => {
    const station = await relay.rawStation("twice");
    const answer = relay.command("twice", "reset", { type: "Soft" });
    await station.next();

    await relay.connectRaw("twice", station.password);

    expect((await answer).status).toBe(502);
    await command("connectionLost");
    expect(await metric("replacedConnections")).toMatchObject({ connects: 1 });
  });

  it("answered against its schema", async () => {
    const station = await relay.rawStation("odd");
    const answer = relay.command("odd", "reset", { type: "Soft" });
    station.send([3, (await station.next())[1], { status: "Perhaps" }]);

    expect((await answer).status).toBe(502);
    await command("invalidAnswer");
    await metric("invalidAnswers");
  });

  it("refused for what is known beforehand", async () => {
    await relay.register("away");

    expect((await relay.command("away", "reset", { type: "Soft" })).status).toBe(409);
    await command("refused");
    const later = { headers: { prefer: "respond-async" } };
    seen.length = 0;
    expect((await relay.command("away", "reset", { type: "Soft" }, later)).status).toBe(409);
    await command("refused");
  });

  it("sent to a legacy station, for whose answer nobody waits", async () => {
    const station = await relay.rawStation("old", { link: "legacy" });

    expect((await relay.command("old", "reset", { type: "Soft" })).status).toBe(200);

    await command("sent");
    station.send([3, (await station.next())[1], { status: "Accepted" }]);
    await metric("roundTrip");
  });

  it("in the background", async () => {
    const station = await relay.rawStation("later");
    const { status } = await relay.command(
      "later",
      "reset",
      { type: "Soft" },
      { headers: { prefer: "respond-async" } },
    );
    expect(status).toBe(202);

    station.send([3, (await station.next())[1], { status: "Accepted" }]);

    await command("answered");
  });
});

describe("the limits", () => {
  const network = (parallelRequests: number) =>
    relay.call("PUT", "/networks/default", { body: { parallelRequests } });
  afterAll(() => network(10));

  it("count who is refused, and the slots that nobody gave back", async () => {
    await relay.station("limited");
    await network(1);
    const lease = (expiresAtMs: number) =>
      relay.table.update({
        key: networkKey("default"),
        update: "SET inUse = :one, leases = :leases",
        values: { ":one": 1, ":leases": { dead: expiresAtMs } },
      });

    await lease(Date.now() + 60_000);
    expect((await relay.command("limited", "reset", { type: "Soft" })).status).toBe(429);
    await metric("limitReached");
    await command("refused");

    await lease(Date.now() - 1);
    expect((await relay.command("limited", "reset", { type: "Soft" })).status).toBe(200);
    expect(await metric("leasesReaped")).toMatchObject({ leasesReaped: 1 });
  });

  it("measure the wait for a station's lane where there is one", async () => {
    await network(10);
    const station = await relay.rawStation("busy");
    const first = relay.command("busy", "reset", { type: "Soft" });
    const call = await station.next();
    const second = relay.command("busy", "reset", { type: "Hard" });
    await until(async () => (await relay.get("/networks/default")).body.inUse === 2);

    station.send([3, call[1], { status: "Accepted" }]);
    station.send([3, (await station.next())[1], { status: "Accepted" }]);

    await Promise.all([first, second]);
    expect((await metric("laneWait")).laneWait).toBeGreaterThan(0);
    expect(seen.filter((line) => "laneWait" in line)).toHaveLength(1);
  });
});

describe("connections", () => {
  it("are counted when they begin, end, and are refused", async () => {
    const station = await relay.rawStation("passing");
    await metric("connects");

    await station.close();
    await metric("disconnects");

    await expect(relay.connectRaw("passing", `${station.password}x`)).rejects.toThrow();
    expect(await metric("handshakeFailed")).toMatchObject({ handshakeFailed: 1, reason: expect.any(String) });
  });

  it("are counted when the table takes them for live and they are not", async () => {
    await relay.register("gone");
    const connection = { connectionId: "nobody=", protocol: "ocpp1.6", connectedAtMs: Date.now() - 60_000 };
    await relay.table.update({
      key: stationKey(cpIdOf("default", "gone")),
      update: "SET #connection = :connection",
      names: { "#connection": "connection" },
      values: { ":connection": connection },
    });

    expect((await relay.command("gone", "reset", { type: "Soft" })).status).toBe(409);

    expect(await metric("zombies")).toMatchObject({ zombies: 1, disconnects: 1 });
  });
});
