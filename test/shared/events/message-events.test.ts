import { describe, expect, it } from "vitest";
import type { EventType } from "../../../shared/event-types.ts";
import { eventCatalogue } from "../../../shared/events/catalogue.ts";
import { eventsOf } from "../../../shared/events/changes.ts";
import { connectorUuidOf, cpIdOf } from "../../../shared/ids.ts";
import { incomingEntry } from "../../../shared/inbound/log-entry.ts";
import { type CallFrame, parse } from "../../../shared/ocpp/frame.ts";
import type { Protocol } from "../../../shared/ocpp/protocols.ts";
import { validate } from "../../../shared/schema/validate.ts";
import type { MessageType } from "../../../shared/store/items.ts";
import { payloadText } from "../../../shared/store/payload.ts";
import type { Table } from "../../../shared/store/table.ts";

const cpId = cpIdOf("default", "CP1");
const NOW = Date.UTC(2026, 10, 28, 9, 30);
const METER_VALUES = "transaction.meterValues";

interface Sent {
  readonly protocol?: Protocol;
  readonly publish?: string;
  readonly messageType?: MessageType;
}

function entryOf(action: string, payload: unknown, { messageType = "CALL_RESULT", ...about }: Sent = {}) {
  const sender = {
    cpId,
    networkId: "default",
    identity: "CP1",
    connectionId: "c",
    protocol: "ocpp1.6",
  } as const;
  return incomingEntry(
    { now: NOW, logDays: 30 },
    { ...sender, ...about },
    parse("ocpp1.6", JSON.stringify([2, "1", action, payload])) as CallFrame,
    { messageType, response: payloadText({}) },
  );
}

/** The events of a message, which need no read; each is as its schema promises. */
async function eventsOfMessage(action: string, payload: unknown, about?: Sent) {
  const entry = entryOf(action, payload, about);
  const events = await eventsOf({} as Table, entry, { after: entry }, NOW);
  for (const { type, data } of events)
    expect(validate(eventCatalogue[type].data, { eventId: "1", ...data })).toEqual([]);
  return events;
}

const meterValues = (payload: unknown, action = "MeterValues", protocol: Protocol = "ocpp1.6") =>
  eventsOfMessage(action, payload, { publish: METER_VALUES, protocol });

describe("the log entry of a station's message", () => {
  const common = { networkId: "default", cpId, identity: "CP1", at: "2026-11-28T09:30:00.000Z" };

  it.each<[string, object, EventType, object]>([
    [
      "FirmwareStatusNotification",
      { status: "Installing" },
      "station.firmwareStatus",
      { status: "Installing" },
    ],
    [
      "SignedFirmwareStatusNotification",
      { status: "InvalidSignature", requestId: 7 },
      "station.firmwareStatus",
      { status: "InvalidSignature", requestId: 7 },
    ],
    ["DiagnosticsStatusNotification", { status: "Uploaded" }, "station.logStatus", { status: "Uploaded" }],
    ["LogStatusNotification", { status: "Idle", requestId: "x" }, "station.logStatus", { status: "Idle" }],
    [
      "SecurityEventNotification",
      { type: "InvalidTLSVersion", timestamp: "2026-11-28T09:29:58Z", techInfo: "TLS 1.0" },
      "station.securityEvent",
      { type: "InvalidTLSVersion", timestamp: "2026-11-28T09:29:58Z", techInfo: "TLS 1.0" },
    ],
    [
      "DataTransfer",
      { vendorId: "com.example", messageId: "t", data: { celsius: [31, null] } },
      "station.dataTransfer",
      { vendorId: "com.example", messageId: "t", data: { celsius: [31, null] } },
    ],
  ])("of %s is an event", async (action, payload, type, content) => {
    const { entryId } = entryOf(action, payload);
    expect(await eventsOfMessage(action, payload)).toEqual([
      { type, data: { ...common, entryId, ...content } },
    ]);
  });

  it.each([
    ["Heartbeat", {}],
    ["StatusNotification", { connectorId: 1, status: "Available", errorCode: "NoError" }],
    ["StartTransaction", { connectorId: 1, idTag: "T", meterStart: 0 }],
    ["constructor", {}],
    ["FirmwareStatusNotification", { status: { not: "a text" } }],
    ["SecurityEventNotification", null],
    ["DataTransfer", []],
  ])("of %s %j is no event", async (action, payload) => {
    expect(await eventsOfMessage(action, payload)).toEqual([]);
  });

  it("is no event where the message was refused, and costs no byte more then", async () => {
    const refused = entryOf("DataTransfer", { vendorId: "V" }, { messageType: "CALL_ERROR" });
    expect(refused).not.toHaveProperty("identity");
    expect(await eventsOf({} as Table, refused, { after: refused }, NOW)).toEqual([]);
  });

  it("is an event once: a change of the entry makes none", async () => {
    const entry = entryOf("DataTransfer", { vendorId: "V" });
    expect(await eventsOf({} as Table, entry, { before: entry, after: entry }, NOW)).toEqual([]);
  });

  it("has its secrets masked in the event", async () => {
    const [event] = await eventsOfMessage("SecurityEventNotification", {
      type: "X",
      techInfo: "ftp://user:hidden@host/",
    });
    expect(event?.data.techInfo).toBe("ftp://user:***@host/");
  });
});

describe("meter readings", () => {
  const sample = {
    value: "12.5",
    measurand: "Current.Import",
    unit: "A",
    phase: "L1",
    context: "Sample.Clock",
  };
  const meterValue = [{ timestamp: "2026-11-28T09:29:00Z", sampledValue: [{ value: "1500" }, sample] }];
  const readings = [
    {
      timestamp: "2026-11-28T09:29:00Z",
      measurand: "Energy.Active.Import.Register",
      value: 1500,
      unit: "Wh",
    },
    { timestamp: "2026-11-28T09:29:00Z", ...sample, value: 12.5 },
  ];

  it.each([undefined, "", "station.boot"])(
    "are no event where a network has %j in publish",
    async (publish) => {
      const about = publish === undefined ? {} : { publish };
      const payload = { connectorId: 1, transactionId: 5, meterValue };
      expect(entryOf("MeterValues", payload, about)).not.toHaveProperty("identity");
      expect(await eventsOfMessage("MeterValues", payload, about)).toEqual([]);
    },
  );

  it("of OCPP 1.6 have the transaction and the connector that the station names", async () => {
    expect(await meterValues({ connectorId: 2, transactionId: 5, meterValue })).toMatchObject([
      {
        type: METER_VALUES,
        data: {
          transactionId: "5",
          evseId: 2,
          connectorId: 1,
          connectorUuid: connectorUuidOf(cpId, 2, 1),
          readings,
        },
      },
    ]);
    const [ended] = await meterValues({ transactionId: 6, transactionData: meterValue }, "StopTransaction");
    expect(ended?.data).toMatchObject({ transactionId: "6", readings });
    const [idle] = await meterValues({ connectorId: 0, transactionId: -1, meterValue });
    expect(idle?.data).not.toHaveProperty("transactionId");
    expect(idle?.data).not.toHaveProperty("evseId");
  });

  it("of OCPP 2.x have their multiplier applied", async () => {
    const sampled = [
      { value: 1.1, unitOfMeasure: { unit: "Wh", multiplier: 3 }, location: "Outlet" },
      { value: 230, measurand: "Voltage", unitOfMeasure: { unit: "V" } },
    ];
    const report = {
      eventType: "Updated",
      transactionInfo: { transactionId: "tx" },
      evse: { id: 1, connectorId: 2 },
      meterValue: [{ timestamp: "t", sampledValue: sampled }],
    };
    const [event] = await meterValues(report, "TransactionEvent", "ocpp2.0.1");
    expect(event?.data).toMatchObject({
      transactionId: "tx",
      evseId: 1,
      connectorId: 2,
      connectorUuid: connectorUuidOf(cpId, 1, 2),
      readings: [
        { measurand: "Energy.Active.Import.Register", value: 1100, unit: "Wh", location: "Outlet" },
        { measurand: "Voltage", value: 230, unit: "V" },
      ],
    });
    const [clock] = await meterValues({ evseId: 1, meterValue }, "MeterValues", "ocpp2.1");
    expect(clock?.data).toMatchObject({ evseId: 1 });
    expect(clock?.data).not.toHaveProperty("connectorUuid");
    const without = { ...report, meterValue: undefined };
    expect(await meterValues(without, "TransactionEvent", "ocpp2.0.1")).toEqual([]);
  });

  it.each([
    ["a signed value", { value: "AAEC", format: "SignedData" }, { text: "AAEC" }],
    ["a decimal comma", { value: "12,5" }, { text: "12,5" }],
    ["an empty text", { value: "" }, { text: "" }],
    ["a number as number", { value: 7 }, { value: 7 }],
    ["a multiplier that is none", { value: 7, unitOfMeasure: { multiplier: "k" } }, { text: "7" }],
    ["more than a number can be", { value: 9, unitOfMeasure: { multiplier: 999 } }, { text: "9" }],
    ["a measurand of another type", { value: 7, measurand: {} }, { value: 7 }],
  ])("keep %s", async (_, sampledValue, content) => {
    const [event] = await meterValues({ meterValue: [{ sampledValue: [sampledValue] }] });
    expect(event?.data.readings).toEqual([
      { measurand: "Energy.Active.Import.Register", unit: "Wh", ...content },
    ]);
  });

  it.each([[[]], [{}], [[null]], [[{ sampledValue: null }]], [[{ sampledValue: [null, 1, {}] }]], ["text"]])(
    "that are none, %j, are no event",
    async (meterValue) => {
      expect(await meterValues({ meterValue })).toEqual([]);
    },
  );

  it("of a hostile station are an event of its schema", async () => {
    const many = Array.from({ length: 5000 }, () => ({ value: "1e20", unit: "\ud800", phase: 1 }));
    const hostile = { connectorId: 1e300, transactionId: { a: 1 }, meterValue: [{ sampledValue: many }] };
    const [event] = await meterValues(hostile);
    expect(event?.data).not.toHaveProperty("transactionId");
    expect(event?.data.readings).toHaveLength(5000);
  });
});
