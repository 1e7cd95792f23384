/**
 * The JSON Schema keywords (draft 7) that OCPP's schemas and the bodies of the API use. The function of a keyword
 * turns its operand into a check, once; the check adds violations to the report. As in JSON Schema, a check ignores
 * values of other types: those are for the keyword `type`.
 */

import { formats } from "./formats.ts";
import type { Report } from "./report.ts";
import type { Schema } from "./validate.ts";

export type Check = (value: unknown, report: Report) => void;

/** `schema` is the one the keyword stands in; `compile` makes the check of a subschema. */
type Keyword = (operand: never, schema: Schema, compile: (schema: Schema) => Check) => Check;

/** Keywords without effect on validity (`additionalItems` has none beside an `items` that is one schema). */
export const annotations: ReadonlySet<string> = new Set([
  "$id",
  "$schema",
  "$comment",
  "additionalItems",
  "comment",
  "default",
  "definitions",
  "deprecated",
  "description",
  "examples",
  "javaType",
  "title",
]);

type Properties = { readonly [name: string]: unknown };

const isAnything = (_value: unknown): _value is unknown => true;
const isString = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number";
const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const types = {
  array: { is: isArray, name: "an array" },
  boolean: { is: (value: unknown) => typeof value === "boolean", name: "true or false" },
  // OCPP's are of 32 bits; beyond 53 they are no longer the number that was sent
  integer: { is: Number.isSafeInteger, name: "an integer" },
  null: { is: (value: unknown) => value === null, name: "null" },
  // JSON.parse reads 1e999 as Infinity
  number: { is: Number.isFinite, name: "a number" },
  object: { is: isObject, name: "an object" },
  string: { is: isString, name: "a string" },
} as const;

type TypeName = keyof typeof types;

/** The keyword `type`. Its check also returns whether the type holds: if not, no other keyword is checked. */
export function typeCheck(
  operand: TypeName | readonly TypeName[],
): (value: unknown, report: Report) => boolean {
  const allowed = [operand].flat().map((name: TypeName) => types[name]);
  const detail = `must be ${allowed.map(({ name }) => name).join(" or ")}`;
  return (value, report) => {
    if (allowed.some(({ is }) => is(value))) return true;
    report.add("type", detail);
    return false;
  };
}

/** The check that values to which it applies hold to. */
function constraint<T>(
  keyword: string,
  applies: (value: unknown) => value is T,
  holds: (value: T, report: Report) => boolean,
  detail: string,
): Check {
  return (value, report) => {
    if (applies(value) && !holds(value, report)) report.add(keyword, detail);
  };
}

export const keywords: { readonly [keyword: string]: Keyword } = {
  enum: (options: readonly unknown[]) =>
    constraint(
      "enum",
      isAnything,
      (value) => options.includes(value),
      `must be one of ${options.join(", ")}`,
    ),
  const: (constant: unknown) =>
    constraint("const", isAnything, (value) => value === constant, `must be ${JSON.stringify(constant)}`),

  maxLength: (limit: number) =>
    constraint(
      "maxLength",
      isString,
      (text) => text.length <= limit || characters(text) <= limit,
      `must be at most ${count(limit, "character")} long`,
    ),
  minLength: (limit: number) =>
    constraint(
      "minLength",
      isString,
      (text) => characters(text) >= limit,
      `must be at least ${count(limit, "character")} long`,
    ),
  pattern: (source: string) => {
    const pattern = new RegExp(source, "u");
    return constraint("pattern", isString, (text) => pattern.test(text), `must match ${source}`);
  },
  format: (format: string) => {
    if (!Object.hasOwn(formats, format)) throw new Error(`the format "${format}" is not supported`);
    return constraint(
      "format",
      isString,
      (text, report) => report.formats[format]?.(text) === true,
      `must be a valid ${format}`,
    );
  },

  minimum: (limit: number) =>
    constraint("minimum", isNumber, (number) => number >= limit, `must be at least ${limit}`),
  maximum: (limit: number) =>
    constraint("maximum", isNumber, (number) => number <= limit, `must be at most ${limit}`),
  multipleOf: (step: number) =>
    constraint("multipleOf", isNumber, (number) => isMultiple(number, step), `must be a multiple of ${step}`),

  minItems: (limit: number) =>
    constraint(
      "minItems",
      isArray,
      (items) => items.length >= limit,
      `must have at least ${count(limit, "item")}`,
    ),
  maxItems: (limit: number) =>
    constraint(
      "maxItems",
      isArray,
      (items) => items.length <= limit,
      `must have at most ${count(limit, "item")}`,
    ),
  items: (schema: Schema, _, compile) => {
    const check = compile(schema);
    return (value, report) => {
      if (!isArray(value)) return;
      for (let index = 0; index < value.length; index += 1) report.at(index, check, value[index]);
    };
  },

  properties: (properties: { readonly [name: string]: Schema }, _, compile) => {
    const checks = Object.entries(properties).map(([name, schema]) => ({ name, check: compile(schema) }));
    return (value, report) => {
      if (!isObject(value)) return;
      for (const { name, check } of checks) {
        if (Object.hasOwn(value, name)) report.at(name, check, value[name]);
      }
    };
  },
  required: (names: readonly string[]) => (value, report) => {
    if (!isObject(value)) return;
    for (const name of names) {
      if (!Object.hasOwn(value, name)) report.at(name, isMissing, undefined);
    }
  },
  additionalProperties: (operand: Schema | false, { properties }, compile) => {
    const known = new Set(Object.keys(properties ?? {}));
    const check = operand === false ? isUnknown : compile(operand);
    return (value, report) => {
      if (!isObject(value)) return;
      for (const name of Object.keys(value)) {
        if (!known.has(name)) report.at(name, check, value[name]);
      }
    };
  },
  minProperties: (limit: number) =>
    constraint(
      "minProperties",
      isObject,
      (object) => Object.keys(object).length >= limit,
      `must have at least ${count(limit, "property")}`,
    ),
};

const isMissing: Check = (_, report) => report.add("required", "is required");
const isUnknown: Check = (_, report) => report.add("additionalProperties", "is not a known property");

/** Length in Unicode code points, as JSON Schema counts it. */
function characters(text: string): number {
  return [...text].length;
}

/** But for the rounding of binary fractions: 22.3 / 0.1 is 223.00000000000003. */
function isMultiple(number: number, step: number): boolean {
  const quotient = number / step;
  return Math.abs(quotient - Math.round(quotient)) <= 1e-9 * Math.max(1, Math.abs(quotient));
}

function count(limit: number, noun: string): string {
  if (limit === 1) return `1 ${noun}`;
  return `${limit} ${noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}
