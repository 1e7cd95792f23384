import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { serveCall } from "../../../shared/inbound/serve-call.ts";
import { listLog } from "../../../shared/log/read.ts";
import { logger } from "../../../shared/logger.ts";
import { type CallFrame, parse } from "../../../shared/ocpp/frame.ts";
import type { Protocol } from "../../../shared/ocpp/protocols.ts";
import { listTransactions } from "../../../shared/stations/list-transactions.ts";
import { stationResource } from "../../../shared/stations/resource.ts";
import type { StationItem } from "../../../shared/store/items.ts";
import { stationKey } from "../../../shared/store/keys.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { noTimers } from "../../support/timers.ts";

const at = "2026-11-27T10:00:00Z";
const now = Date.parse(at);

let store: TestTable;
let station: StationItem;
let count = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(async () => {
  station = newStation({ identity: `T${++count}` });
  await store.table.put({ ...stationKey(station.cpId), ...station });
});

let messages = 0;

async function send(
  protocol: Protocol,
  action: string,
  payload: unknown,
  {
    connectionId = "connection",
    stationMessages,
  }: { connectionId?: string; stationMessages?: "strict" } = {},
) {
  const call = parse(protocol, JSON.stringify([2, `m${++messages}`, action, payload])) as CallFrame;
  const { cpId, networkId, identity } = station;
  const speaker = { cpId, networkId, identity, protocol, connectionId };
  const serving = { table: store.table, timers: noTimers, now, logDays: 30 };
  return JSON.parse(
    await serveCall(serving, { ...speaker, ...(stationMessages && { stationMessages }) }, call),
  );
}

const resource = async () => {
  const item = await store.table.get<StationItem>(stationKey(station.cpId));
  return stationResource(
    {
      table: store.table,
      clock: { now: () => now, sleep: async () => {} },
      connections: { isGone: async () => false },
    },
    item as StationItem,
  );
};
const transactions = async () => (await listTransactions(store.table, station.cpId, { limit: 9 })).items;

const v16 = {
  boot: { chargePointVendor: "V", chargePointModel: "M" },
  start: { connectorId: 1, idTag: "A", meterStart: 0, timestamp: at },
  stop: { transactionId: 1, meterStop: 500, timestamp: at },
  status: { connectorId: 1, errorCode: "NoError", status: "Available" },
  meter: (sample: object) => ({
    connectorId: 1,
    meterValue: [{ timestamp: at, sampledValue: [sample] }],
  }),
};
const v2 = {
  boot: { reason: "PowerUp", chargingStation: { model: "M", vendorName: "V" } },
  event: {
    eventType: "Ended",
    timestamp: at,
    triggerReason: "Trigger",
    seqNo: 0,
    transactionInfo: { transactionId: "T" },
  },
  status: { timestamp: at, connectorStatus: "Available", evseId: 1, connectorId: 1 },
};
const long = "x".repeat(300);

describe("a CALL that deviates where its effect does not need it", () => {
  it.each<[string, Protocol, string, object]>([
    [
      "a serial of 26 characters",
      "ocpp1.6",
      "BootNotification",
      { ...v16.boot, chargePointSerialNumber: long },
    ],
    ["an empty vendor", "ocpp1.6", "BootNotification", { chargePointVendor: "", chargePointModel: long }],
    ["no vendor", "ocpp1.6", "BootNotification", { chargePointModel: "M" }],
    ["a vendor that is null", "ocpp1.6", "BootNotification", { ...v16.boot, chargePointVendor: null }],
    ["a model that is a number", "ocpp1.6", "BootNotification", { ...v16.boot, chargePointModel: 7 }],
    ["an idTag of 21 characters", "ocpp1.6", "StopTransaction", { ...v16.stop, idTag: long }],
    [
      "an unlisted reason",
      "ocpp1.6",
      "StopTransaction",
      { ...v16.stop, reason: "EVRejected", connectorId: 1 },
    ],
    ["a transaction id as text", "ocpp1.6", "StopTransaction", { ...v16.stop, transactionId: "1" }],
    ["a transaction id that is null", "ocpp1.6", "StopTransaction", { ...v16.stop, transactionId: null }],
    ["nothing but the transaction id", "ocpp1.6", "StopTransaction", { transactionId: 1 }],
    ["a meter as text", "ocpp1.6", "StopTransaction", { ...v16.stop, meterStop: "500" }],
    [
      "an unlisted unit",
      "ocpp1.6",
      "StopTransaction",
      {
        ...v16.stop,
        transactionData: [
          { timestamp: at, sampledValue: [{ value: "50.01", measurand: "Frequency", unit: "Hertz" }] },
        ],
      },
    ],
    ["a sampled value as a number", "ocpp1.6", "MeterValues", v16.meter({ value: 10 })],
    ["an unlisted context", "ocpp1.6", "MeterValues", v16.meter({ value: "10", context: "Whenever" })],
    ["meter values of no connector", "ocpp1.6", "MeterValues", {}],
    [
      "an unlisted error code",
      "ocpp1.6",
      "StatusNotification",
      { ...v16.status, errorCode: "Error", status: "Faulted" },
    ],
    ["an unlisted status", "ocpp1.6", "StatusNotification", { ...v16.status, status: "Sleeping" }],
    ["a connector as text", "ocpp1.6", "StatusNotification", { ...v16.status, connectorId: "1" }],
    ["no meter reading and no time", "ocpp1.6", "StartTransaction", { connectorId: 1, idTag: "A" }],
    ["a token as a number", "ocpp1.6", "Authorize", { idTag: 4711 }],
    ["an empty list as payload", "ocpp1.6", "Heartbeat", []],
    ["a text as payload", "ocpp1.6", "Heartbeat", "" as never],
    ["an unlisted firmware status", "ocpp1.6", "FirmwareStatusNotification", { status: "Thinking" }],
    ["no CSR", "ocpp1.6", "SignCertificate", {}],
    [
      "a serial that is too long",
      "ocpp2.0.1",
      "BootNotification",
      {
        reason: "Whim",
        chargingStation: { model: "M", vendorName: null, serialNumber: long },
      },
    ],
    [
      "an unlisted trigger",
      "ocpp2.0.1",
      "TransactionEvent",
      { ...v2.event, triggerReason: "Whim", offline: "false" },
    ],
    [
      "a transaction id that is a number",
      "ocpp2.1",
      "TransactionEvent",
      { ...v2.event, transactionInfo: { transactionId: 7 } },
    ],
    [
      "a very long transaction id",
      "ocpp2.1",
      "TransactionEvent",
      { ...v2.event, transactionInfo: { transactionId: long.repeat(9) } },
    ],
    [
      "no counter, no time, a broken place",
      "ocpp2.0.1",
      "TransactionEvent",
      {
        eventType: "Started",
        transactionInfo: { transactionId: "T" },
        evse: { id: {} },
        idToken: {},
        meterValue: [{ sampledValue: {} }, 7, null],
      },
    ],
    ["a token without its type", "ocpp2.0.1", "Authorize", { idToken: { idToken: 5 } }],
    [
      "an EVSE as text",
      "ocpp2.1",
      "StatusNotification",
      { ...v2.status, evseId: "1", connectorStatus: "Sleeping" },
    ],
    [
      "report data that is broken",
      "ocpp2.0.1",
      "NotifyReport",
      { requestId: 1, seqNo: 0, reportData: [{ component: { name: 5 } }, 7] },
    ],
    [
      "an event without its data",
      "ocpp2.0.1",
      "NotifyEvent",
      { eventData: [{ component: { evse: { id: 1 } } }] },
    ],
    ["a security event without a type", "ocpp2.1", "SecurityEventNotification", { timestamp: at }],
    ["a VAT number that is a number", "ocpp2.1", "VatNumberValidation", { vatNumber: 123, why: "so" }],
  ])("is answered as ever, and noted: %s", async (_, protocol, action, payload) => {
    const answer = await send(protocol, action, payload);

    expect(answer[0]).toBe(3);
    const { items } = await listLog(store.table, station.cpId, { limit: 1 }, () => true);
    expect(items[0]).toMatchObject({ action, request: payload, violations: expect.any(Array) });
    expect((await resource()).violations).toEqual({
      count: 1,
      lastAt: new Date(now).toISOString(),
      lastAction: action,
    });
  });

  it("has its effect: a charge begins and ends with what can be read", async () => {
    const [, , { transactionId }] = await send("ocpp1.6", "StartTransaction", {
      connectorId: "1",
      idTag: 42,
      timestamp: at,
      vendor: "x",
    });
    await send("ocpp1.6", "StopTransaction", {
      transactionId: String(transactionId),
      meterStop: "12.5",
      timestamp: at,
      reason: "EVRejected",
    });

    expect(await transactions()).toEqual([
      expect.objectContaining({
        transactionId: String(transactionId),
        idTag: "42",
        meterStop: 12.5,
        reason: "Other",
        reasonText: "EVRejected",
        stoppedAt: new Date(now).toISOString(),
      }),
    ]);
    expect((await transactions())[0]).not.toHaveProperty("meterStart");
  });

  it("keeps the digits of a transaction id beyond 53 bits", async () => {
    const frame = `[2,"big","StopTransaction",{"transactionId":12345678901234567890,"meterStop":1,"timestamp":"${at}"}]`;
    const call = parse("ocpp1.6", frame) as CallFrame;
    const speaker = { ...station, protocol: "ocpp1.6", connectionId: "connection" } as const;
    const answer = await serveCall({ table: store.table, timers: noTimers, now, logDays: 30 }, speaker, call);

    expect(JSON.parse(answer)).toEqual([3, "big", {}]);
    expect((await transactions())[0]?.transactionId).toBe("12345678901234567890");
  });

  it("updates the connector by the words of the station", async () => {
    await send("ocpp1.6", "StatusNotification", { connectorId: "2", status: "Sleeping", errorCode: "Error" });

    expect((await resource()).connectors).toEqual([
      expect.objectContaining({ evseId: 2, status: "Sleeping", errorCode: "Error" }),
    ]);
  });

  it("is refused in a strict network", async () => {
    const boot = { ...v16.boot, chargePointSerialNumber: long };
    const answer = await send("ocpp1.6", "BootNotification", boot, { stationMessages: "strict" });

    expect(answer.slice(0, 3)).toEqual([4, answer[1], "PropertyConstraintViolation"]);
  });
});

describe("a CALL whose effect cannot be read", () => {
  const occurrence = { "ocpp1.6": "OccurenceConstraintViolation", v2: "OccurrenceConstraintViolation" };
  it.each<[string, Protocol, string, unknown, string]>([
    ["no vendor and no model", "ocpp1.6", "BootNotification", { iccid: "1" }, occurrence["ocpp1.6"]],
    ["no station", "ocpp2.0.1", "BootNotification", { reason: "PowerUp" }, occurrence.v2],
    [
      "no connector",
      "ocpp1.6",
      "StatusNotification",
      { status: "Available", errorCode: "NoError" },
      occurrence["ocpp1.6"],
    ],
    [
      "a connector that is no number",
      "ocpp1.6",
      "StatusNotification",
      { ...v16.status, connectorId: "one" },
      "TypeConstraintViolation",
    ],
    [
      "a status that is null",
      "ocpp2.1",
      "StatusNotification",
      { ...v2.status, connectorStatus: null },
      occurrence.v2,
    ],
    ["no token", "ocpp1.6", "StartTransaction", { connectorId: 1 }, occurrence["ocpp1.6"]],
    ["a token that is an object", "ocpp1.6", "Authorize", { idTag: {} }, "TypeConstraintViolation"],
    ["a token without text", "ocpp2.0.1", "Authorize", { idToken: { type: "Central" } }, occurrence.v2],
    [
      "no transaction id",
      "ocpp1.6",
      "StopTransaction",
      { meterStop: 1, timestamp: at },
      occurrence["ocpp1.6"],
    ],
    [
      "a transaction id that is no number",
      "ocpp1.6",
      "StopTransaction",
      { ...v16.stop, transactionId: "abc" },
      "TypeConstraintViolation",
    ],
    [
      "an unknown event type",
      "ocpp2.1",
      "TransactionEvent",
      { ...v2.event, eventType: "Paused" },
      "PropertyConstraintViolation",
    ],
    [
      "no transaction",
      "ocpp2.0.1",
      "TransactionEvent",
      { ...v2.event, transactionInfo: "T" },
      "TypeConstraintViolation",
    ],
    ["a list as payload", "ocpp1.6", "StartTransaction", [1], "FormationViolation"],
    ["a text as payload", "ocpp2.0.1", "Authorize", "A", "FormatViolation"],
    [
      "a VAT number that we could not repeat",
      "ocpp2.1",
      "VatNumberValidation",
      { vatNumber: long },
      "PropertyConstraintViolation",
    ],
    [
      "no certificates",
      "ocpp2.1",
      "GetCertificateChainStatus",
      { certificateStatusRequests: [] },
      occurrence.v2,
    ],
  ])("is refused: %s", async (_, protocol, action, payload, code) => {
    const answer = await send(protocol, action, payload);

    expect(answer[0]).toBe(4);
    expect(answer[2]).toBe(code);
    const { items } = await listLog(store.table, station.cpId, { limit: 1 }, () => true);
    expect(items[0]).toMatchObject({ action, messageType: "CALL_ERROR", violations: expect.any(Array) });
    expect((await resource()).violations).toMatchObject({ count: 1, lastAction: action });
  });
});

describe("a station that deviates", () => {
  it("is warned of once per connection and kind", async () => {
    const warn = vi.spyOn(logger, "warn");
    const serial = { ...v16.boot, chargePointSerialNumber: long };

    await send("ocpp1.6", "BootNotification", serial);
    await send("ocpp1.6", "BootNotification", serial);
    await send("ocpp1.6", "BootNotification", { ...serial, spare: 1 });

    expect(warn.mock.calls.map(([, about]) => about)).toEqual([
      {
        action: "BootNotification",
        violations: ["/chargePointSerialNumber must be at most 25 characters long"],
      },
      { action: "BootNotification", violations: ["/spare is not a known property"] },
    ]);
    expect((await resource()).violations?.count).toBe(3);
    warn.mockRestore();
  });

  it("whose boot is refused again and again is warned of, and visible until a boot is accepted", async () => {
    const warn = vi.spyOn(logger, "warn");
    for (let n = 0; n < 4; n++) await send("ocpp1.6", "BootNotification", {});

    const warnings = warn.mock.calls.filter(([message]) => message.includes("again and again"));
    expect(warnings).toEqual([
      [
        expect.any(String),
        { action: "BootNotification", errorCode: "OccurenceConstraintViolation", refusals: 3 },
      ],
    ]);
    expect((await resource()).refusals).toMatchObject({ count: 4, lastAction: "BootNotification" });
    await send("ocpp1.6", "BootNotification", v16.boot);
    expect(await resource()).not.toHaveProperty("refusals");
    warn.mockRestore();
  });
});
