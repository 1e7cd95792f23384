import type { JSONSchema } from "json-schema-to-ts";
import { namedSchemas } from "../schemas.ts";
import { plain } from "./plain.ts";

const names = new Map<unknown, string>(Object.entries(namedSchemas).map(([name, schema]) => [schema, name]));

export const referenceTo = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** The name of a schema that the document lists; undefined for an inline schema. */
export const nameOfSchema = (schema: unknown): string | undefined => names.get(schema);

/** Writes a schema where it is used: as a reference if it has a name. */
export function written(schema: unknown): unknown {
  const name = nameOfSchema(schema);
  return name === undefined ? definitionOf(schema) : referenceTo(name);
}

/** Writes the schema itself, with references to the named schemas inside it. */
export function definitionOf(schema: JSONSchema | unknown): unknown {
  if (Array.isArray(schema)) return schema.map(written);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(Object.entries(plain(schema)).map(([key, value]) => [key, written(value)]));
}
