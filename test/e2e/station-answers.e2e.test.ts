import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { synthesize } from "../../infra/synth.ts";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";

describe.each(["post", "route"])("with stationAnswers=%s", (stationAnswers) => {
  let relay: RelayUnderTest;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ocpp-relay-answers-"));
    const isOfRun = stationAnswers === (process.env.STATION_ANSWERS || "post");
    const assembly = isOfRun
      ? inject("assembly")
      : await synthesize({ outdir: folder, context: { stationAnswers } });
    relay = await startRelay({ assembly });
  }, 180_000); // synthesizes once more
  afterAll(async () => {
    await relay.stop();
    await rm(folder, { recursive: true });
  });

  it("a station's CALL is answered, with a post of its own or without", async () => {
    const station = await relay.rawStation("calling");
    relay.local.resetMetrics();

    station.send([2, "1", "Heartbeat", {}]);

    expect(await station.next()).toEqual([3, "1", { currentTime: expect.any(String) }]);
    expect(relay.local.metrics().postToConnection).toBe(stationAnswers === "post" ? 1 : 0);
  });

  it("a CALL that the version does not have is answered by a CALLERROR", async () => {
    const station = await relay.rawStation("inventing");

    station.send([2, "1", "Invented", {}]);

    expect((await station.next()).slice(0, 3)).toEqual([4, "1", "NotImplemented"]);
  });

  it("a station's answer to a command is followed by no frame", async () => {
    const station = await relay.rawStation("answering");
    const command = relay.command("answering", "reset", { type: "Soft" });
    const [, messageId] = await station.next();

    station.send([3, messageId, { status: "Accepted" }]);
    expect((await command).status).toBe(200);
    station.send([2, "1", "Heartbeat", {}]);

    expect((await station.next()).slice(0, 2)).toEqual([3, "1"]);
    expect(station.unread).toEqual([]);
  });

  it("a connection that sends the same protocol error again and again is closed", async () => {
    const station = await relay.rawStation("looping");
    relay.local.resetMetrics();
    const received = () => relay.local.metrics().functions["station-message"]?.invocations ?? 0;
    let sent = 0;
    while (station.socket.readyState === station.socket.OPEN && sent < 1_000) {
      station.send("no OCPP");
      sent += 1;
      await until(() => received() >= sent || station.socket.readyState !== station.socket.OPEN);
    }

    expect(await station.closed).toMatchObject({ code: 1000 });
    expect(sent).toBeGreaterThanOrEqual(100);
    await until(async () => (await relay.get("/stations/looping")).body.connection.connected === false);
  }, 180_000);
});
