import { describe, expect, it } from "vitest";
import { commandLocation } from "../../../shared/calls/location.ts";
import { problemOf } from "../../../shared/calls/outcome.ts";
import type { OutgoingItem } from "../../../shared/store/items.ts";

describe("commandLocation", () => {
  it.each([
    ["a/b c?d", "/remote_commands/a%2Fb%20c%3Fd"],
    ["日本語-1", "/remote_commands/%E6%97%A5%E6%9C%AC%E8%AA%9E-1"],
    ["be5a2b6e-7e10-4d3c-a6f6-6a1d1df8c0f5", "/remote_commands/be5a2b6e-7e10-4d3c-a6f6-6a1d1df8c0f5"],
  ])("encodes the id %s", (commandId, location) => {
    expect(commandLocation(commandId)).toBe(location);
  });

  it("is the Location of a timed-out CALL whose id the caller chose", () => {
    const exchange = {
      commandId: "a/b c?d",
      ocppMessageId: "a/b c?d",
      cpId: "cp",
      action: "Reset",
      state: "sent",
      requestedAtMs: 0,
      deadlineMs: 25_000,
    } as unknown as OutgoingItem;

    const problem = problemOf(exchange, 30_000);

    expect(problem?.slug).toBe("station-timeout");
    expect(problem?.headers).toMatchObject({ Location: "/remote_commands/a%2Fb%20c%3Fd" });
  });
});
