import fc from "fast-check";
import type { Schema } from "../../shared/schema/validate.ts";

/** Which optional properties a generated value has: none, all, or any. */
export type Fullness = "minimal" | "full" | "any";

/**
 * Values that are valid under a schema, for the keywords that OCPP's schemas use. A string's length is
 * sometimes the longest allowed, since that is where mistakes are.
 */
export function valuesOf(root: Schema, fullness: Fullness = "any"): fc.Arbitrary<unknown> {
  const resolve = (schema: Schema): Schema => {
    if (typeof schema.$ref !== "string") return schema;
    const name = schema.$ref.replace("#/definitions/", "");
    return resolve((root.definitions as Record<string, Schema>)[name] as Schema);
  };

  const values = (reference: Schema): fc.Arbitrary<unknown> => {
    const schema = resolve(reference);
    if (schema.enum !== undefined) return fc.constantFrom(...(schema.enum as unknown[]));
    switch (schema.type) {
      case "object":
        return objects(schema);
      case "array": {
        const minLength = (schema.minItems as number | undefined) ?? 0;
        const maxLength = Math.min((schema.maxItems as number | undefined) ?? Infinity, minLength + 2);
        return fc.array(values(schema.items as Schema), {
          minLength: fullness === "full" ? maxLength : minLength,
          maxLength: fullness === "minimal" ? minLength : maxLength,
        });
      }
      case "string":
        return strings(schema);
      case "integer":
        return fc.integer(range(schema, -1_000_000, 1_000_000));
      case "number":
        // tenths: every multipleOf in the schemas is 0.1
        return fc
          .integer(range(schema, -1000, 1000))
          .map((tenths) => (isBounded(schema) ? tenths : tenths / 10));
      case "boolean":
        return fc.boolean();
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  };

  const objects = (schema: Schema): fc.Arbitrary<unknown> => {
    const properties = (schema.properties ?? {}) as Record<string, Schema>;
    const required = (schema.required ?? []) as string[];
    const names = Object.keys(properties).filter((name) => fullness !== "minimal" || required.includes(name));
    const model = Object.fromEntries(names.map((name) => [name, values(properties[name] as Schema)]));
    const options = fullness === "any" ? { requiredKeys: required } : {};
    return fc.record(model, { ...options, noNullPrototype: true });
  };

  return values(root);
}

function strings(schema: Schema): fc.Arbitrary<string> {
  if (schema.format === "date-time") {
    return fc
      .date({ noInvalidDate: true, min: new Date("2016-01-01"), max: new Date("2030-01-01") })
      .map((date) => date.toISOString());
  }
  if (schema.format === "uri") return fc.webUrl();
  const maxLength = (schema.maxLength as number | undefined) ?? 50;
  return fc.oneof(
    fc.string({ unit: "binary", maxLength: Math.min(maxLength, 20) }),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).map((character) => character.repeat(maxLength)),
  );
}

const isBounded = (schema: Schema) => schema.minimum !== undefined || schema.maximum !== undefined;

function range(schema: Schema, lowest: number, highest: number) {
  const min = (schema.minimum as number | undefined) ?? lowest;
  return { min, max: (schema.maximum as number | undefined) ?? Math.max(min, highest) };
}
