import type { JSONSchema } from "json-schema-to-ts";
import type { Route } from "../route.ts";
import { definitionOf, nameOfSchema, referenceTo } from "./references.ts";

const capitalized = (operationId: string): string =>
  operationId.charAt(0).toUpperCase() + operationId.slice(1);

/** `reset` takes a `ResetRequest`. */
const bodyName = ({ operationId }: Route): string => `${capitalized(operationId)}Request`;

/** `reset` answers with a `ResetResult`. */
const resultName = ({ operationId }: Route): string => `${capitalized(operationId)}Result`;

/** A reference to the body of a route, which the document lists by name. */
export const bodyOf = (route: Route): unknown => reference(route.body, bodyName(route));

/** A reference to a success response of a route. */
export const resultOf = (route: Route, schema: JSONSchema): unknown => reference(schema, resultName(route));

const reference = (schema: unknown, name: string) => referenceTo(nameOfSchema(schema) ?? name);

/** The bodies and success responses of a route that have no name of their own in schemas.ts. */
export function componentsOf(route: Route): Record<string, unknown> {
  const results = Object.values(route.responses).flatMap(({ schema }) =>
    schema === null || nameOfSchema(schema) ? [] : [schema],
  );
  if (new Set(results).size > 1) throw new Error(`${route.operationId} has two results without a name`);
  const [result] = results;
  return {
    ...(route.body && !nameOfSchema(route.body) && bodiesOf(route)),
    ...(result && { [resultName(route)]: described(result, `The result of \`${route.operationId}\`.`) }),
  };
}

/** Where a body is one of several, each is a component of its own. */
function bodiesOf(route: Route): Record<string, unknown> {
  const { body, alternatives } = route;
  const description = `The body of \`${route.operationId}\`.`;
  if (alternatives === undefined) return { [bodyName(route)]: described(body, description) };
  const { properties = {}, examples: _, ...rest } = body as Exclude<JSONSchema, boolean>;
  const each = Object.entries(alternatives).map(([name, required]) => {
    const own = required.map((property) => [property, (properties as Record<string, unknown>)[property]]);
    return [name, definitionOf({ ...rest, properties: Object.fromEntries(own), required })] as const;
  });
  return {
    ...Object.fromEntries(each),
    [bodyName(route)]: { description, oneOf: each.map(([name]) => referenceTo(name)) },
  };
}

const described = (schema: unknown, description: string): unknown => ({
  description,
  ...(definitionOf(schema) as object),
});
