import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { connectorUuidOf, cpIdOf, isIdentity, isUuid } from "../../shared/ids.ts";

/** RFC 9562 §5.5, written out a second time. */
function uuidv5(name: string, namespace: string): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const namespace = uuidv5("https://ocpp-relay.dev/", "6ba7b811-9dad-11d1-80b4-00c04fd430c8");

describe("cpIdOf", () => {
  it("is the UUIDv5 of network and identity", () => {
    expect(cpIdOf("default", "CP 1|a")).toBe(uuidv5("default/CP 1|a", namespace));
    expect(isUuid(cpIdOf("default", "Säule 7"))).toBe(true);
  });

  it("does not throw on text that is no Unicode", () => {
    expect(isUuid(cpIdOf("default", "\ud800"))).toBe(true);
  });
});

describe("connectorUuidOf", () => {
  it("is the UUIDv5 of station, EVSE and connector", () => {
    const cpId = cpIdOf("default", "CP1");
    expect(connectorUuidOf(cpId, 2, 1)).toBe(uuidv5(`${cpId}/2/1`, namespace));
  });
});

describe("isIdentity", () => {
  it.each(["CP1", "a b", "x|y", "ä".repeat(48), "😀".repeat(48), "a/b"])("takes %j", (text) => {
    expect(isIdentity(text)).toBe(true);
  });

  it.each(["", "a:b", "x".repeat(49), "a\u0000", "\ud800", cpIdOf("default", "CP1").toUpperCase()])(
    "refuses %j",
    (text) => {
      expect(isIdentity(text)).toBe(false);
    },
  );
});
