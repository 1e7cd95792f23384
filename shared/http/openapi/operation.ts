import type { JSONSchema } from "json-schema-to-ts";
import type { ProblemSlug } from "../../problems.ts";
import type { Route, SuccessResponse } from "../route.ts";
import { bodyOf, resultOf } from "./components.ts";
import examples from "./examples.json" with { type: "json" };
import { linksOf } from "./links.ts";
import { errorResponses } from "./problems.ts";
import { written } from "./references.ts";

/** Responses of the relay itself, by operation and status: test/e2e/examples.e2e.test.ts records them. */
const recorded: Readonly<Record<string, Readonly<Record<string, unknown>>>> = examples;

/** What the path parameters are, whatever route they are in. */
const pathParameters: Readonly<Record<string, string>> = {
  cpId: "The station's id, or its identity in the caller's network.",
  connectorUuid: "The connector's id.",
  cpConnectorUuid: "The connector's id.",
  commandId: "The command's id.",
  id: "The transaction's id: `id`, not the station's `transactionId`.",
  attemptId: "The attempt's id.",
  referenceId: "The command's reference.",
  entryId: "The entry's id.",
  networkId: "The network's id.",
  assetId: "The station's id, or its identity in the caller's network.",
  rateId: "The rate's id in the network.",
};

/** One route as an OpenAPI operation. */
export function operation(
  route: Route,
  { scopePrefix, routes }: { readonly scopePrefix: string; readonly routes: readonly Route[] },
): Record<string, unknown> {
  const { operationId, summary, description, scopes } = route;
  return {
    operationId,
    summary,
    ...(description && { description }),
    // each is an alternative: one of the scopes is enough
    security: scopes.map((scope) => ({ clientCredentials: [scopePrefix + scope] })),
    parameters: [
      ...pathParametersOf(route),
      ...fieldsOf("query", route.query),
      ...fieldsOf("header", route.headers),
    ],
    ...(route.body && {
      requestBody: {
        required: !route.bodyOptional,
        content: {
          "application/json": { schema: bodyOf(route), ...exampleOf(recorded[operationId]?.request) },
        },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, response]) => [
          status,
          successResponse(route, response, { routes, example: recorded[operationId]?.[status] }),
        ]),
      ),
      ...errorResponses(problemsOf(route), {
        needsToken: scopes.length > 0,
        hasBody: route.body !== undefined,
      }),
    },
  };
}

const pathParametersOf = ({ path, params }: Route) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    ...(pathParameters[name] && { description: pathParameters[name] }),
    schema: written(params?.[name] ?? { type: "string" }),
  }));

const fieldsOf = (place: "query" | "header", fields: Readonly<Record<string, JSONSchema>> = {}) =>
  Object.entries(fields).map(([name, schema]) => {
    const { description, ...rest } = schema as Exclude<JSONSchema, boolean>;
    return {
      name: place === "header" ? headerName(name) : name,
      in: place,
      ...(description && { description }),
      schema: written(rest),
    };
  });

/** `idempotency-key` is written `Idempotency-Key`. */
const headerName = (name: string): string =>
  name.replace(/(?:^|-)[a-z]/g, (beginning) => beginning.toUpperCase());

interface Described {
  readonly routes: readonly Route[];
  readonly example: unknown;
}

function successResponse(
  route: Route,
  { description, schema, headers }: SuccessResponse,
  { routes, example }: Described,
): unknown {
  const links = linksOf(route, schema, routes);
  return {
    description,
    ...(headers && {
      headers: Object.fromEntries(Object.entries(headers).map(([name, schema]) => [name, headerOf(schema)])),
    }),
    ...(schema !== null && {
      content: { "application/json": { schema: resultOf(route, schema), ...exampleOf(example) } },
    }),
    ...(Object.keys(links).length > 0 && { links }),
  };
}

const exampleOf = (example: unknown) => (example === undefined ? {} : { example });

function headerOf(schema: JSONSchema): unknown {
  const { description, ...rest } = schema as Exclude<JSONSchema, boolean>;
  return { ...(description && { description }), schema: written(rest) };
}

/** The problems that a route lists, and those that come with what it takes. */
function problemsOf({ scopes, body, query, params, headers, problems }: Route): ProblemSlug[] {
  const isOfNetworks = scopes.some((scope) => !scope.endsWith(":network"));
  const takesInput = body ?? query ?? params ?? headers;
  return [
    ...(takesInput ? (["invalid-request"] as const) : []),
    ...(body ? (["unsupported-media-type"] as const) : []),
    ...(scopes.length > 0 ? (["forbidden"] as const) : []),
    ...(isOfNetworks ? (["no-network"] as const) : []),
    ...problems,
    "internal",
  ];
}
