import type { Schema } from "./validate.ts";

/**
 * Removes members that are `null` where their schema neither requires them nor takes `null`: clients in typed
 * languages often send every member. Required members stay, so that validation names them.
 */
export function withoutAbsent(schema: Schema | undefined, value: unknown): unknown {
  if (schema === undefined || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = schema.items as Schema | undefined;
    return items === undefined ? value : value.map((item) => withoutAbsent(items, item));
  }
  const properties = schema.properties as Readonly<Record<string, Schema>> | undefined;
  if (properties === undefined) return value;
  const required = (schema.required ?? []) as readonly string[];
  const kept = Object.entries(value).filter(([name, member]) => {
    if (member !== null || !Object.hasOwn(properties, name)) return true;
    return required.includes(name) || takesNull(properties[name] as Schema);
  });
  return Object.fromEntries(
    kept.map(([name, member]) => [
      name,
      Object.hasOwn(properties, name) ? withoutAbsent(properties[name], member) : member,
    ]),
  );
}

/** A schema without a type takes every value. */
function takesNull({ type }: Schema): boolean {
  return type === undefined || type === "null" || (Array.isArray(type) && type.includes("null"));
}
