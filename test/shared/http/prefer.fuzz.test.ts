import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePrefer } from "../../../shared/http/prefer.ts";

const shards = ["wait", "=", "5", "respond-async", ",", ";", '"', "\\", " ", "\t", "x", "é"];

describe("parsePrefer", () => {
  it("never fails, and waits for whole seconds only", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom(...shards)).map((s) => s.join("")),
    );
    fc.assert(
      fc.property(anything, (header) => {
        const { waitSeconds = 0 } = parsePrefer(header);
        expect(Number.isSafeInteger(waitSeconds) && waitSeconds >= 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("finds what was written, whatever stands beside it", () => {
    const others = fc.array(fc.stringMatching(/^[a-q]{1,8}(=("[ -!#-[\]-~]*"|[a-z]+))?$/));
    fc.assert(
      fc.property(others, others, fc.nat(1000), (before, after, seconds) => {
        const header = [...before, `wait=${seconds}`, "respond-async", ...after].join(", ");
        expect(parsePrefer(header)).toEqual({ respondAsync: true, waitSeconds: seconds });
      }),
    );
  });
});
