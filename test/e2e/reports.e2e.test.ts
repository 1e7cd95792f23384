/** What only OCPP 2.x has: reports in parts, limits on messages, transactions that the station numbers. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Payload, Station } from "../../local/stations/station.ts";
import { type AttemptsUnderTest, startAttempts } from "../support/attempts.ts";
import { until } from "../support/relay.ts";

let relay: AttemptsUnderTest;

beforeAll(async () => {
  relay = await startAttempts();
});
afterAll(() => relay.stop());

const PARTS = 40;
const PER_PART = 75;

/** Part n of a report, counted from 0, of a station whose variables all have this value. */
const part = (requestId: unknown, seqNo: number, value: string): Payload => ({
  requestId,
  generatedAt: new Date().toISOString(),
  seqNo,
  tbc: seqNo < PARTS - 1,
  reportData: Array.from({ length: PER_PART }, (_, n) => ({
    component: { name: "Component", instance: `with.dot ${seqNo}`, evse: { id: 1, connectorId: 1 } },
    variable: { name: "Variable", instance: String(n) },
    variableAttribute: [{ type: "Actual", value, mutability: n % 2 === 0 ? "ReadOnly" : "ReadWrite" }],
  })),
});

const all = Array.from({ length: PARTS }, (_, seqNo) => seqNo);

/** A station that promises a report and sends none by itself. */
const promising = (identity: string, protocol: "ocpp2.0.1" | "ocpp2.1" = "ocpp2.0.1") =>
  relay.station(identity, { protocol, handlers: { GetBaseReport: () => ({ status: "Accepted" }) } });

/** Sends parts of the n-th report that was asked for. */
async function send(station: Station, seqNos: readonly number[], value: string, n = 1): Promise<void> {
  const { requestId } = (await station.received("GetBaseReport", n)).payload;
  for (const seqNo of seqNos) await station.call("NotifyReport", part(requestId, seqNo, value));
}

interface Key {
  readonly key: string;
  readonly value: string;
  readonly readonly: boolean;
}

const valuesOf = (keys: readonly Key[]) => [...new Set(keys.map(({ value }) => value))];

describe("a report of 3,000 variables in 40 parts", () => {
  it("arrives whole, is stored whole, and takes the place of what was stored", async () => {
    const station = await promising("large");
    const first = relay.command("large", "get_configuration");
    await send(station, all, "first");
    expect((await first).status).toBe(200);

    const second = relay.command("large", "get_configuration");
    await send(station, all, "second", 2);
    const { status, body } = await second;

    expect(status).toBe(200);
    expect(body.configurationKeys).toHaveLength(PARTS * PER_PART);
    expect(body.configurationKeys[0]).toEqual({
      key: "Component[with%2Edot 0]@1:1.Variable[0]",
      value: "second",
      readonly: true,
    });
    expect(body.unknownKeys).toEqual([]);
    const stored = (await relay.get("/stations/large/configuration")).body.configurationKeys;
    expect(stored).toHaveLength(PARTS * PER_PART);
    expect(valuesOf(stored)).toEqual(["second"]);
  });

  it("arrives in any order, with parts repeated", async () => {
    const station = await promising("shuffled", "ocpp2.1");
    const pending = relay.command("shuffled", "get_configuration");

    await send(station, [...all.toReversed(), 3, 39, 3], "any");

    const { status, body } = await pending;
    expect(status).toBe(200);
    expect(body.configurationKeys).toHaveLength(PARTS * PER_PART);
    expect(body.configurationKeys[0].key).toContain("with%2Edot 0");
  });

  it("with part 17 missing is a 504 that says so, and is complete when it comes late", async () => {
    const station = await promising("missing");
    const pending = relay.command("missing", "get_configuration");

    await send(
      station,
      all.filter((seqNo) => seqNo !== 17),
      "late",
    );
    relay.local.advanceClock(25_000);

    const { status, body, headers } = await pending;
    expect(status).toBe(504);
    expect(body.type).toBe("https://ocpp-relay.dev/problems/station-timeout");
    expect(body.detail).toContain("39 of 40 parts came, missing is seqNo 17");
    expect(body.waitedSeconds).toBeGreaterThanOrEqual(25);
    const location = headers.get("location") as string;
    expect((await relay.get(location)).body.state).toBe("timedOut");
    expect((await relay.get("/stations/missing/configuration")).body.configurationKeys).toEqual([]);

    await send(station, [17], "late");

    expect((await relay.get(location)).body).toMatchObject({ state: "answered", late: true });
    const stored = await relay.get("/stations/missing/configuration");
    expect(stored.body.configurationKeys).toHaveLength(PARTS * PER_PART);
  });

  it("without its end says that, too", async () => {
    const station = await promising("endless");
    const pending = relay.command("endless", "get_configuration");

    await send(station, [0, 1], "unfinished");
    relay.local.advanceClock(25_000);

    expect((await pending).body.detail).toContain("2 parts came, and the last one is not among them");
  });

  it("does not mix with that of another station", async () => {
    const [one, two] = await Promise.all([promising("one-of-two"), promising("two-of-two")]);
    const pending = ["one-of-two", "two-of-two"].map((identity) =>
      relay.command(identity, "get_configuration"),
    );

    await Promise.all([send(one, all, "one"), send(two, all.toReversed(), "two")]);

    const [first, second] = await Promise.all(pending);
    expect(valuesOf(first?.body.configurationKeys)).toEqual(["one"]);
    expect(valuesOf(second?.body.configurationKeys)).toEqual(["two"]);
  });
});

describe("a report", () => {
  it.each(["EmptyResultSet", "NotSupported", "Rejected"])(
    "that is refused as %s is a 200",
    async (status) => {
      const identity = `report-${status}`;
      await relay.station(identity, {
        protocol: "ocpp2.0.1",
        handlers: { GetBaseReport: () => ({ status }) },
      });

      const { status: code, body } = await relay.command(identity, "get_configuration");

      expect(code).toBe(200);
      expect(body).toEqual({
        commandId: body.commandId,
        ocppMessageIds: [body.commandId],
        configurationKeys: [],
        unknownKeys: [],
        status,
      });
      expect((await relay.get(`/remote_commands/${body.commandId}`)).body.state).toBe("answered");
    },
  );

  it("that nobody asked for is answered, logged, and stored nowhere", async () => {
    const station = await relay.station("unasked", { protocol: "ocpp2.0.1" });

    for (const seqNo of all) await station.call("NotifyReport", part(7, seqNo, "unasked"));

    expect((await relay.get("/stations/unasked/configuration")).body.configurationKeys).toEqual([]);
  });

  it("shows no secrets, nor does the log", async () => {
    const password = "an-uncovered-secret";
    await relay.station("secretive", {
      protocol: "ocpp2.0.1",
      configuration: { "VendorCtrlr.WifiPassword": password },
    });

    const { body } = await relay.command("secretive", "get_configuration");

    const shown = body.configurationKeys.find(({ key }: Key) => key === "VendorCtrlr.WifiPassword");
    expect(shown.value).toBe("***");
    const log = await relay.get("/stations/secretive/communication_log?limit=500");
    const stored = await relay.get("/stations/secretive/configuration");
    expect(JSON.stringify([log.body, stored.body])).not.toContain(password);
  });
});

describe("a station's limits", () => {
  const items = (action: string, most: number) => ({
    [`DeviceDataCtrlr.ItemsPerMessage[${action}]`]: String(most),
  });
  const keys = ["HeartbeatInterval", "OfflineThreshold", "ResetRetries", "RetryBackOffRepeatTimes"]
    .concat("RetryBackOffWaitMinimum", "NetworkProfileConnectionAttempts", "RetryBackOffRandomRange")
    .map((name) => `OCPPCommCtrlr.${name}`);

  it("are asked for once, and kept to", async () => {
    const station = await relay.station("limited", {
      protocol: "ocpp2.0.1",
      configuration: { ...items("GetVariables", 5), ...items("SetVariables", 3) },
    });

    const first = await relay.command("limited", "get_configuration", { keys });
    const change = await relay.command("limited", "change_configurations", {
      configurations: keys.map((key) => ({ key, value: "9" })),
    });
    const second = await relay.command("limited", "get_configuration", { keys });

    expect(first.body.configurationKeys.map(({ key }: Key) => key)).toEqual(keys);
    expect(first.body.ocppMessageIds).toHaveLength(4);
    const command = await relay.get(`/remote_commands/${first.body.commandId}`);
    expect(command.body).toMatchObject({ state: "answered" });
    expect(command.body.calls.map((call: { ocppMessageId: string }) => call.ocppMessageId)).toEqual(
      first.body.ocppMessageIds,
    );
    expect(change.body.results.map((result: { status: string }) => result.status)).toEqual(
      keys.map(() => "Accepted"),
    );
    expect(second.body.ocppMessageIds).toHaveLength(2);
    expect(valuesOf(second.body.configurationKeys)).toEqual(["9"]);
    const sizes = station.calls.map(({ payload }) => Object.values(payload).flat().length);
    expect(sizes).toEqual([1, 3, 5, 2, 3, 3, 1, 5, 2]);
  });

  it("in bytes are kept to as well", async () => {
    const station = await relay.station("narrow", {
      protocol: "ocpp2.1",
      configuration: { "DeviceDataCtrlr.BytesPerMessage[SetVariables]": "400" },
    });
    const configurations = keys.map((key) => ({ key, value: "9" }));

    const { body } = await relay.command("narrow", "change_configurations", { configurations });

    expect(body.results).toHaveLength(keys.length);
    const sent = station.calls.filter(({ action }) => action === "SetVariables");
    expect(sent.length).toBeGreaterThan(1);
    for (const { messageId, payload } of sent)
      expect(JSON.stringify([2, messageId, "SetVariables", payload]).length).toBeLessThanOrEqual(400);
  });
});

describe("a key that names no variable", () => {
  it.each([
    ["get_configuration", { keys: ["A.B", "NumberOfConnectors"] }, "/keys/1"],
    ["change_configurations", { configurations: [{ key: "A.B[", value: "" }] }, "/configurations/0/key"],
  ])("is a 400 of %s that says where, and nothing is sent", async (command, body, pointer) => {
    const identity = `no-variable-${command}`;
    const station = await relay.station(identity, { protocol: "ocpp2.0.1" });

    const answer = await relay.command(identity, command, body);

    expect(answer.status).toBe(400);
    expect(answer.body.type).toBe("https://ocpp-relay.dev/problems/invalid-request");
    expect(answer.body.errors).toEqual([{ pointer, detail: expect.stringMatching(/at character \d+/) }]);
    expect(station.calls).toEqual([]);
  });
});

describe("a station that probes with 1.6 and then connects with 2.0.1", () => {
  it("is served by what its live connection speaks", async () => {
    const password = await relay.register("prober");
    const probe = await relay.connectRaw("prober", password, ["ocpp1.6"]);
    const station = await relay.connectRaw("prober", password, ["ocpp2.0.1"]);
    await probe.closed;

    const pending = relay.command("prober", "reset", { type: "Soft" });
    const [, messageId, action, payload] = await station.next();
    station.send([3, messageId, { status: "Scheduled" }]);

    expect([action, payload]).toEqual(["Reset", { type: "OnIdle" }]);
    expect((await pending).body.status).toBe("Scheduled");
    const { body } = await relay.get("/stations/prober");
    expect(body.connection).toMatchObject({ connected: true, protocol: "ocpp2.0.1" });
  });
});

describe("a transaction that the station numbers", () => {
  const event = (eventType: string, seqNo: number, timestamp: string, members: object = {}): Payload => ({
    eventType,
    seqNo,
    timestamp,
    triggerReason: "Authorized",
    transactionInfo: {
      transactionId: "T-1",
      ...(eventType === "Ended" && { stoppedReason: "EVDisconnected" }),
    },
    evse: { id: 2, connectorId: 1 },
    ...members,
  });
  const reading = (value: number, context: string) => ({
    meterValue: [{ timestamp: "2026-11-20T10:00:00Z", sampledValue: [{ value, context }] }],
  });
  const token = (idToken: string) => ({ idToken: { idToken, type: "ISO14443" } });

  const messages = [
    event("Started", 0, "2026-11-20T10:00:00Z", { ...reading(100, "Transaction.Begin"), offline: true }),
    event("Updated", 1, "2026-11-20T10:01:00Z", token("DRIVER")),
    event("Updated", 2, "2026-11-20T10:30:00Z", token("ANOTHER")),
    event("Ended", 3, "2026-11-20T11:00:00Z", reading(900, "Transaction.End")),
  ];

  it.each([
    ["in order", [0, 1, 2, 3]],
    ["backwards", [3, 2, 1, 0]],
    ["repeated", [0, 0, 2, 3, 1, 3, 0, 2]],
  ])("is the same whether its messages come %s", async (name, order) => {
    const identity = `transaction-${name.replace(" ", "-")}`;
    const station = await relay.station(identity, { protocol: "ocpp2.0.1", boot: false });

    for (const n of order) {
      const answer = await station.call("TransactionEvent", messages[n] as Payload);
      expect(answer).toEqual(n === 1 || n === 2 ? { idTokenInfo: { status: "Accepted" } } : {});
    }

    const { body } = await relay.get(`/stations/${identity}/transactions`);
    expect(body.items).toEqual([
      {
        id: expect.any(String),
        cpId: expect.any(String),
        transactionId: "T-1",
        connectorUuid: expect.any(String),
        idTag: "DRIVER",
        startedAt: "2026-11-20T10:00:00.000Z",
        meterStart: 100,
        stoppedAt: "2026-11-20T11:00:00.000Z",
        meterStop: 900,
        reason: "EVDisconnected",
      },
    ]);
  });
});

describe("a start of a car that is plugged in already (TC_F_02)", () => {
  const begin = (transactionId: string, members: object = {}): Payload => ({
    eventType: "Started",
    seqNo: 0,
    timestamp: new Date().toISOString(),
    triggerReason: "CablePluggedIn",
    transactionInfo: { transactionId, chargingState: "EVConnected" },
    evse: { id: 1, connectorId: 1 },
    ...members,
  });

  it("starts by the transaction that the station's answer names", async () => {
    const station = await relay.station("plugged", {
      protocol: "ocpp2.0.1",
      handlers: { RequestStartTransaction: () => ({ status: "Accepted", transactionId: "T-7" }) },
    });
    await station.call("TransactionEvent", begin("T-7"));

    const { body } = await relay.attempt({ cpId: "plugged", idTag: "TAG" });

    expect(await relay.becomes(body.id, "started")).toMatchObject({ transactionId: "T-7" });
    await station.call("TransactionEvent", begin("T-7", { eventType: "Ended", seqNo: 1 }));
    await relay.becomes(body.id, "stopped");
  });

  it("does not start by a transaction that was not reported", async () => {
    const station = await relay.station("announced", {
      protocol: "ocpp2.0.1",
      handlers: { RequestStartTransaction: () => ({ status: "Accepted", transactionId: "T-8" }) },
    });
    const { body } = await relay.attempt({ cpId: "announced", idTag: "TAG" });
    await relay.becomes(body.id, "accepted");
    const { remoteStartId } = (await station.received("RequestStartTransaction")).payload;

    await station.call(
      "TransactionEvent",
      begin("T-8", { transactionInfo: { transactionId: "T-8", remoteStartId } }),
    );

    expect(await relay.becomes(body.id, "started")).toMatchObject({ transactionId: "T-8" });
  });
});

describe("messages that are not answered (2.1)", () => {
  it("a SEND is logged", async () => {
    const password = await relay.register("sender");
    const station = await relay.connectRaw("sender", password, ["ocpp2.1"]);
    const payload = { id: 1, pending: 0, basetime: "2026-11-20T10:00:00Z", data: [{ t: 0, v: "1" }] };

    station.send([6, "s1", "NotifyPeriodicEventStream", payload]);
    station.send([6, "s2", "NotifyPeriodicEventStream", { id: 1 }]);
    station.send([2, "h1", "Heartbeat", {}]);

    expect((await station.next())[1]).toBe("h1");
    expect(station.unread).toEqual([]);
    const entries = await until(async () => {
      const log = await relay.get("/stations/sender/communication_log?action=NotifyPeriodicEventStream");
      return log.body.items.length === 2 && log.body.items;
    });
    const of = (id: string) => entries.find((each: { ocppMessageId: string }) => each.ocppMessageId === id);
    expect(of("s1")).toMatchObject({ request: payload, direction: "fromStation" });
    expect(of("s1")).not.toHaveProperty("response");
    expect(of("s2").violations).not.toEqual([]);
  });

  it("a CALLRESULTERROR is noted with the CALL whose answer it is about", async () => {
    const password = await relay.register("unhappy");
    const station = await relay.connectRaw("unhappy", password, ["ocpp2.1"]);
    station.send([2, "h1", "Heartbeat", {}]);
    await station.next();

    station.send([5, "h1", "FormatViolation", "no time", {}]);

    await until(async () => {
      const { body } = await relay.get("/stations/unhappy/communication_log");
      return body.items[0]?.violations?.[0].detail.includes("FormatViolation: no time");
    });
    expect(station.unread).toEqual([]);
  });
});
