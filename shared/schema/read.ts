/**
 * Reads a value that breaks its schema as far as it can be understood. Stations write numbers as text and text as
 * numbers, `null` for what is absent, texts that are too long and words of their own: all of that has a meaning,
 * and only what has none is left out.
 */

import { resolveReference, type Schema } from "./validate.ts";

export interface ReadOptions {
  /**
   * Whether an object that lacks a required member is unreadable, and a status word that its enumeration does not
   * list is none. So are answers read, whose every part is a result or no result.
   */
  readonly complete?: boolean;
  /** Names of required members that may be missing all the same. */
  readonly spare?: ReadonlySet<string>;
}

/**
 * The value in the shape of its schema, or undefined where nothing of it can be read. Members that the schema does
 * not know are left out; so is, from objects and lists, what is unreadable. A list of which nothing is readable is
 * unreadable itself. A single thing where a list is expected is a list of one.
 */
export function readAs(root: Schema, value: unknown, options: ReadOptions = {}): unknown {
  const { complete = false, spare } = options;

  const read = (reference: Schema, value: unknown, name: string): unknown => {
    if (value === null || value === undefined) return undefined;
    const schema = typeof reference.$ref === "string" ? resolveReference(root, reference.$ref) : reference;
    switch (schema.type) {
      case "object":
        return readObject(schema, value);
      case "array":
        return readArray(schema, value, name);
      case "string":
        return readWord(schema, readText(value), name);
      case "integer":
        return readInteger(value);
      case "number":
        return readNumber(value);
      case "boolean":
        return readBoolean(value);
      default:
        return value;
    }
  };

  const readWord = ({ enum: words }: Schema, text: string | undefined, name: string) => {
    const mustBeListed = complete && words !== undefined && /status$/i.test(name);
    return mustBeListed && !(words as unknown[]).includes(text) ? undefined : text;
  };

  const readArray = ({ items }: Schema, value: unknown, name: string) => {
    const list = Array.isArray(value) ? value : [value];
    const readable = list
      .map((item) => read((items ?? {}) as Schema, item, name))
      .filter((item) => item !== undefined);
    return list.length > 0 && readable.length === 0 ? undefined : readable;
  };

  const readObject = (schema: Schema, value: unknown) => {
    const members = membersOf(value);
    if (!members) return undefined;
    const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>;
    const isOpen = schema.additionalProperties !== false;
    const entries = Object.entries(members).flatMap(([name, member]) => {
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (!known) return isOpen ? [[name, member] as const] : [];
      const readable = read(known, member, name);
      return readable === undefined ? [] : [[name, readable] as const];
    });
    const object: Readonly<Record<string, unknown>> = Object.fromEntries(entries);
    const required = (complete ? (schema.required ?? []) : []) as string[];
    return required.every((name) => spare?.has(name) || Object.hasOwn(object, name)) ? object : undefined;
  };

  return read(root, value, "");
}

/** An empty list is an empty object: so PHP writes it. */
function membersOf(value: unknown): object | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!Array.isArray(value)) return value;
  return value.length === 0 ? {} : undefined;
}

function readText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

const DIGITS = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

function readNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && NUMBER.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** One beyond 53 bits stays text, which keeps its digits; one with a fraction stays what it is. */
function readInteger(value: unknown): number | string | undefined {
  const number = readNumber(value);
  const isExact = number === undefined || !Number.isInteger(number) || Number.isSafeInteger(number);
  return !isExact && typeof value === "string" && DIGITS.test(value.trim()) ? value.trim() : number;
}

const booleans = new Map<unknown, boolean>([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  return booleans.get(String(value).trim().toLowerCase());
}
