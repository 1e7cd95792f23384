import { describe, expect, it } from "vitest";
import type { Protocol } from "../../../shared/ocpp/protocols.ts";
import { readAnswer } from "../../../shared/ocpp/read-answer.ts";

const odd = "x".repeat(501);
const variable = (name: string) => ({ component: { name: "C" }, variable: { name } });

describe("an answer with one odd member", () => {
  it.each<[string, Protocol, string, unknown, unknown]>([
    [
      "a value of 501 characters",
      "ocpp1.6",
      "GetConfiguration",
      {
        configurationKey: [
          { key: "A", readonly: false, value: "1" },
          { key: "B", readonly: true, value: odd },
        ],
      },
      {
        configurationKey: [
          { key: "A", readonly: false, value: "1" },
          { key: "B", readonly: true, value: odd },
        ],
      },
    ],
    [
      "keys of other types, a key without its name",
      "ocpp1.6",
      "GetConfiguration",
      {
        configurationKey: [
          { key: "A", value: 300, type: "int" },
          { key: "B", readonly: "true", value: null },
          { value: "1" },
        ],
      },
      {
        configurationKey: [
          { key: "A", value: "300" },
          { key: "B", readonly: true },
        ],
      },
    ],
    ["an empty reason", "ocpp1.6", "Reset", { status: "Accepted", reason: "" }, { status: "Accepted" }],
    ["a key", "ocpp1.6", "ChangeConfiguration", { status: "Accepted", key: "x" }, { status: "Accepted" }],
    [
      "a broken statusInfo",
      "ocpp2.0.1",
      "Reset",
      { status: "Accepted", statusInfo: { reasonCode: {} } },
      { status: "Accepted" },
    ],
    [
      "one result without a status, one with a status of its own",
      "ocpp2.0.1",
      "GetVariables",
      {
        getVariableResult: [
          { attributeStatus: "Accepted", attributeValue: 7, ...variable("A") },
          { ...variable("B") },
          { attributeStatus: "Sleeping", ...variable("C") },
        ],
      },
      { getVariableResult: [{ attributeStatus: "Accepted", attributeValue: "7", ...variable("A") }] },
    ],
    ["a version as text", "ocpp1.6", "GetLocalListVersion", { listVersion: "3" }, { listVersion: 3 }],
  ])("is read without it, and noted: %s", async (_, protocol, action, response, payload) => {
    const reading = await readAnswer(protocol, action, response);

    expect(reading.payload).toEqual(payload);
    expect(reading.violations.length).toBeGreaterThan(0);
    expect((await readAnswer(protocol, action, response, true)).payload).toBeUndefined();
  });
});

describe("an answer in which what was asked for is missing", () => {
  it.each<[Protocol, string, unknown]>([
    ["ocpp1.6", "Reset", {}],
    ["ocpp1.6", "Reset", { status: "Done" }],
    ["ocpp1.6", "Reset", { status: null }],
    ["ocpp1.6", "Reset", '[3,"1",{"status"'],
    ["ocpp1.6", "GetConfiguration", { configurationKey: [{ value: "1" }] }],
    ["ocpp1.6", "GetConfiguration", { configurationKey: "none" }],
    ["ocpp2.0.1", "GetVariables", { getVariableResult: [{ attributeStatus: "Accepted" }] }],
    ["ocpp2.0.1", "SetVariables", {}],
    ["ocpp2.1", "GetBaseReport", { status: "accepted" }],
  ])("is unusable: %s %s %j", async (protocol, action, response) => {
    const { payload, violations } = await readAnswer(protocol, action, response);

    expect(payload).toBeUndefined();
    expect(violations.length).toBeGreaterThan(0);
  });
});
