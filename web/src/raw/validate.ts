import { type Schema, Validator } from "@cfworker/json-schema";
import type { ActionSchema } from "./schemas.ts";

/**
 * Where a payload breaks its schema, by JSON Pointer. The library interprets schemas: the content security policy allows
 * no code that is made at run time. The API checks the payload again.
 */
export function violationsOf(schema: ActionSchema, payload: unknown): ReadonlyMap<string, string> {
  const { $id: _, ...rest } = schema;
  const { errors } = new Validator(rest as Schema, "7", false).validate(payload);
  // An error is listed for every schema around it, too; the innermost one has the reason.
  const reasons = errors.filter(
    ({ keyword }) => keyword !== "properties" && keyword !== "items" && keyword !== "$ref",
  );
  return new Map(reasons.map(({ instanceLocation, error }) => [instanceLocation.replace(/^#/, ""), error]));
}
