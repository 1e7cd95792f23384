import { describe, expect, it } from "vitest";
import { holdsSecret, isSecretKey, maskSecrets } from "../../../shared/ocpp/secrets.ts";

describe("isSecretKey", () => {
  it.each([
    "AuthorizationKey",
    "authorizationkey",
    "AUTHORIZATION_KEY",
    "BasicAuthPassword",
    "SecurityCtrlr.BasicAuthPassword",
    "securityctrlr.basicauthpassword",
    "NetworkConfiguration[1].VpnKey",
    "NetworkConfiguration[1].ApnSimPin",
    "WiFi-PSK",
    "WifiPassphrase",
    "FTP password",
    "SharedSecret",
  ])("%s is one", (key) => {
    expect(isSecretKey(key)).toBe(true);
  });

  it.each([
    "HeartbeatInterval",
    "AuthorizeRemoteTxRequests",
    "AuthorizationCacheEnabled",
    "SecurityProfile",
    "SecurityCtrlr.Identity",
    "MeterPublicKey",
    "HttpsKeepAlive",
    "AdditionalRootCertificateCheck",
    "",
  ])("%s is none", (key) => {
    expect(isSecretKey(key)).toBe(false);
  });
});

describe("maskSecrets", () => {
  it.each([
    [
      "ChangeConfiguration",
      { key: "authorizationKEY", value: "s3cret" },
      { key: "authorizationKEY", value: "***" },
    ],
    ["ChangeConfiguration", { key: "HeartbeatInterval", value: "300" }],
    [
      "GetConfiguration",
      {
        configurationKey: [
          { key: "AuthorizationKey", readonly: false, value: "s3cret" },
          { key: "HeartbeatInterval", readonly: false, value: "300" },
          { key: "AuthorizationKey", readonly: false },
        ],
        unknownKey: ["BasicAuthPassword"],
      },
      {
        configurationKey: [
          { key: "AuthorizationKey", readonly: false, value: "***" },
          { key: "HeartbeatInterval", readonly: false, value: "300" },
          { key: "AuthorizationKey", readonly: false },
        ],
        unknownKey: ["BasicAuthPassword"],
      },
    ],
    [
      "SetVariables",
      {
        setVariableData: [
          {
            attributeValue: "s3cret",
            component: { name: "SecurityCtrlr" },
            variable: { name: "BasicAuthPassword" },
          },
          {
            attributeValue: "0",
            component: { name: "SecurityCtrlr" },
            variable: { name: "SecurityProfile" },
          },
        ],
      },
      {
        setVariableData: [
          {
            attributeValue: "***",
            component: { name: "SecurityCtrlr" },
            variable: { name: "BasicAuthPassword" },
          },
          {
            attributeValue: "0",
            component: { name: "SecurityCtrlr" },
            variable: { name: "SecurityProfile" },
          },
        ],
      },
    ],
    [
      "NotifyReport",
      {
        reportData: [
          {
            component: { name: "SecurityCtrlr" },
            variable: { name: "basicAuthPassword" },
            variableAttribute: [{ type: "Actual", value: "s3cret" }],
          },
        ],
      },
      {
        reportData: [
          {
            component: { name: "SecurityCtrlr" },
            variable: { name: "basicAuthPassword" },
            variableAttribute: [{ type: "Actual", value: "***" }],
          },
        ],
      },
    ],
    [
      "GetVariables",
      {
        getVariableResult: [
          {
            attributeStatus: "Rejected",
            attributeStatusInfo: { reasonCode: "WriteOnly", additionalInfo: "s3cret" },
            variable: { name: "BasicAuthPassword" },
          },
          { attributeStatusInfo: { additionalInfo: "no" }, variable: { name: "SecurityProfile" } },
        ],
      },
      {
        getVariableResult: [
          {
            attributeStatus: "Rejected",
            attributeStatusInfo: { reasonCode: "WriteOnly", additionalInfo: "***" },
            variable: { name: "BasicAuthPassword" },
          },
          { attributeStatusInfo: { additionalInfo: "no" }, variable: { name: "SecurityProfile" } },
        ],
      },
    ],
    [
      "NotifyEvent",
      { eventData: [{ actualValue: "s3cret", variable: { name: "BasicAuthPassword" } }] },
      { eventData: [{ actualValue: "***", variable: { name: "BasicAuthPassword" } }] },
    ],
    [
      "SetNetworkProfile",
      {
        configurationSlot: 1,
        connectionData: {
          ocppCsmsUrl: "wss://user:s3cret@csms.example/ocpp",
          basicAuthPassword: "s3cret",
          apn: { apn: "internet", apnUserName: "user", apnPassword: "s3cret", simPin: 1234 },
          vpn: { server: "vpn.example", user: "user", password: "s3cret", key: "s3cret", type: "IKEv2" },
        },
      },
      {
        configurationSlot: 1,
        connectionData: {
          ocppCsmsUrl: "wss://user:***@csms.example/ocpp",
          basicAuthPassword: "***",
          apn: { apn: "internet", apnUserName: "user", apnPassword: "***", simPin: "***" },
          vpn: { server: "vpn.example", user: "user", password: "***", key: "***", type: "IKEv2" },
        },
      },
    ],
    [
      "GetDiagnostics",
      { location: "ftp://user:s3cret@logs.example/in", retries: 1 },
      { location: "ftp://user:***@logs.example/in", retries: 1 },
    ],
    ["GetDiagnostics", { location: "ftp://logs.example:21/a@b:c" }],
    ["GetLog", { location: "https://t0ken@logs.example/in" }, { location: "https://***@logs.example/in" }],
    [
      "GetLog",
      { location: "https://b.s3.amazonaws.com/a?X-Amz-Date=2026&X-Amz-Signature=abc123&x=1" },
      { location: "https://b.s3.amazonaws.com/a?X-Amz-Date=2026&X-Amz-Signature=***&x=1" },
    ],
    ["UpdateFirmware", { location: "https://x/f?sig=a%2Bb&se=1" }, { location: "https://x/f?sig=***&se=1" }],
    ["UpdateFirmware", { location: "https://x/f?version=2&design=a" }],
    ["Authorize", { idTag: "04A2B3" }],
    ["Authorize", { idToken: { idToken: "04A2B3", type: "ISO14443" } }],
    ["DataTransfer", { vendorId: "V", data: '{"password":"theirs"}' }],
    // of whatever shape, for what broke its schema is logged as well
    ["ChangeConfiguration", [{ KEY: 1, password: null }], [{ KEY: 1, password: "***" }]],
    ["ChangeConfiguration", "text"],
    ["ChangeConfiguration", null],
  ])("%s %j", (action, payload, masked: unknown = payload) => {
    const before = structuredClone(payload);
    expect(maskSecrets(action, payload)).toEqual(masked);
    expect(payload).toEqual(before);
  });

  it("masks values that a CALLERROR repeats without their keys", () => {
    const errorDetails = {
      value: "hush",
      cause: [{ attributeValue: "hush", key: "Interval" }],
      reason: "no",
    };

    expect(maskSecrets("", { errorCode: "InternalError", errorDescription: "no", errorDetails })).toEqual({
      errorCode: "InternalError",
      errorDescription: "no",
      errorDetails: { value: "***", cause: [{ attributeValue: "***", key: "Interval" }], reason: "no" },
    });
  });

  it("is known to have something to mask, or not", () => {
    const holds = (value: string) => holdsSecret("ChangeConfiguration", { key: "AuthorizationKey", value });
    expect(holds("s3cret")).toBe(true);
    expect(holds("***")).toBe(false);
    expect(holdsSecret("GetDiagnostics", { location: "ftp://user:s3cret@logs.example/" })).toBe(true);
    expect(holdsSecret("GetDiagnostics", { location: "ftp://logs.example/" })).toBe(false);
    expect(holdsSecret("DataTransfer", { vendorId: "V", data: { password: "theirs" } })).toBe(false);
  });

  it("copies deeply", () => {
    const payload = { vendorId: "V", data: { a: [] } };
    for (const action of ["DataTransfer", "NotifyEvent"]) {
      const copy = maskSecrets(action, payload);
      expect(copy).not.toBe(payload);
      expect(copy.data.a).not.toBe(payload.data.a);
    }
  });
});
