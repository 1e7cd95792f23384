import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ENTRY_ID_OF_HEARTBEAT,
  entryIdOfIncoming,
  entryIdOfOutgoing,
  keyOfEntryId,
} from "../../../shared/log/entry-id.ts";
import { heartbeatKey, incomingKey, outgoingKey } from "../../../shared/store/keys.ts";

describe("entry id", () => {
  it("leads back to the key, whatever the message id holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), fc.string(), (messageId, connectionId) => {
        expect(keyOfEntryId("cp", entryIdOfOutgoing(messageId))).toEqual(outgoingKey(messageId, "cp"));
        expect(keyOfEntryId("cp", entryIdOfIncoming(connectionId, messageId))).toEqual(
          incomingKey("cp", connectionId, messageId),
        );
      }),
    );
  });

  it("of the last Heartbeat leads to the item of the station", () => {
    expect(keyOfEntryId("cp", ENTRY_ID_OF_HEARTBEAT)).toEqual(heartbeatKey("cp"));
  });

  it("is safe in a URL", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (messageId) => {
        expect(entryIdOfIncoming("c", messageId)).toMatch(/^[\w-]+$/);
      }),
    );
  });

  it("is undefined for anything else, and never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(keyOfEntryId("cp", text)).toBeUndefined();
      }),
    );
    const forged = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString("base64url");
    for (const parts of [
      [],
      ["out"],
      ["out", 1],
      ["out", "a", "b"],
      ["in", "a"],
      ["heartbeat", "a"],
      { 0: "out" },
      null,
    ]) {
      expect(keyOfEntryId("cp", forged(parts))).toBeUndefined();
    }
    expect(keyOfEntryId("cp", `${entryIdOfOutgoing("m")}=`)).toBeUndefined();
    expect(keyOfEntryId("cp", entryIdOfOutgoing("m".repeat(1000)))).toBeUndefined();
  });
});
