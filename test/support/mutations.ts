import fc from "fast-check";

/** Changes one place of a JSON value, and returns the changed copy. */
export type Mutation = (value: unknown) => unknown;

type Container = Record<string, unknown> | unknown[];

/** Values that are likely to be wrong wherever they are put. Integers stay within 53 bits. */
const strangers: fc.Arbitrary<unknown> = fc.oneof(
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  fc.string({ unit: "binary" }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(null, true, "", "x".repeat(2600), -1, 1.05, [], {}, "2026-02-30T00:00:00Z"),
);

/** Replaces, removes or adds something, at a random place and depth. */
export function mutationsOf(): fc.Arbitrary<Mutation> {
  const kind = fc.constantFrom("replace", "remove", "add", "duplicate");
  const place = fc.array(fc.nat(), { minLength: 1, maxLength: 6 });
  return fc
    .tuple(kind, place, fc.string({ maxLength: 10 }), strangers)
    .map(([kind, place, name, stranger]) => (value) => {
      const copy = structuredClone(value);
      if (!isContainer(copy)) return stranger;
      const [container, key] = walk(copy, place);
      if (kind === "add" && !Array.isArray(container)) set(container, name, stranger);
      else if (kind === "duplicate" && Array.isArray(container)) container.push(...container);
      else if (key === undefined) return stranger;
      else if (kind === "remove") remove(container, key);
      else set(container, key, stranger);
      return copy;
    });
}

/** A container somewhere in the value, and one of its keys; none where it is empty. */
function walk(container: Container, [turn = 0, ...turns]: number[]): [Container, string | undefined] {
  const keys = Object.keys(container);
  const key = keys[turn % Math.max(keys.length, 1)];
  const child = key === undefined ? undefined : (container as Record<string, unknown>)[key];
  return turns.length > 0 && isContainer(child) ? walk(child, turns) : [container, key];
}

/** As JSON.parse does it, for which `__proto__` is a name like any other. */
function set(container: Container, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, configurable: true, enumerable: true, writable: true });
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else delete container[key];
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}
