import { describe, expect, it } from "vitest";
import { doorOf } from "../../../shared/handshake/origin-secret.ts";

const secrets = { basic: ["new", "old"], certificate: ["other"] };

describe("doorOf", () => {
  it.each([
    ["new", "basic"],
    ["old", "basic"],
    ["other", "certificate"],
  ])("knows the door of %s", (shown, door) => {
    expect(doorOf(shown, secrets)).toBe(door);
  });

  it.each([undefined, "", "nothing", "ne", "new ", "new,old", "NEW"])("knows no door of %j", (shown) => {
    expect(doorOf(shown, secrets)).toBeUndefined();
  });

  it.each([undefined, ""])("takes no secret for a door that has none: %j", (shown) => {
    expect(doorOf(shown, { basic: [""], certificate: [""] })).toBeUndefined();
  });
});
