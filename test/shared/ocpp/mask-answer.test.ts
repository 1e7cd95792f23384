import { describe, expect, it } from "vitest";
import { maskError, maskResult } from "../../../shared/ocpp/mask-answer.ts";

const change = {
  protocol: "ocpp1.6",
  action: "ChangeConfiguration",
  request: { key: "AuthorizationKey", value: "***" },
} as const;
const variable = { component: { name: "SecurityCtrlr" }, variable: { name: "BasicAuthPassword" } };
const set = {
  protocol: "ocpp2.0.1",
  action: "SetVariables",
  request: { setVariableData: [{ ...variable, attributeValue: "***" }] },
} as const;

describe("the answer to a CALL that carried a secret", () => {
  it.each<[string, Parameters<typeof maskResult>[0], unknown, unknown?]>([
    ["keeps the station's word", change, { status: "RebootRequired" }],
    ["masks a word that the version does not have", change, { status: "hush" }, { status: "***" }],
    [
      "tells that there was more",
      change,
      { status: "Rejected", info: "hush is too long", hush: 1 },
      { status: "Rejected", "***": "***" },
    ],
    ["masks what is no object", change, "hush", "***"],
    ["masks what is no object", change, ["hush", 7, null], ["***", "***", null]],
    ["masks a number where there is to be none", change, { status: 1234 }, { status: "***" }],
    [
      "keeps texts of the request in any spelling, and the reason that the relay acts on",
      set,
      {
        setVariableResult: [
          {
            attributeStatus: "Rejected",
            attributeStatusInfo: { reasonCode: "TooManyElements", additionalInfo: "hush is too long" },
            component: { name: "securityctrlr", instance: "", evse: { id: 1, connectorId: 2 } },
            variable: { name: "BASICAUTHPASSWORD" },
          },
        ],
      },
      {
        setVariableResult: [
          {
            attributeStatus: "Rejected",
            attributeStatusInfo: { reasonCode: "TooManyElements", additionalInfo: "***" },
            component: { name: "securityctrlr", instance: "", evse: { id: 1, connectorId: 2 } },
            variable: { name: "BASICAUTHPASSWORD" },
          },
        ],
      },
    ],
    [
      "masks other reasons, and what a vendor adds",
      set,
      {
        setVariableResult: [
          {
            attributeStatus: "Rejected",
            attributeStatusInfo: { reasonCode: "InvalidValue" },
            ...variable,
            customData: { vendorId: "V", value: "hush", size: 12 },
          },
        ],
      },
      {
        setVariableResult: [
          {
            attributeStatus: "Rejected",
            attributeStatusInfo: { reasonCode: "***" },
            ...variable,
            customData: { vendorId: "***", "***": "***" },
          },
        ],
      },
    ],
    [
      "keeps the name of the file that was asked for",
      {
        protocol: "ocpp1.6",
        action: "GetDiagnostics",
        request: { location: "ftp://user:***@files.example/" },
      },
      { fileName: "CP1-diagnostics.zip" },
    ],
    [
      "keeps moments and numbers, so that a good answer stays one",
      { protocol: "ocpp2.1", action: "GetCompositeSchedule", request: { customData: { apiKey: "***" } } },
      {
        status: "Accepted",
        schedule: {
          evseId: 1,
          duration: 60,
          scheduleStart: "2026-01-01T00:00:00Z",
          chargingRateUnit: "A",
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 16.1 }],
        },
      },
    ],
  ])("%s", async (_, call, payload, masked = payload) => {
    const before = structuredClone(payload);
    expect(await maskResult(call, payload)).toEqual(masked);
    expect(payload).toEqual(before);
  });

  it("keeps of a CALLERROR its code", () => {
    expect(
      maskError({
        errorCode: "PropertyConstraintViolation",
        errorDescription: "hush is too long",
        errorDetails: { hush: 1 },
      }),
    ).toEqual({
      errorCode: "PropertyConstraintViolation",
      errorDescription: "***",
      errorDetails: { "***": "***" },
    });
    const silent = { errorCode: "InternalError", errorDescription: "", errorDetails: {} };
    expect(maskError(silent)).toEqual(silent);
    expect(maskError({ errorCode: "InternalError" })).toEqual(silent);
    expect(maskError({ ...silent, errorCode: "hush" })).toEqual({ ...silent, errorCode: "***" });
  });
});
