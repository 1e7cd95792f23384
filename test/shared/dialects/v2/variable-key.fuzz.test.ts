import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  InvalidVariableKey,
  parseVariableKey,
  writeVariableKey,
} from "../../../../shared/dialects/v2/variable-key.ts";

/** Names as stations may give them, the notation's own characters among them more often than not. */
const names = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 50 }),
  fc.string({ unit: fc.constantFrom(..."a.[]@:%2E"), minLength: 1, maxLength: 12 }),
);
const numbers = fc.nat({ max: 999_999_999 });
const optional = { requiredKeys: ["name"], noNullPrototype: true } as const;
const variables = fc.record({ name: names, instance: names }, { ...optional, requiredKeys: ["name"] });
const evses = fc.record(
  { id: numbers, connectorId: numbers },
  { requiredKeys: ["id"], noNullPrototype: true },
);
const components = fc.record(
  { name: names, instance: names, evse: evses },
  { ...optional, requiredKeys: ["name"] },
);
const named = fc.record({ component: components, variable: variables }, { noNullPrototype: true });

describe("a variable's key", () => {
  it("brings back the variable it was written for", () => {
    fc.assert(
      fc.property(named, (variable) => {
        expect(parseVariableKey(writeVariableKey(variable))).toEqual(variable);
      }),
    );
  });

  it("is the only one of its variable: what can be read is written the same", () => {
    const texts = fc.oneof(
      fc.string({ unit: fc.constantFrom("A", ".", "[", "]", "@", ":", "1", "0", "%", "%2E", "%40") }),
      named.map(writeVariableKey),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(writeVariableKey(parseVariableKey(text))).toBe(text);
        } catch (error) {
          if (!(error instanceof InvalidVariableKey)) throw error;
          expect(error.message).toMatch(/at character \d+ \(/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
