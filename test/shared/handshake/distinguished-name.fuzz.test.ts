import fc from "fast-check";
import { expect, it } from "vitest";
import { rfc2253 } from "../../../local/websocket/distinguished-name.ts";
import { commonNameOf } from "../../../shared/handshake/distinguished-name.ts";

const value = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(..." ,=+<>#;\\\"'Ca1\u0000é🔌"), maxLength: 12 }),
);
const type = fc.constantFrom("CN", "OU", "O", "2.5.4.3", "1.2.3.4", "DC");
/** As a certificate holds it: parts of one value or, rarely, of several types. */
const names = fc.array(
  fc.dictionary(type, fc.array(value, { minLength: 1, maxLength: 2 }), { minKeys: 1, maxKeys: 2 }),
  { maxLength: 5 },
);

it("finds the common name of every name that is written, if there is one and only one", () => {
  fc.assert(
    fc.property(names, (parts) => {
      const commonNames = parts.flatMap((part) => [...(part.CN ?? []), ...(part["2.5.4.3"] ?? [])]);
      const expected = commonNames.length === 1 ? commonNames[0] : undefined;
      expect(commonNameOf(rfc2253(parts))).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

it("takes any text, quickly, and finds nothing in it that is not there", () => {
  const text = fc.string({ unit: fc.constantFrom(...'CNO=,+;\\#" a1é'), maxLength: 200 });
  fc.assert(
    fc.property(text, (name) => {
      const found = commonNameOf(name);
      if (found !== undefined) expect(name).toMatch(/CN *=/);
    }),
    { numRuns: 5000 },
  );
  for (const long of [" ", "\\ ", "a", "CN=a+", "CN=a,", "#00"]) commonNameOf(`CN=${long.repeat(20_000)}`);
});
