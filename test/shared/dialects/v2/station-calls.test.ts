import { describe, expect, it } from "vitest";
import { dialectOf } from "../../../../shared/dialects/dialects.ts";
import type { Outcome } from "../../../../shared/dialects/station-call.ts";
import { stationCalls } from "../../../../shared/dialects/v2/station-calls.ts";
import { stationCalls as v21 } from "../../../../shared/dialects/v21/station-calls.ts";

const now = Date.parse("2026-11-20T12:00:00.000Z");
const earlier = "2026-11-20T11:00:00Z";

type Action = keyof typeof stationCalls;

const eventOf = (action: Action, payload: object) => stationCalls[action].event?.(payload, { now });
const answerOf = (action: keyof typeof v21, payload: object, outcome: Outcome = {}) =>
  v21[action].answer(payload, { now, outcome, heartbeatInterval: 300 });

describe("the 2.x dialects", () => {
  it("are what the protocols' names lead to", async () => {
    expect((await dialectOf("ocpp2.0.1")).stationCalls).toBe(stationCalls);
    expect((await dialectOf("ocpp2.1")).stationCalls).toBe(v21);
  });
});

describe("what a 2.x station's messages mean", () => {
  it("BootNotification: the station's description, unchanged", () => {
    const boot = { reason: "PowerUp", chargingStation: { model: "M", vendorName: "V" } };
    expect(eventOf("BootNotification", boot)).toEqual({ type: "boot", boot });
  });

  it("Authorize: a driver presents a token", () => {
    const payload = { idToken: { idToken: "A1", type: "ISO14443" } };
    expect(eventOf("Authorize", payload)).toEqual({
      type: "authorize",
      idTag: "A1",
      idTokenType: "ISO14443",
    });
  });

  it("StatusNotification: a connector's status; none of EVSE 0, which is the station", () => {
    const status = { evseId: 2, connectorId: 1, connectorStatus: "Occupied", timestamp: earlier };
    expect(eventOf("StatusNotification", status)).toEqual({
      type: "connectorStatus",
      evseId: 2,
      connectorId: 1,
      status: "Occupied",
      atMs: Date.parse(earlier),
      statedMs: Date.parse(earlier),
    });
    expect(eventOf("StatusNotification", { ...status, evseId: 0 })).toBeUndefined();
  });

  it("NotifyEvent: a connector's status may come as one, too", () => {
    const data = (name: string, evse: object | undefined, actualValue: string) => ({
      timestamp: earlier,
      actualValue,
      component: { name, ...(evse && { evse }) },
      variable: { name: "AvailabilityState" },
    });
    const eventData = [
      data("Connector", { id: 1, connectorId: 2 }, "Occupied"),
      data("Connector", undefined, "Occupied"),
      data("EVSE", { id: 1 }, "Occupied"),
      data("connector", { id: 2, connectorId: 1 }, "Faulted"),
    ];
    const status = { type: "connectorStatus", atMs: Date.parse(earlier), statedMs: Date.parse(earlier) };
    expect(eventOf("NotifyEvent", { eventData })).toEqual({
      type: "connectorStatuses",
      statuses: [
        { ...status, evseId: 1, connectorId: 2, status: "Occupied" },
        { ...status, evseId: 2, connectorId: 1, status: "Faulted" },
      ],
    });
    expect(eventOf("NotifyEvent", { eventData: eventData.slice(1, 3) })).toBeUndefined();
  });

  describe("NotifyReport", () => {
    const of = (reportData: object[], members: object = {}) =>
      eventOf("NotifyReport", { requestId: 5, seqNo: 0, generatedAt: earlier, reportData, ...members });
    const variable = (name: string, ...variableAttribute: object[]) => ({
      component: { name: "C" },
      variable: { name },
      variableAttribute,
    });

    it("carries keys: the Actual attributes, which is what one without a type is", () => {
      const event = of([
        variable("ReadOnly", { type: "MaxSet", value: "9" }, { value: "1", mutability: "ReadOnly" }),
        variable("WriteOnly", { type: "Actual", mutability: "WriteOnly" }),
        variable("Limited", { type: "MaxSet", value: "9" }),
        variable("Password", { value: "secret" }),
      ]);
      expect(event).toMatchObject({
        keys: [
          { key: "C.ReadOnly", value: "1", readonly: true },
          { key: "C.WriteOnly", readonly: false },
          { key: "C.Password", value: "***", readonly: false },
        ],
      });
    });

    it("is the last one without tbc", () => {
      expect(of([])).toMatchObject({ type: "reportPart", requestId: 5, seqNo: 0, isLast: true });
      expect(of([], { tbc: true })).toMatchObject({ isLast: false });
      expect(of([], { seqNo: -1 })).toBeUndefined();
    });

    it("contains the station's limits", () => {
      const limit = (instance: string, value: string) => ({
        component: { name: "deviceDataCtrlr" },
        variable: { name: "itemsPerMessage", instance },
        variableAttribute: [{ value, mutability: "ReadOnly" }],
      });
      const event = of([limit("GetVariables", "7"), limit("SetVariables", "none")]);
      expect(event).toMatchObject({ limits: { getVariablesItems: 7, setVariablesItems: 4 } });
    });
  });

  describe("TransactionEvent", () => {
    const event = {
      eventType: "Started",
      seqNo: 3,
      timestamp: earlier,
      triggerReason: "Authorized",
      transactionInfo: { transactionId: "T" },
    };
    const meterValue = (...sampledValue: object[]) => ({
      meterValue: [{ timestamp: earlier, sampledValue }],
    });

    it("is a report of the transaction", () => {
      const members = {
        transactionInfo: { transactionId: "T", remoteStartId: 9 },
        evse: { id: 2, connectorId: 3 },
        idToken: { idToken: "A1", type: "Central" },
        ...meterValue({ value: 1.1, unitOfMeasure: { unit: "kWh" } }),
      };
      expect(eventOf("TransactionEvent", { ...event, ...members })).toEqual({
        type: "transactionReport",
        phase: "Started",
        transactionId: "T",
        seqNo: 3,
        at: "2026-11-20T11:00:00.000Z",
        evseId: 2,
        connectorId: 3,
        idTag: "A1",
        idTokenType: "Central",
        meter: 1100,
        remoteStartId: 9,
        begin: expect.any(String),
      });
    });

    it("of a reading during the transaction stores nothing", () => {
      const updated = { ...event, eventType: "Updated", ...meterValue({ value: 1 }) };
      expect(eventOf("TransactionEvent", updated)).toBeUndefined();
    });

    it("has the reading of its end, of the energy and of all phases", () => {
      const readings = meterValue(
        { value: 900, context: "Transaction.End" },
        { value: 901, context: "Transaction.End", phase: "L1" },
        { value: 902, context: "Transaction.End", measurand: "Power.Active.Import" },
        { value: 2, unitOfMeasure: { multiplier: 3 } },
      );
      const ended = { ...event, eventType: "Ended", ...readings };
      expect(eventOf("TransactionEvent", ended)).toMatchObject({ meter: 900 });
      expect(eventOf("TransactionEvent", { ...event, ...readings })).toMatchObject({ meter: 900 });
      const unmarked = { ...ended, ...meterValue({ value: 2, unitOfMeasure: { multiplier: 3 } }) };
      expect(eventOf("TransactionEvent", unmarked)).toMatchObject({ meter: 2000 });
    });
  });
});

describe("what a 2.x station is answered", () => {
  it("NotifyEVChargingNeeds is Rejected in 2.0.1, which has no NoChargingProfile", () => {
    const answer = stationCalls.NotifyEVChargingNeeds.answer(
      {},
      { now, outcome: {}, heartbeatInterval: 300 },
    );
    expect(answer).toEqual({ status: "Rejected" });
  });

  const currentTime = "2026-11-20T12:00:00.000Z";
  const idToken = { idToken: "A1", type: "Central" };
  const hash = { hashAlgorithm: "SHA256", issuerNameHash: "a", issuerKeyHash: "b", serialNumber: "1" };

  it.each([
    ["Authorize", { idToken }, {}, { idTokenInfo: { status: "Accepted" } }],
    [
      "Authorize",
      { idToken },
      { authorization: { status: "Invalid" } },
      { idTokenInfo: { status: "Invalid" } },
    ],
    [
      "Authorize",
      { idToken },
      { authorization: { status: "Accepted", expiresAt: "2030-01-01T00:00:00.000Z", groupId: "FLEET" } },
      {
        idTokenInfo: {
          status: "Accepted",
          cacheExpiryDateTime: "2030-01-01T00:00:00.000Z",
          groupIdToken: { idToken: "FLEET", type: "Central" },
        },
      },
    ],
    ["BootNotification", {}, {}, { status: "Accepted", currentTime, interval: 300 }],
    ["DataTransfer", {}, {}, { status: "UnknownVendorId" }],
    ["Get15118EVCertificate", {}, {}, { status: "Failed", exiResponse: "" }],
    ["GetCertificateStatus", {}, {}, { status: "Failed" }],
    ["Heartbeat", {}, {}, { currentTime }],
    ["NotifyEVChargingNeeds", {}, {}, { status: "NoChargingProfile" }],
    ["NotifyEVChargingSchedule", {}, {}, { status: "Accepted" }],
    ["NotifyReport", {}, {}, {}],
    ["SignCertificate", {}, {}, { status: "Rejected" }],
    ["TransactionEvent", {}, { authorization: { status: "Invalid" } }, {}],
    [
      "TransactionEvent",
      { idToken },
      { authorization: { status: "Invalid" } },
      { idTokenInfo: { status: "Invalid" } },
    ],
    ["OpenPeriodicEventStream", {}, {}, { status: "Accepted" }],
    ["PullDynamicScheduleUpdate", {}, {}, { status: "Rejected" }],
    ["VatNumberValidation", { vatNumber: "X1" }, {}, { vatNumber: "X1", status: "Rejected" }],
    [
      "GetCertificateChainStatus",
      { certificateStatusRequests: [{ certificateHashData: hash, source: "OCSP", urls: ["u"] }] },
      {},
      {
        certificateStatus: [
          {
            certificateHashData: hash,
            source: "OCSP",
            status: "Failed",
            nextUpdate: "2026-11-21T12:00:00.000Z",
          },
        ],
      },
    ],
  ] as const)("%s %j after %j: %j", (action, payload, outcome, answer) => {
    expect(answerOf(action, payload, outcome)).toEqual(answer);
  });
});
