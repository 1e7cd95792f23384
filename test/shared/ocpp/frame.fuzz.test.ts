import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Frame, parse, writeCall, writeCallError, writeCallResult } from "../../../shared/ocpp/frame.ts";
import { PROTOCOLS } from "../../../shared/ocpp/protocols.ts";
import { mutationsOf } from "../../support/mutations.ts";

const protocols = fc.constantFrom(...PROTOCOLS);
const ids = fc.string({ unit: "binary", minLength: 1, maxLength: 36 });
const objects = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });

/** What comes back from JSON text: -0 and undefined do not. */
const jsonOf = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.json(),
  fc
    .array(fc.constantFrom("[", "]", "{", "}", ",", '"', "2", "3", "-", "null", "\\", ":"))
    .map((s) => s.join("")),
  fc
    .tuple(fc.constantFrom(1, 2, 3, 4, 5, 6, 7), ids, fc.string(), fc.jsonValue(), mutationsOf())
    .map(([type, id, action, payload, mutate]) => JSON.stringify(mutate([type, id, action, payload])) ?? ""),
  fc.tuple(ids, fc.nat(), fc.string({ unit: "binary", maxLength: 3 })).map(([id, at, noise]) => {
    const text = writeCall(id, "Heartbeat", {});
    const place = at % text.length;
    return text.slice(0, place) + noise + text.slice(place + noise.length);
  }),
);

/** Undefined for what is no JSON, and still may be read. */
function idIn(text: string): unknown {
  try {
    return JSON.parse(text)[1];
  } catch {
    return undefined;
  }
}

describe("parse on anything", () => {
  it("never throws, and what it echoes is JSON that reads as the id", () => {
    fc.assert(
      fc.property(protocols, texts, (protocol, text) => {
        const frame: Frame = parse(protocol, text);
        if (frame.rawId === undefined) return;
        const id = idIn(text) ?? JSON.parse(frame.rawId);
        expect(JSON.parse(frame.rawId)).toBe(id);
        expect(JSON.parse(writeCallResult(frame.rawId, {}))).toEqual([3, id, {}]);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("parse after write", () => {
  it("gives a CALL back", () => {
    fc.assert(
      fc.property(protocols, ids, fc.string(), objects, (protocol, id, action, payload) => {
        const frame = parse(protocol, writeCall(id, action, payload));
        expect(frame).toMatchObject({ type: "CALL", messageId: id, action });
        expect("payload" in frame && jsonOf(frame.payload)).toEqual(jsonOf(payload));
      }),
    );
  });

  it("gives a CALLRESULT and a CALLERROR back, under the id of the CALL", () => {
    const anyId = fc.oneof(ids, fc.integer(), fc.bigInt());
    fc.assert(
      fc.property(protocols, anyId, objects, fc.string(), (protocol, id, payload, description) => {
        const call = parse(
          protocol,
          `[2,${typeof id === "bigint" ? id : JSON.stringify(id)},"Heartbeat",{}]`,
        );
        if (call.type !== "CALL") throw new Error("not read as a CALL");
        const { messageId, rawId } = call;
        expect(messageId).toBe(String(id));

        const result = parse(protocol, writeCallResult(rawId, payload));
        expect(result).toMatchObject({ type: "CALLRESULT", messageId, rawId });
        expect("payload" in result && jsonOf(result.payload)).toEqual(jsonOf(payload));

        const error = parse(protocol, writeCallError(rawId, "InternalError", description, payload));
        expect(error).toMatchObject({ type: "CALLERROR", messageId, rawId });
        expect("errorDescription" in error && error.errorDescription).toBe(description.slice(0, 255));
      }),
    );
  });
});
