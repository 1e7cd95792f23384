import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NO_ANSWER } from "../../local/stations/station.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import { type AttemptsUnderTest, startAttempts } from "../support/attempts.ts";
import { until } from "../support/relay.ts";

let relay: AttemptsUnderTest;

beforeAll(async () => {
  relay = await startAttempts();
});
afterAll(() => relay.stop());

describe("a remote start (TC_010, TC_011)", () => {
  it("is sent, accepted, started by the station's transaction, and ends with it", async () => {
    const station = await relay.station("start");
    const connectorUuid = connectorUuidOf(cpIdOf("default", "start"), 2, 1);

    const { status, body, headers } = await relay.attempt({ cpId: "start", connectorUuid, idTag: "TAG" });

    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/remote_commands/asynchronous/remote_start_attempt/${body.id}`);
    expect(body).toMatchObject({ state: "pending", connectorUuid, idTag: "TAG" });
    expect((await station.received("RemoteStartTransaction")).payload).toEqual({
      connectorId: 2,
      idTag: "TAG",
    });
    const started = await relay.becomes(body.id, "started");
    expect(started).toMatchObject({ stationStatus: "Accepted", transactionId: expect.any(String) });
    expect(started.history.map(({ state }: { state: string }) => state)).toEqual([
      "pending",
      "sent",
      "accepted",
      "started",
    ]);
    await until(async () => (await relay.get("/networks/default")).body.inUse === 0);

    await station.driver.stopCharging(2);

    const stopped = await relay.becomes(body.id, "stopped");
    expect(stopped.stoppedAt).toEqual(expect.any(String));
    const { body: list } = await relay.get("/stations/start/transactions");
    expect(list.items).toEqual([
      {
        transactionId: started.transactionId,
        connectorUuid,
        idTag: "TAG",
        startedAt: expect.any(String),
        meterStart: expect.any(Number),
        stoppedAt: stopped.stoppedAt,
        meterStop: expect.any(Number),
        reason: "Local",
        remoteStartAttemptId: body.id,
      },
    ]);
    await relay.noSchedules();
  });

  it("that the station refuses is rejected (TC_026)", async () => {
    await relay.station("refuse", { handlers: { RemoteStartTransaction: () => ({ status: "Rejected" }) } });

    const { body } = await relay.attempt({ cpId: "refuse", idTag: "TAG" });

    expect(await relay.becomes(body.id, "rejected")).toMatchObject({ stationStatus: "Rejected" });
    await relay.noSchedules();
  });

  it("that is never answered stays sent with its problem, until it expires", async () => {
    const station = await relay.station("silent", {
      handlers: { RemoteStartTransaction: () => NO_ANSWER as never },
    });
    const { body } = await relay.attempt({ cpId: "silent", idTag: "TAG" });
    await station.received("RemoteStartTransaction");

    await station.disconnect({ abrupt: true });

    const sent = await until(async () => {
      const { body: attempt } = await relay.readAttempt(body.id);
      return attempt.problem && attempt;
    });
    expect(sent).toMatchObject({
      state: "sent",
      problem: { type: "https://ocpp-relay.dev/problems/connection-lost" },
    });
    await station.reconnect();
    await relay.settle();
    expect(station.calls.filter(({ action }) => action === "RemoteStartTransaction")).toHaveLength(1);
  });
});
