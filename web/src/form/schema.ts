/** JSON Schema, as far as forms read it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export type Kind =
  | "object"
  | "list"
  | "lines"
  | "choice"
  | "boolean"
  | "number"
  | "text"
  | "json"
  | "variants";

/** Which field a schema gets. */
export function kindOf(schema: Schema, resolve: Resolve): Kind {
  if (schema.enum !== undefined) return "choice";
  if (schema.oneOf !== undefined || schema.anyOf !== undefined) return "variants";
  const types = typesOf(schema);
  if (schema.properties !== undefined) return "object";
  if (types.includes("array") && schema.items !== undefined) {
    const item = resolve(schema.items);
    return typesOf(item).includes("string") && item.enum === undefined ? "lines" : "list";
  }
  if (types.length === 1 || (types.length === 2 && types.includes("integer"))) {
    if (types.includes("boolean")) return "boolean";
    if (types.includes("string")) return "text";
    if (types.includes("integer") || types.includes("number")) return "number";
  }
  return "json";
}

/** The types besides `null`, which forms write by leaving a member out. */
const typesOf = ({ type }: Schema): readonly string[] =>
  (type === undefined ? [] : [type].flat()).filter((name) => name !== "null");

/** The schema that a `$ref` means. */
export type Resolve = (schema: Schema) => Schema;

/** `stopAfterFailures` as `Stop after failures`. */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .split(" ")
    .map((word) => (/^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()));
  const text = words
    .join(" ")
    .replace(/\bid(s?)\b/g, "ID$1")
    .replace(/\burl\b/g, "URL")
    .replace(/\bevse\b/g, "EVSE")
    .replace(/\buuid\b/g, "UUID");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A label inside a sentence: `Stop after failures` as `stop after failures`, `EVSE` as it is. */
export const inSentence = (label: string): string =>
  /^[A-Z]{2}/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1);

/** The first value of a form: what is required and has only one meaning. */
export function initialOf(schema: Schema, resolve: Resolve): unknown {
  const resolved = resolve(schema);
  if (resolved.const !== undefined) return resolved.const;
  if (resolved.items !== undefined && (resolved.minItems ?? 0) > 0)
    return kindOf(resolved, resolve) === "lines" ? [] : [initialOf(resolved.items, resolve)];
  if (resolved.properties === undefined) return undefined;
  const required = new Set(resolved.required ?? []);
  const members = Object.entries(resolved.properties)
    .filter(([name]) => required.has(name))
    .map(([name, member]): [string, unknown] => [name, initialOf(member, resolve)])
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(members);
}

/** Removes what a form leaves empty: absent members, and objects of nothing but those where they are optional. */
export function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, cleaned(member)]),
  );
}
