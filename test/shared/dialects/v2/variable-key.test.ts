import { describe, expect, it } from "vitest";
import { parseVariableKey, writeVariableKey } from "../../../../shared/dialects/v2/variable-key.ts";

describe("a variable's key", () => {
  it.each([
    [
      "OCPPCommCtrlr.HeartbeatInterval",
      { component: { name: "OCPPCommCtrlr" }, variable: { name: "HeartbeatInterval" } },
    ],
    [
      "TariffCostCtrlr.Enabled[Tariff]",
      { component: { name: "TariffCostCtrlr" }, variable: { name: "Enabled", instance: "Tariff" } },
    ],
    [
      "Connector@1:2.AvailabilityState",
      {
        component: { name: "Connector", evse: { id: 1, connectorId: 2 } },
        variable: { name: "AvailabilityState" },
      },
    ],
    [
      "Fan[left side]@3.Speed[max%2Emin]",
      {
        component: { name: "Fan", instance: "left side", evse: { id: 3 } },
        variable: { name: "Speed", instance: "max.min" },
      },
    ],
    ["a%2Eb%5Bc%5D%40d%3Ae%25f.ü", { component: { name: "a.b[c]@d:e%f" }, variable: { name: "ü" } }],
  ])("%s", (key, variable) => {
    expect(parseVariableKey(key)).toEqual(variable);
    expect(writeVariableKey(variable)).toBe(key);
  });

  it("takes an empty instance for none", () => {
    const key = writeVariableKey({ component: { name: "A", instance: "" }, variable: { name: "B" } });
    expect(key).toBe("A.B");
  });

  it.each([
    ["HeartbeatInterval", 'at character 18 (the end): expected "." before the variable\'s name'],
    ["", "at character 1 (the end): expected the component's name"],
    [".B", 'at character 1 ("."): expected the component\'s name'],
    ["A.", "at character 3 (the end): expected the variable's name"],
    ["A.B.C", 'at character 4 ("."): expected the end'],
    ["A[].B", 'at character 3 ("]"): expected an instance'],
    ["A[b.B", 'at character 4 ("."): expected "]" after the instance'],
    ["A@.B", 'at character 3 ("."): expected an EVSE\'s number'],
    ["A@01.B", 'at character 3 ("0"): expected an EVSE\'s number'],
    ["A@1:x.B", 'at character 5 ("x"): expected a connector\'s number'],
    ["A@9999999999.B", 'at character 3 ("9"): expected an EVSE\'s number'],
    ["A:1.B", 'at character 2 (":"): expected "." before the variable\'s name'],
    ["A%2e.B", 'at character 2 ("%"): "%2e" is none of %2E, %5B, %5D, %40, %3A, %25'],
    ["A%41.B", 'at character 2 ("%"): "%41" is none of'],
    ["A.B%", 'at character 4 ("%"): "%" is none of'],
  ])("is not %j", (key, problem) => {
    expect(() => parseVariableKey(key)).toThrow(problem);
  });
});
