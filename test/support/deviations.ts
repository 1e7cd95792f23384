import fc from "fast-check";
import type { Schema } from "../../shared/schema/validate.ts";

/** A place in a payload, and its schema. */
interface Place {
  readonly path: readonly (string | number)[];
  readonly schema: Schema;
  readonly value: unknown;
  /** Whether the schema requires it, and all that it is part of. */
  readonly isRequired: boolean;
}

type Change = (payload: object) => object;

/** What a payload keeps under every tolerable change: members by path, and what they are read as. */
export interface Kept {
  readonly path: readonly string[];
  readonly kind: "integer" | "number" | "boolean" | "text" | "word";
}

/** The kept members, or `required`: all that their schema requires, in the items of lists too. */
type AllKept = readonly Kept[] | "required";

const kinds = ["drop", "null", "retype", "lengthen", "unlist", "unknown", "single"] as const;
type Kind = (typeof kinds)[number];

const strangers: readonly unknown[] = [
  {},
  [],
  [7],
  "text",
  7,
  1.5,
  true,
  { a: { b: null } },
  "x".repeat(3000),
];

/**
 * Generates changes of a valid payload that leave the kept members readable: members dropped, null, of another type,
 * longer, of no list, unknown, or single where a list is expected.
 */
export function tolerableChanges(root: Schema, kept: AllKept): fc.Arbitrary<Change> {
  const one = fc
    .tuple(fc.constantFrom(...kinds), fc.nat(), fc.constantFrom(...strangers))
    .map(([kind, pick, stranger]) => (payload: object) => {
      const places = placesOf(root, payload).filter((place) => isPossible(kind, place, kept));
      const place = places[pick % Math.max(places.length, 1)];
      return place ? changed(payload, place, kind, stranger, keptAt(place, kept)) : payload;
    });
  return fc
    .array(one, { minLength: 1, maxLength: 4 })
    .map((changes) => (payload) => changes.reduce((value, change) => change(value), payload));
}

function placesOf(root: Schema, payload: unknown): Place[] {
  const walk = ({ path, schema: reference, value, isRequired }: Place): Place[] => {
    const schema = resolved(root, reference);
    const here = { path, schema, value, isRequired };
    if (Array.isArray(value) && schema.items)
      return [here, ...value.flatMap((item, n) => walk(part(here, n, schema.items as Schema, item, true)))];
    if (!isObject(value)) return [here];
    const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>;
    const required = (schema.required ?? []) as readonly string[];
    return [
      here,
      ...Object.entries(value).flatMap(([name, member]) =>
        walk(part(here, name, properties[name] ?? {}, member, required.includes(name))),
      ),
    ];
  };
  return walk({ path: [], schema: root, value: payload, isRequired: true });
}

const part = (
  { path, isRequired }: Place,
  name: string | number,
  schema: Schema,
  value: unknown,
  isRequiredHere: boolean,
): Place => ({ path: [...path, name], schema, value, isRequired: isRequired && isRequiredHere });

const resolved = (root: Schema, schema: Schema): Schema =>
  typeof schema.$ref === "string"
    ? ((root.definitions as Record<string, Schema>)[schema.$ref.replace("#/definitions/", "")] as Schema)
    : schema;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const startsWith = (path: readonly unknown[], start: readonly unknown[]): boolean =>
  start.every((name, n) => path[n] === name);

function keptAt({ path, schema, isRequired }: Place, kept: AllKept): Pick<Kept, "kind"> | undefined {
  if (kept !== "required")
    return kept.find((member) => member.path.length === path.length && startsWith(member.path, path));
  return isRequired ? kindOf(schema) : undefined;
}

function kindOf({ type, enum: words }: Schema): Pick<Kept, "kind"> | undefined {
  if (words) return { kind: "word" };
  if (type === "integer" || type === "number" || type === "boolean") return { kind: type };
  return type === "string" ? { kind: "text" } : undefined;
}

const holdsKept = ({ path, isRequired }: Place, kept: AllKept): boolean =>
  kept === "required" ? isRequired : kept.some((member) => startsWith(member.path, path));

function isPossible(kind: Kind, place: Place, kept: AllKept): boolean {
  const { path, schema, value } = place;
  const own = keptAt(place, kept);
  switch (kind) {
    case "drop":
    case "null":
    case "single":
      if (path.length === 0 || holdsKept(place, kept)) return false;
      return kind !== "single" || (Array.isArray(value) && value.length > 0);
    case "retype":
      return path.length > 0 && (own ? own.kind !== "word" : !holdsKept(place, kept));
    case "lengthen":
      return typeof value === "string" && (own === undefined || own.kind === "text");
    case "unlist":
      return schema.enum !== undefined && own?.kind !== "word";
    case "unknown":
      return isObject(value);
  }
}

function changed(
  payload: object,
  { path, value }: Place,
  kind: Kind,
  stranger: unknown,
  own: Pick<Kept, "kind"> | undefined,
): object {
  switch (kind) {
    case "drop":
      return at(payload, path, () => undefined);
    case "null":
      return at(payload, path, () => null);
    case "single":
      return at(payload, path, () => (value as unknown[])[0]);
    case "retype":
      return at(payload, path, () => (own ? otherType(own, value) : stranger));
    case "lengthen":
      return at(payload, path, () => `${value}${"x".repeat(3000)}`);
    case "unlist":
      return at(payload, path, () => "Unlisted");
    case "unknown":
      return at(payload, path, () => ({ ...(value as object), "a member of its own": stranger }));
  }
}

const otherType = ({ kind }: Pick<Kept, "kind">, value: unknown): unknown =>
  kind === "text" ? 4711 : String(value);

/** The payload with another value in a place; undefined removes it. */
function at(value: unknown, [name, ...path]: readonly (string | number)[], change: () => unknown): object {
  if (name === undefined) return change() as object;
  const member = (value as Record<string | number, unknown>)[name];
  const next = path.length === 0 ? change() : at(member, path, change);
  if (Array.isArray(value))
    return value.flatMap((item, n) => (n === name ? (next === undefined ? [] : [next]) : [item]));
  const { [name]: _, ...others } = value as Record<string | number, unknown>;
  return next === undefined ? others : { ...others, [name]: next };
}

/** A payload with another value of a member; undefined removes it. */
export const withMember = (payload: object, path: readonly string[], value: unknown): object =>
  at(payload, path, () => value);

/** The members that a schema requires, down to those of its objects; not those of lists. */
export function requiredMembers(
  root: Schema,
): { readonly path: readonly string[]; readonly schema: Schema }[] {
  const walk = (reference: Schema, path: readonly string[]): ReturnType<typeof requiredMembers> => {
    const schema = resolved(root, reference);
    const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>;
    return ((schema.required ?? []) as readonly string[]).flatMap((name) => {
      const member = resolved(root, properties[name] as Schema);
      return [{ path: [...path, name], schema: member }, ...walk(member, [...path, name])];
    });
  };
  return walk(root, []);
}
