import { describe, expect, it } from "vitest";
import { passwordIn } from "../../../shared/handshake/sent-password.ts";

const variable = (component: string, name: string, about: object = {}) => ({
  component: { name: component },
  variable: { name },
  attributeValue: "secret",
  ...about,
});

describe("passwordIn", () => {
  it.each<[string, object]>([
    ["ChangeConfiguration", { key: "AuthorizationKey", value: "secret" }],
    ["ChangeConfiguration", { key: "authorizationkey", value: "secret" }],
    ["ChangeConfiguration", { key: "SecurityCtrlr.BasicAuthPassword", value: "secret" }],
    ["SetVariables", { setVariableData: [variable("SecurityCtrlr", "BasicAuthPassword")] }],
    ["SetVariables", { setVariableData: [variable("securityctrlr", "basicauthpassword")] }],
    [
      "SetVariables",
      {
        setVariableData: [
          variable("SecurityCtrlr", "BasicAuthPassword", { attributeValue: "first" }),
          variable("SecurityCtrlr", "BasicAuthPassword", { attributeType: "Actual" }),
          variable("OCPPCommCtrlr", "HeartbeatInterval", { attributeValue: "60" }),
        ],
      },
    ],
    ["SetNetworkProfile", { connectionData: { basicAuthPassword: "secret" } }],
  ])("finds the password that %s gives the station", (action, payload) => {
    expect(passwordIn({ action, payload })).toBe("secret");
  });

  it.each<[string, unknown]>([
    ["ChangeConfiguration", { key: "HeartbeatInterval", value: "60" }],
    ["ChangeConfiguration", { key: "AuthorizationKey", value: 7 }],
    ["ChangeConfiguration", null],
    ["SetVariables", { setVariableData: [variable("SecurityCtrlr", "SecurityProfile")] }],
    ["SetVariables", { setVariableData: [variable("Vendor", "BasicAuthPassword")] }],
    ["SetVariables", { setVariableData: [null, 1, "text", []] }],
    ["SetVariables", { setVariableData: "none" }],
    [
      "SetVariables",
      { setVariableData: [variable("SecurityCtrlr", "BasicAuthPassword", { attributeType: "MaxSet" })] },
    ],
    ["SetNetworkProfile", { connectionData: { securityProfile: 1 } }],
    ["GetConfiguration", { key: ["AuthorizationKey"] }],
  ])("finds none in %s that gives none: %j", (action, payload) => {
    expect(passwordIn({ action, payload })).toBeUndefined();
  });
});
