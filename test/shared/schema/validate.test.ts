import { describe, expect, it } from "vitest";
import { validate } from "../../../shared/schema/validate.ts";

const text = { type: "string" } as const;

describe("validate", () => {
  it.each([
    [{ type: "string" }, 1, "must be a string"],
    [{ type: "integer" }, 1.5, "must be an integer"],
    [{ type: "integer" }, 2 ** 53, "must be an integer"],
    [{ type: "number" }, "1", "must be a number"],
    [{ type: "number" }, JSON.parse("1e999"), "must be a number"],
    [{ type: "boolean" }, "true", "must be true or false"],
    [{ type: "object" }, [], "must be an object"],
    [{ type: "object" }, null, "must be an object"],
    [{ type: "array" }, {}, "must be an array"],
    [{ type: ["string", "null"] }, 1, "must be a string or null"],
    [{ enum: ["Hard", "Soft"] }, "hard", "must be one of Hard, Soft"],
    [{ const: true }, false, "must be true"],
    [{ maxLength: 2 }, "abc", "must be at most 2 characters long"],
    [{ minLength: 1 }, "", "must be at least 1 character long"],
    [{ pattern: "^\\p{Lu}$" }, "a", "must match ^\\p{Lu}$"],
    [{ format: "date-time" }, "today", "must be a valid date-time"],
    [{ format: "uri" }, "no uri", "must be a valid uri"],
    [{ format: "uuid" }, "1234", "must be a valid uuid"],
    [{ minimum: 1 }, 0, "must be at least 1"],
    [{ maximum: 1 }, 2, "must be at most 1"],
    [{ multipleOf: 0.1 }, 0.15, "must be a multiple of 0.1"],
    [{ minItems: 1 }, [], "must have at least 1 item"],
    [{ maxItems: 2 }, [1, 2, 3], "must have at most 2 items"],
    [{ minProperties: 1 }, {}, "must have at least 1 property"],
  ])("%j says of %j: %s", (schema, value, detail) => {
    const [keyword] = Object.keys(schema);
    expect(validate(schema, value)).toEqual([{ pointer: "", detail, keyword }]);
  });

  it.each([
    [{ type: "integer" }, 1.0],
    [{ type: ["string", "null"] }, null],
    // JSON Schema counts code points, JavaScript UTF-16 units
    [{ maxLength: 2 }, "🔌🔌"],
    [{ minLength: 2 }, "🔌🔌"],
    // 22.3 / 0.1 is 223.00000000000003
    [{ multipleOf: 0.1 }, 22.3],
    [{ multipleOf: 0.1 }, 1_000_000.7],
    [{ format: "uri" }, "ftp://user:password@example.com/firmware%201.bin"],
    [{ format: "uri" }, "https://[::1]:8080/?a=b#c"],
    // a keyword ignores values of another type
    [{ maxLength: 2, minimum: 3, minItems: 4, required: ["a"] }, true],
  ])("%j takes %j", (schema, value) => {
    expect(validate(schema, value)).toEqual([]);
  });

  it("points to a missing property itself, and not to its parents", () => {
    const address = { type: "object", properties: { city: text }, required: ["city"] } as const;
    const person = { type: "object", properties: { address }, required: ["address"] } as const;
    expect(validate(person, { address: {} })).toEqual([
      { pointer: "/address/city", detail: "is required", keyword: "required" },
    ]);
  });

  it("points to unknown properties, escaped as RFC 6901 wants it", () => {
    const schema = { properties: { known: text }, additionalProperties: false } as const;
    expect(validate(schema, { known: "", "a/b": 1, "~": 2 }).map(({ pointer }) => pointer)).toEqual([
      "/a~1b",
      "/~0",
    ]);
  });

  it("points into lists, and validates further properties by their own schema", () => {
    const schema = { items: { additionalProperties: text } } as const;
    expect(validate(schema, [{}, { a: "" }, { a: 1 }]).map(({ pointer }) => pointer)).toEqual(["/2/a"]);
  });

  it("is not taken in by names that every object inherits", () => {
    const schema = { properties: {}, required: ["constructor"], additionalProperties: false } as const;
    expect(validate(schema, JSON.parse('{"__proto__": 1}')).map(({ pointer }) => pointer)).toEqual([
      "/constructor",
      "/__proto__",
    ]);
  });

  it("follows references, also those that come back to themselves", () => {
    const schema = {
      $ref: "#/definitions/Tree",
      definitions: { Tree: { additionalProperties: { $ref: "#/definitions/Tree" }, type: "object" } },
    } as const;
    expect(validate(schema, { a: { b: {} } })).toEqual([]);
    expect(validate(schema, { a: { b: 1 } }).map(({ pointer }) => pointer)).toEqual(["/a/b"]);
  });

  it("limits its report for every value", () => {
    const schema = { additionalProperties: false };
    const value = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`${n}${"x".repeat(1000)}`, n]));
    const violations = validate(schema, value);
    expect(violations).toHaveLength(20);
    expect(JSON.stringify(violations).length).toBeLessThan(8_000);
  });

  it("refuses schemas that it would not hold values to", () => {
    expect(() => validate({ oneOf: [] }, 1)).toThrow('keyword "oneOf"');
    expect(() => validate({ format: "email" }, 1)).toThrow('format "email"');
    expect(() => validate({ $ref: "#/definitions/None" }, 1)).toThrow("leads nowhere");
  });

  it("lets single formats be replaced", () => {
    const formats = { "date-time": (text: string) => text === "noon" };
    expect(validate({ format: "date-time" }, "noon", formats)).toEqual([]);
  });
});
