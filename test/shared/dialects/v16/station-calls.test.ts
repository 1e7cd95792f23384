import { describe, expect, it } from "vitest";
import { dialectOf } from "../../../../shared/dialects/dialects.ts";
import type { Outcome } from "../../../../shared/dialects/station-call.ts";
import { stationCalls } from "../../../../shared/dialects/v16/station-calls.ts";

const now = Date.parse("2026-11-20T12:00:00.000Z");
const earlier = "2026-11-20T11:00:00Z";

type Action = keyof typeof stationCalls;

const eventOf = (action: Action, payload: object) => stationCalls[action].event?.(payload, { now });
const answerOf = (action: Action, payload: object, outcome: Outcome = {}) =>
  stationCalls[action].answer(payload, { now, outcome, heartbeatInterval: 300 });

describe("the 1.6 dialect", () => {
  it("is what the protocol's name leads to", async () => {
    expect((await dialectOf("ocpp1.6")).stationCalls).toBe(stationCalls);
  });
});

describe("what a 1.6 station's messages mean", () => {
  it("BootNotification: the station's description, unchanged", () => {
    const boot = { chargePointModel: "Relay-22", chargePointVendor: "Example", firmwareVersion: "1.2" };
    expect(eventOf("BootNotification", boot)).toEqual({ type: "boot", boot });
  });

  it("Authorize: a driver presents a token", () => {
    expect(eventOf("Authorize", { idTag: "A1" })).toEqual({ type: "authorize", idTag: "A1" });
  });

  describe("StatusNotification", () => {
    const status = { connectorId: 2, errorCode: "NoError", status: "Charging" };

    it("numbers connectors only: connector 2 is EVSE 2, connector 1", () => {
      expect(eventOf("StatusNotification", { ...status, timestamp: earlier })).toEqual({
        type: "connectorStatus",
        evseId: 2,
        connectorId: 1,
        status: "Charging",
        errorCode: "NoError",
        atMs: Date.parse(earlier),
        statedMs: Date.parse(earlier),
      });
    });

    it.each([0, -1])("of connector %s is about no connector", (connectorId) => {
      expect(eventOf("StatusNotification", { ...status, connectorId })).toBeUndefined();
    });

    it.each([
      ["without timestamp", undefined, now],
      ["with one that has no zone", "2026-11-20T11:00:00", Date.parse(earlier)],
      ["with a clock that was never set", "1970-01-01T00:00:12Z", now],
      ["with a clock ahead, which would outrank all that follows", "2026-11-20T14:00:00Z", now],
    ])("%s", (_, timestamp, atMs) => {
      const event = eventOf("StatusNotification", { ...status, ...(timestamp && { timestamp }) });
      expect(event).toMatchObject({ atMs });
    });
  });

  describe("StartTransaction", () => {
    const start = { connectorId: 1, idTag: "A1", meterStart: 100, timestamp: earlier };

    it("begins a transaction", () => {
      expect(eventOf("StartTransaction", start)).toMatchObject({
        type: "transactionStarted",
        evseId: 1,
        connectorId: 1,
        idTag: "A1",
        meterStart: 100,
        startedAt: "2026-11-20T11:00:00.000Z",
      });
    });

    const contentOf = (payload: object, at = now) => {
      const event = stationCalls.StartTransaction.event?.(payload, { now: at });
      if (event?.type !== "transactionStarted") throw new Error("no start");
      return event.content;
    };

    it("is known again by its content, however late it is repeated", () => {
      expect(contentOf({ ...start }, now + 86_400_000)).toBe(contentOf(start));
    });

    it.each([
      { connectorId: 2 },
      { idTag: "A2" },
      { meterStart: 101 },
      { timestamp: "2026-11-20T11:00:01Z" },
    ])("is another with %j", (change) => {
      expect(contentOf({ ...start, ...change })).not.toBe(contentOf(start));
    });
  });

  it("StopTransaction: the end, by reason Local where none is given", () => {
    const stop = { transactionId: 7, meterStop: 900, timestamp: earlier };
    const ended = {
      type: "transactionEnded",
      transactionId: "7",
      meterStop: 900,
      stoppedAt: "2026-11-20T11:00:00.000Z",
    };
    expect(eventOf("StopTransaction", stop)).toEqual({ ...ended, reason: "Local" });
    expect(eventOf("StopTransaction", { ...stop, idTag: "A1", reason: "Remote" })).toEqual({
      ...ended,
      reason: "Remote",
      idTag: "A1",
    });
  });

  it.each([
    "DataTransfer",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "SecurityEventNotification",
    "SignCertificate",
    "SignedFirmwareStatusNotification",
  ] as const)("%s: nothing that is kept beyond the log", (action) => {
    expect(eventOf(action, {})).toBeUndefined();
  });
});

describe("what a 1.6 station is answered", () => {
  const currentTime = "2026-11-20T12:00:00.000Z";

  it.each([
    ["Authorize", {}, {}, { idTagInfo: { status: "Accepted" } }],
    ["Authorize", {}, { authorization: { status: "Invalid" } }, { idTagInfo: { status: "Invalid" } }],
    ["Authorize", {}, { authorization: { status: "Unknown" } }, { idTagInfo: { status: "Invalid" } }],
    [
      "Authorize",
      {},
      { authorization: { status: "Accepted", expiresAt: "2030-01-01T00:00:00.000Z", groupId: "FLEET" } },
      {
        idTagInfo: { status: "Accepted", expiryDate: "2030-01-01T00:00:00.000Z", parentIdTag: "FLEET" },
      },
    ],
    [
      "Authorize",
      {},
      { authorization: { status: "Blocked", groupId: "longer than a parentIdTag" } },
      { idTagInfo: { status: "Blocked" } },
    ],
    ["BootNotification", {}, {}, { status: "Accepted", currentTime, interval: 300 }],
    ["DataTransfer", {}, {}, { status: "UnknownVendorId" }],
    ["DiagnosticsStatusNotification", {}, {}, {}],
    ["FirmwareStatusNotification", {}, {}, {}],
    ["Heartbeat", {}, {}, { currentTime }],
    ["LogStatusNotification", {}, {}, {}],
    ["MeterValues", {}, {}, {}],
    ["SecurityEventNotification", {}, {}, {}],
    ["SignCertificate", {}, {}, { status: "Rejected" }],
    ["SignedFirmwareStatusNotification", {}, {}, {}],
    ["StartTransaction", {}, { transactionId: 7 }, { transactionId: 7, idTagInfo: { status: "Accepted" } }],
    [
      "StartTransaction",
      {},
      { transactionId: 7, authorization: { status: "Invalid" } },
      { transactionId: 7, idTagInfo: { status: "Invalid" } },
    ],
    ["StatusNotification", {}, {}, {}],
    ["StopTransaction", {}, { authorization: { status: "Invalid" } }, {}],
    [
      "StopTransaction",
      { idTag: "A1" },
      { authorization: { status: "Invalid" } },
      { idTagInfo: { status: "Invalid" } },
    ],
  ] as const)("%s %j after %j: %j", (action, payload, outcome, answer) => {
    expect(answerOf(action, payload, outcome)).toEqual(answer);
  });

  it("never a transaction without an id", () => {
    expect(() => answerOf("StartTransaction", {})).toThrow("no transaction id");
  });
});
