import type { JSONSchema } from "json-schema-to-ts";
import type { Route } from "../route.ts";
import { Command, CommandReference } from "../schemas.ts";

type Properties = Readonly<Record<string, JSONSchema>>;

/** The operations that read what a POST created: each needs only values of this response and its request. */
export function linksOf(
  route: Route,
  schema: JSONSchema | null,
  routes: readonly Route[],
): Record<string, unknown> {
  if (route.method !== "POST" || schema === null) return {};
  const properties = ((schema as Exclude<JSONSchema, boolean>).properties ?? {}) as Properties;
  const readers = routes.filter((reader) => {
    if (reader.method !== "GET") return false;
    if (schema === CommandReference) return reader.path === `${route.path}/status/{referenceId}`;
    if (reader.operationId === "getCommand") return commandIdOf(schema, properties) !== undefined;
    return reader.path.startsWith(`${route.path}/{`) && reader.path.endsWith("}");
  });
  return Object.fromEntries(
    readers.map((reader) => [reader.operationId, link(route, reader, schema, properties)]),
  );
}

/** Raw requests name the command by its OCPP message id. */
function commandIdOf(schema: JSONSchema, properties: Properties): string | undefined {
  if (schema === Command) return "commandId";
  return ["commandId", "ocppMessageId"].find((name) => name in properties);
}

function link(route: Route, reader: Route, schema: JSONSchema, properties: Properties): unknown {
  const names = [...reader.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const value = (name: string) => {
    if (route.path.includes(`{${name}}`)) return `$request.path.${name}`;
    if (reader.operationId === "getCommand") return `$response.body#/${commandIdOf(schema, properties)}`;
    return `$response.body#/${name in properties ? name : "id"}`;
  };
  return {
    operationId: reader.operationId,
    description: reader.summary,
    parameters: Object.fromEntries(names.map((name) => [name, value(name)])),
  };
}
