import type { JSONSchema } from "json-schema-to-ts";
import { namedSchemas } from "../schemas.ts";

const names = new Map<unknown, string>(Object.entries(namedSchemas).map(([name, schema]) => [schema, name]));

export const referenceTo = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** The schema as it is written where it is used: by reference, where it or a part of it has a name. */
export function written(schema: unknown): unknown {
  const name = names.get(schema);
  return name === undefined ? definitionOf(schema) : referenceTo(name);
}

/** The schema itself, with references to the named ones in it. */
export function definitionOf(schema: JSONSchema | unknown): unknown {
  if (Array.isArray(schema)) return schema.map(written);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, written(value)]));
}
