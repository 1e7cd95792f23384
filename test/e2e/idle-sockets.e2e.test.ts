import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectStation } from "../../local/stations/station.ts";
import { type RelayUnderTest, startRelay } from "../support/relay.ts";

/** Sockets live shorter than a test may wait; the functions' own limit of 2 s is longer. */
const IDLE_MS = 2_500;

let relay: RelayUnderTest;
beforeAll(async () => {
  relay = await startRelay({ idleSocketMs: IDLE_MS });
});
afterAll(() => relay.stop());

describe("after idle seconds, in which sockets died", () => {
  it("a command reaches the station, and its answer the caller", async () => {
    await relay.station("IDLE-1");
    const first = await relay.command("IDLE-1", "get_configuration", { keys: ["HeartbeatInterval"] });
    await sleep(IDLE_MS + 200);

    const second = await relay.command("IDLE-1", "get_configuration", { keys: ["HeartbeatInterval"] });

    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body.configurationKeys).toEqual(first.body.configurationKeys);
  });

  it("a station that takes over its own connection is let in", async () => {
    const { password } = await relay.rawStation("IDLE-2");
    await sleep(IDLE_MS + 200);
    const again = await connectStation({
      url: `${relay.local.stationUrl}/ocpp`,
      identity: "IDLE-2",
      password,
      stepMs: 10,
    });

    const { body } = await relay.get("/stations/IDLE-2");
    await again.close();

    expect(body.connection).toMatchObject({ connected: true });
  });

  it("an attempt sets its timers", async () => {
    await relay.register("IDLE-3");
    const start = { cpId: "IDLE-3", idTag: "TAG" };
    const path = "/remote_commands/asynchronous/remote_start_attempt";
    const first = await relay.post(path, start);
    await sleep(IDLE_MS + 200);
    relay.local.resetMetrics();

    const second = await relay.post(path, start);

    expect([first.status, second.status]).toEqual([201, 201]);
    expect(relay.local.metrics().scheduler).toMatchObject({ CreateSchedule: 1 });
  });
});
