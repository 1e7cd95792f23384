import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BusEvent } from "../../local/event-bus.ts";
import { callError, NO_ANSWER } from "../../local/stations/station.ts";
import type { EventType } from "../../shared/event-types.ts";
import { eventCatalogue } from "../../shared/events/catalogue.ts";
import { cpIdOf } from "../../shared/ids.ts";
import { validate } from "../../shared/schema/validate.ts";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";

let relay: RelayUnderTest;
let events: BusEvent[] = [];

beforeAll(async () => {
  relay = await startRelay();
  relay.local.watchEvents((event) => events.push(event));
});
afterAll(() => relay.stop());
beforeEach(() => {
  events = [];
});

/** The event of this type about a station, once it is there; every event is as its schema promises. */
const published = (detailType: EventType, identity: string, about: object = {}) =>
  publishedAbout(detailType, { cpId: cpIdOf("default", identity), ...about });

async function publishedAbout(detailType: EventType, about: object): Promise<BusEvent["detail"]> {
  const { detail } = await until(() =>
    events.find(
      (event) =>
        event["detail-type"] === detailType &&
        Object.entries(about).every(([name, value]) => event.detail[name] === value),
    ),
  );
  for (const event of events) {
    expect(event.source).toBe("ocpp-relay");
    expect(validate(eventCatalogue[event["detail-type"] as EventType].data, event.detail)).toEqual([]);
  }
  expect(detail.networkId).toBe("default");
  return detail;
}

describe("an event is published when", () => {
  it("a station connects and disconnects, also where the new connection comes first", async () => {
    const password = await relay.register("event-connection");
    const first = await relay.connectRaw("event-connection", password);
    const connected = await published("station.connected", "event-connection");
    expect(connected).toMatchObject({ identity: "event-connection", protocol: "ocpp1.6" });

    const second = await relay.connectRaw("event-connection", password);
    await published("station.disconnected", "event-connection", { connectionId: connected.connectionId });
    await until(() => events.filter((event) => event["detail-type"] === "station.connected").length === 2);
    await second.close();
    await until(() => events.filter((event) => event["detail-type"] === "station.disconnected").length === 2);
    await first.close({ abrupt: true });
  });

  it("a command is completed: by an answer, an error, nothing, and of several CALLs by the last", async () => {
    await relay.station("event-command", {
      handlers: {
        Reset: ({ payload }) => {
          if (payload.type === "Hard") throw callError("InternalError");
          return { status: "Accepted" };
        },
        ClearCache: () => NO_ANSWER as never,
      },
    });
    const answered = await relay.command("event-command", "reset", { type: "Soft" });
    await relay.command("event-command", "reset", { type: "Hard" });
    const changed = await relay.command("event-command", "change_configurations", {
      configurations: ["A", "B", "HeartbeatInterval"].map((key) => ({ key, value: "300" })),
    });
    await relay.post(
      "/ocpp/v2/raw-request",
      { assetId: "event-command", action: "ClearCache", payload: {}, async: false },
      { headers: { prefer: "wait=1" } },
    );

    const { commandId } = answered.body;
    const done = await published("command.completed", "event-command", { commandId });
    expect(done).toMatchObject({ command: "reset", state: "answered" });
    expect(done).not.toHaveProperty("calls");
    const refused = await published("command.completed", "event-command", { state: "callError" });
    expect(refused.problem).toMatchObject({ errorCode: "InternalError" });
    await published("command.completed", "event-command", { commandId: changed.body.commandId });
    await published("command.completed", "event-command", { state: "timedOut", command: "raw_request" });
    const all = events.filter((event) => event["detail-type"] === "command.completed");
    expect(all).toHaveLength(4);
  });

  it("a charge is asked for, begins and ends", async () => {
    await relay.station("event-charge");
    const { body: attempt } = await relay.post("/remote_commands/asynchronous/remote_start_attempt", {
      cpId: "event-charge",
      idTag: "TAG",
    });
    const started = await published("transaction.started", "event-charge", {
      remoteStartAttemptId: attempt.id,
    });
    await published("attempt.changed", "event-charge", { state: "started" });
    await relay.post("/remote_commands/asynchronous/remote_stop", { remoteStartAttemptId: attempt.id });
    const ended = await published("transaction.ended", "event-charge");

    expect(ended).toMatchObject({ transactionId: started.transactionId, stoppedAt: expect.any(String) });
    await published("attempt.changed", "event-charge", { state: "stopped" });
    const states = events
      .filter((event) => event["detail-type"] === "attempt.changed")
      .map(({ detail }) => detail.state);
    expect(states[0]).toBe("pending");
    expect(new Set(states).size).toBe(states.length);
  });

  it("the publishing function died meanwhile", async () => {
    const station = await relay.rawStation("event-killed");
    const kill = setInterval(() => void relay.local.killEnvironments("events-publish"), 50);
    await until(() => (relay.local.metrics().functions["events-publish"]?.errors ?? 0) > 0);
    clearInterval(kill);
    await published("station.connected", "event-killed");
    await station.close();
  });
});

describe.each(["ocpp1.6", "ocpp2.0.1"] as const)("what a station of %s reports is published", (protocol) => {
  const is16 = protocol === "ocpp1.6";

  it("with its status, its security events, and what is the vendor's own", async () => {
    const identity = `event-reports-${protocol}`;
    const station = await relay.station(identity, { protocol });
    await station.call("FirmwareStatusNotification", { status: "Downloading" });
    await station.call("FirmwareStatusNotification", { status: "Installed" });
    await station.call(is16 ? "DiagnosticsStatusNotification" : "LogStatusNotification", {
      status: "Uploading",
    });
    const security = { type: "SettingSystemTime", timestamp: "2026-11-28T09:29:58Z" };
    await station.call("SecurityEventNotification", security);
    const transfer = { vendorId: "com.example", messageId: "t", data: "31 \u00b0C" };
    await station.call("DataTransfer", transfer);

    expect(await published("station.dataTransfer", identity)).toMatchObject({ identity, ...transfer });
    expect(await published("station.securityEvent", identity)).toMatchObject(security);
    expect(await published("station.logStatus", identity)).toMatchObject({ status: "Uploading" });
    const { entryId } = await published("station.firmwareStatus", identity, { status: "Installed" });
    const entry = await relay.get(`/stations/${identity}/communication_log/${entryId}`);
    expect(entry.body).toMatchObject({
      action: "FirmwareStatusNotification",
      request: { status: "Installed" },
    });
    const words = events
      .filter((event) => event["detail-type"] === "station.firmwareStatus")
      .map(({ detail }) => detail.status);
    expect(words).toEqual(["Downloading", "Installed"]);
  });

  it("with its violations, each kind once", async () => {
    const identity = `event-violation-${protocol}`;
    const station = await relay.connectRaw(identity, await relay.register(identity), [protocol]);
    for (const [n, payload] of [{ colour: "red" }, { colour: "blue" }, { size: 1 }].entries()) {
      station.send([2, `${n}`, "Heartbeat", payload]);
      expect(await station.next()).toMatchObject([3, `${n}`, {}]);
    }

    const seen = () => events.filter((event) => event["detail-type"] === "station.violation");
    await until(() => seen().length === 2);
    expect(await published("station.violation", identity)).toMatchObject({
      identity,
      action: "Heartbeat",
      violations: [{ pointer: "/colour", keyword: "additionalProperties" }],
    });
    const violations = [{ pointer: "/size", keyword: "additionalProperties" }];
    expect(seen()[1]?.detail).toMatchObject({ violations });
  });

  it("with its meter readings, where its network asks for them", async () => {
    const identity = `event-readings-${protocol}`;
    const patched = await relay.call("PATCH", "/networks/default", {
      body: { publish: ["transaction.meterValues"] },
    });
    expect(patched).toMatchObject({ status: 200, body: { publish: ["transaction.meterValues"] } });
    const station = await relay.station(identity, { protocol });
    await relay.call("PATCH", "/networks/default", { body: { publish: [] } });
    const timestamp = "2026-11-28T09:29:58Z";
    const evseId = 1;
    await (is16
      ? station.call("MeterValues", {
          connectorId: evseId,
          transactionId: 77,
          meterValue: [{ timestamp, sampledValue: [{ value: "1.5", unit: "kWh" }] }],
        })
      : station.call("TransactionEvent", {
          eventType: "Updated",
          triggerReason: "MeterValuePeriodic",
          seqNo: 1,
          timestamp,
          transactionInfo: { transactionId: "77" },
          evse: { id: evseId, connectorId: 1 },
          meterValue: [{ timestamp, sampledValue: [{ value: 1.5, unitOfMeasure: { unit: "kWh" } }] }],
        }));

    expect(await published("transaction.meterValues", identity)).toMatchObject({
      transactionId: "77",
      evseId,
      readings: [{ timestamp, measurand: "Energy.Active.Import.Register", value: 1.5, unit: "kWh" }],
    });
  });
});

it("the end of a bulk command is published, with its counts", async () => {
  await relay.station("event-bulk");
  const { body } = await relay.post("/remote_commands/bulk", {
    command: "reset",
    input: { type: "Soft" },
    stations: { ids: ["event-bulk", "event-bulk-unknown"] },
  });
  const completed = await publishedAbout("bulk.completed", { bulkId: body.bulkId });
  expect(completed).toMatchObject({ state: "completed", counts: { total: 2, accepted: 1, failed: 1 } });
  expect(completed).not.toHaveProperty("cpId");
});

it("nothing is invoked for what is no event, such as a Heartbeat or readings that no network asks for", async () => {
  const station = await relay.station("event-none", { boot: false });
  await published("station.connected", "event-none");
  relay.local.resetMetrics();

  await station.call("Heartbeat", {});
  const sampledValue = [{ value: "1500" }];
  await station.call("MeterValues", {
    connectorId: 1,
    meterValue: [{ timestamp: "2026-11-28T09:29:58Z", sampledValue }],
  });
  await station.close();
  await published("station.disconnected", "event-none");

  expect(relay.local.metrics().functions["events-publish"]?.invocations).toBe(1);
});
