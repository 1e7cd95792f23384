import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Problem } from "../../../shared/problems.ts";
import { cursorOf, positionOf } from "../../../shared/store/page.ts";

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
const jsonInBase64 = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString("base64url"));

describe("cursor", () => {
  it("leads back to its item", () => {
    fc.assert(
      fc.property(text, text, text, text, (gsi1pk, gsi1sk, pk, sk) => {
        const key = { gsi1pk, gsi1sk, pk, sk };
        expect(positionOf(cursorOf(key), { partition: gsi1pk })).toEqual(key);
      }),
    );
  });

  it("is refused as a Problem, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), jsonInBase64), (cursor) => {
        expect(() => positionOf(cursor, { partition: "LIST" })).toThrow(Problem);
      }),
      { numRuns: 1000 },
    );
  });
});
