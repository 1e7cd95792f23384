import { describe, expect, it } from "vitest";
import { actionError, frameError, violationError } from "../../../shared/ocpp/call-errors.ts";
import { parse, type UnknownTypeFrame, type UnreadableFrame } from "../../../shared/ocpp/frame.ts";
import { validatePayload } from "../../../shared/ocpp/schemas.ts";

const status = { connectorId: 1, errorCode: "NoError", status: "Available" };

describe("the CALLERROR to a payload that breaks its schema", () => {
  it.each([
    ["no object", "StatusNotification", [], "FormationViolation"],
    ["no object", "StatusNotification", "text", "FormationViolation"],
    ["an unknown property", "StatusNotification", { ...status, colour: "red" }, "FormationViolation"],
    ["a missing property", "StatusNotification", { connectorId: 1 }, "OccurenceConstraintViolation"],
    ["a wrong type", "StatusNotification", { ...status, connectorId: "1" }, "TypeConstraintViolation"],
    ["null for a property", "StatusNotification", { ...status, info: null }, "TypeConstraintViolation"],
    ["not of the list", "StatusNotification", { ...status, status: "Idle" }, "PropertyConstraintViolation"],
    ["too long", "StatusNotification", { ...status, info: "x".repeat(51) }, "PropertyConstraintViolation"],
    ["no timestamp", "StatusNotification", { ...status, timestamp: "now" }, "PropertyConstraintViolation"],
  ])("in 1.6, %s: %s %j is a %s", async (_, action, payload, code) => {
    const violations = await validatePayload("ocpp1.6", action, "request", payload);
    expect(violationError("ocpp1.6", violations).code).toBe(code);
  });

  const meter = {
    evseId: 1,
    meterValue: [{ timestamp: "2026-11-20T12:00:00Z", sampledValue: [{ value: 1 }] }],
  };

  it.each([
    ["no object", [], "FormatViolation"],
    ["an unknown property", { ...meter, colour: "red" }, "FormatViolation"],
    ["a missing property", { evseId: 1 }, "OccurrenceConstraintViolation"],
    ["too few items", { ...meter, meterValue: [] }, "OccurrenceConstraintViolation"],
    ["a wrong type", { ...meter, evseId: "1" }, "TypeConstraintViolation"],
    ["out of range", { ...meter, evseId: -1 }, "PropertyConstraintViolation"],
  ])("in 2.1, %s: %j is a %s", async (_, payload, code) => {
    const violations = await validatePayload("ocpp2.1", "MeterValues", "request", payload);
    expect(violationError("ocpp2.1", violations).code).toBe(code);
  });

  it("is named by the gravest fault, and describes them all", async () => {
    const violations = await validatePayload("ocpp1.6", "StatusNotification", "request", {
      connectorId: "1",
      errorCode: "Fine",
      colour: "red",
    });
    const { code, description } = violationError("ocpp1.6", violations);
    expect(code).toBe("FormationViolation");
    for (const part of ["/connectorId must be an integer", "/status is required", "/colour is not a known"])
      expect(description).toContain(part);
  });

  it("speaks of the payload where all of it is wrong", () => {
    const violation = { pointer: "", detail: "must be an object", keyword: "type" };
    expect(violationError("ocpp1.6", [violation]).description).toBe("The payload must be an object");
  });
});

describe("the CALLERROR to an action", () => {
  it.each([
    ["ocpp1.6", "Heartbeat", undefined],
    ["ocpp1.6", "DataTransfer", undefined],
    ["ocpp1.6", "Reset", "NotSupported"],
    ["ocpp1.6", "TransactionEvent", "NotImplemented"],
    ["ocpp1.6", "", "NotImplemented"],
    ["ocpp2.0.1", "StartTransaction", "NotImplemented"],
    ["ocpp2.0.1", "GetVariables", "NotSupported"],
    ["ocpp2.1", "VatNumberValidation", undefined],
  ] as const)("%s %s: %s", (protocol, action, code) => {
    expect(actionError(protocol, action)?.code).toBe(code);
  });
});

describe("the CALLERROR to what is no message", () => {
  it.each([
    ["ocpp1.6", "no JSON", undefined],
    ["ocpp2.0.1", "no JSON", "RpcFrameworkError"],
    ["ocpp1.6", '[2,"17"]', "FormationViolation"],
    ["ocpp2.0.1", '[2,"17"]', "FormatViolation"],
    ["ocpp2.1", '[2,"17",{}]', "FormatViolation"],
    ["ocpp2.1", '["2","17","Heartbeat",{}]', "RpcFrameworkError"],
    ["ocpp2.1", "[2,null,{}]", "RpcFrameworkError"],
    ["ocpp1.6", '[2,"17","Heartbeat",{', "FormationViolation"],
    ["ocpp2.1", '[2,"17","Heartbeat",{},]', "FormatViolation"],
    ["ocpp2.1", '[4,"17","InternalError"', undefined],
    // an answer is never answered
    ["ocpp2.1", `[3,"17",${"[".repeat(99)}${"]".repeat(99)}]`, undefined],
    ["ocpp1.6", '[7,"17"]', undefined],
    ["ocpp2.0.1", '[7,"17"]', "MessageTypeNotSupported"],
    ["ocpp2.0.1", '[6,"17","NotifyPeriodicEventStream",{}]', "MessageTypeNotSupported"],
    ["ocpp2.0.1", "[7]", undefined],
    ["ocpp2.1", '[7,"17"]', undefined],
  ] as const)("%s %.40s: %s", (protocol, text, code) => {
    const frame = parse(protocol, text) as UnknownTypeFrame | UnreadableFrame;
    expect(["unknownType", "unreadable"]).toContain(frame.type);
    expect(frameError(protocol, frame)?.code).toBe(code);
  });
});
