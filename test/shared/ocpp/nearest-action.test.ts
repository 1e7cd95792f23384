import { describe, expect, it } from "vitest";
import { csmsActionsOf } from "../../../shared/ocpp/actions.ts";
import { nearestTo } from "../../../shared/ocpp/nearest-action.ts";

describe("nearestTo", () => {
  it.each([
    ["reset", ["Reset"]],
    ["Resett", ["Reset"]],
    ["ClearCash", ["ClearCache"]],
    ["RemoteStartTransactions", ["RemoteStartTransaction", "RemoteStopTransaction"]],
    ["Fly", []],
    ["", []],
    ["x".repeat(100), []],
  ])("finds for %j %j", (name, nearest) => {
    expect(nearestTo(name, csmsActionsOf("ocpp1.6"))).toEqual(nearest);
  });

  it("offers three names at most, the nearest first", () => {
    expect(nearestTo("GetVariable", csmsActionsOf("ocpp2.0.1"))[0]).toBe("GetVariables");
    expect(nearestTo("abc", ["abd", "abe", "abf", "abg", "abc"])).toEqual(["abc", "abd", "abe"]);
  });
});
