import { describe, expect, it } from "vitest";
import { withoutAbsent } from "../../../shared/schema/nulls.ts";

const text = { type: "string" } as const;

describe("withoutAbsent", () => {
  it("removes null members that are optional, at every depth", () => {
    const inner = { type: "object", properties: { unit: text, value: text }, required: ["value"] };
    const schema = {
      type: "object",
      properties: { name: text, inner, list: { type: "array", items: inner } },
    };

    const value = { name: null, inner: { unit: null, value: "1" }, list: [{ unit: null, value: "2" }] };

    expect(withoutAbsent(schema, value)).toEqual({ inner: { value: "1" }, list: [{ value: "2" }] });
  });

  it("keeps null where it is required, has a meaning, or is of a member that no schema names", () => {
    const properties = { id: text, rateId: { type: ["string", "null"] }, data: {} };
    const schema = { type: "object", properties, required: ["id"] };
    const value = { id: null, rateId: null, data: null, other: null };

    expect(withoutAbsent(schema, value)).toEqual(value);
  });

  it("keeps a member named __proto__ a member", () => {
    const value = JSON.parse('{"__proto__": {"a": 1}}');

    expect(Object.keys(withoutAbsent({ type: "object", properties: {} }, value) as object)).toEqual([
      "__proto__",
    ]);
  });
});
