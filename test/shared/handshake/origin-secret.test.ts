import { describe, expect, it } from "vitest";
import { endpointOf } from "../../../shared/handshake/origin-secret.ts";

const secrets = { basic: ["new", "old"], certificate: ["other"] };

describe("endpointOf", () => {
  it.each([
    ["new", "basic"],
    ["old", "basic"],
    ["other", "certificate"],
  ])("knows the endpoint of %s", (shown, endpoint) => {
    expect(endpointOf(shown, secrets)).toBe(endpoint);
  });

  it.each([undefined, "", "nothing", "ne", "new ", "new,old", "NEW"])("knows no endpoint of %j", (shown) => {
    expect(endpointOf(shown, secrets)).toBeUndefined();
  });

  it.each([undefined, ""])("takes no secret for an endpoint that has none: %j", (shown) => {
    expect(endpointOf(shown, { basic: [""], certificate: [""] })).toBeUndefined();
  });
});
