import type { Schema } from "./validate.ts";

/**
 * Replaces texts that equal a value of their schema's `enum` except for upper and lower case by that value:
 * `soft` is understood as `Soft`. All else stays, so that validation names it.
 */
export function asSpelled(schema: Schema | undefined, value: unknown): unknown {
  if (schema === undefined) return value;
  if (typeof value === "string") return spelled((schema.enum ?? []) as readonly unknown[], value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = schema.items as Schema | undefined;
    return items === undefined ? value : value.map((item) => asSpelled(items, item));
  }
  const properties = schema.properties as Readonly<Record<string, Schema>> | undefined;
  if (properties === undefined) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      Object.hasOwn(properties, name) ? asSpelled(properties[name], member) : member,
    ]),
  );
}

function spelled(options: readonly unknown[], text: string): unknown {
  if (options.includes(text)) return text;
  const lower = text.toLowerCase();
  const same = options.filter((option) => typeof option === "string" && option.toLowerCase() === lower);
  return same.length === 1 ? same[0] : text;
}
