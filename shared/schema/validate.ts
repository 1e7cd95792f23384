/**
 * JSON Schema validation for both endpoints: OCPP payloads and HTTP bodies. A schema is turned into closures the
 * first time it is met and kept for the process's life. Why not a library: docs/schema-validation.md.
 *
 * It knows the keywords of keywords.ts and throws at any other: one that is silently ignored is a hole.
 */

import { type Formats, formats as strictFormats } from "./formats.ts";
import { annotations, type Check, keywords, typeCheck } from "./keywords.ts";
import { Report, type Violation } from "./report.ts";

export type { Violation } from "./report.ts";

/** A JSON Schema as data: an `as const` object or imported JSON. */
export type Schema = Readonly<Record<string, unknown>>;

const compiled = new WeakMap<Schema, Check>();

/**
 * Validates a value. Returns at most 20 violations; none if the value is valid.
 *
 * @param formats the meaning of the keyword `format`, if it differs from JSON Schema
 */
export function validate(schema: Schema, value: unknown, formats: Formats = strictFormats): Violation[] {
  let check = compiled.get(schema);
  if (check === undefined) {
    check = compile(schema);
    compiled.set(schema, check);
  }
  const report = new Report(formats);
  check(value, report);
  return report.violations;
}

/** Violations as problems and log entries list them: the place and what is wrong there. */
export const listed = (
  violations: readonly Pick<Violation, "pointer" | "detail">[],
): { pointer: string; detail: string }[] => violations.map(({ pointer, detail }) => ({ pointer, detail }));

function compile(root: Schema): Check {
  const references = new Map<string, Check>();

  /** A `#/definitions/Name`, compiled once; what it refers to may refer back. */
  const refer = (reference: string): Check => {
    const known = references.get(reference);
    if (known !== undefined) return known;
    let target: Check | undefined;
    const check: Check = (value, report) => target?.(value, report);
    references.set(reference, check);
    target = compileSchema(resolveReference(root, reference));
    return check;
  };

  const compileSchema = (schema: Schema): Check => {
    // in draft 7 nothing beside a $ref counts
    if (typeof schema.$ref === "string") return refer(schema.$ref);
    const isOfType = schema.type === undefined ? undefined : typeCheck(schema.type as never);
    const checks = Object.entries(schema)
      .filter(([keyword]) => keyword !== "type" && !annotations.has(keyword))
      .map(([keyword, operand]) => {
        const make = keywords[keyword];
        if (make === undefined) throw new Error(`the JSON Schema keyword "${keyword}" is not supported`);
        return make(operand as never, schema, compileSchema);
      });
    return (value, report) => {
      if (isOfType?.(value, report) === false) return;
      for (const check of checks) check(value, report);
    };
  };

  return compileSchema(root);
}

/** The part of a schema that a `$ref` of it names. */
export function resolveReference(root: Schema, reference: string): Schema {
  const [start, ...segments] = reference.split("/");
  let target: unknown = start === "#" ? root : undefined;
  for (const segment of segments) target = (target as Schema | undefined)?.[segment];
  if (target === undefined) throw new Error(`the reference "${reference}" leads nowhere`);
  return target as Schema;
}
