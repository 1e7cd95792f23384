/**
 * The OpenAPI 3.1 document, made from what the API runs on: the routes, the schemas that validate requests,
 * the catalogue of problems and the scopes.
 */

import type { Family, Route } from "../route.ts";
import { namedSchemas } from "../schemas.ts";
import { scopes } from "../scopes.ts";
import { operation } from "./operation.ts";
import { problemSchemas } from "./problems.ts";
import { definitionOf } from "./references.ts";

export interface OpenApiSettings {
  /** Where clients get tokens. */
  readonly tokenUrl: string;
  /** What stands before each scope in a token. */
  readonly scopePrefix: string;
}

const tags: Readonly<Record<Family, { readonly name: string; readonly description: string }>> = {
  synchronous: {
    name: "Synchronous commands",
    description:
      "Held open until the station has answered. A station's refusal is a 200: the answer is its own.",
  },
  asynchronous: {
    name: "Asynchronous commands",
    description: "Charges that are started and stopped, and what else nobody waits for.",
  },
  raw: { name: "Raw requests", description: "Any CALL that OCPP lets a CSMS send." },
  rates: { name: "Rates", description: "Prices, and their display on stations." },
  commands: { name: "Commands", description: "Every command is a resource, whoever waits for it." },
  stations: { name: "Stations", description: "Stations and what is known of them." },
  networks: { name: "Networks", description: "Tenants; for operators, over all networks." },
  openapi: { name: "API", description: "The API itself." },
};

export function openApiDocument(
  routes: readonly (Route & { readonly family: Family })[],
  { tokenUrl, scopePrefix }: OpenApiSettings,
): Record<string, unknown> {
  const paths = [...Map.groupBy(routes, ({ path }) => path)].map(([path, some]) => [
    path,
    Object.fromEntries(
      some.map((route) => [
        route.method.toLowerCase(),
        { tags: [tags[route.family].name], ...operation(route, scopePrefix) },
      ]),
    ),
  ]);
  return {
    openapi: "3.1.0",
    info: {
      title: "ocpp-relay",
      version: "1.0.0",
      summary: "Commands to EV charging stations, and the station's own answer in the same response",
      description:
        "Stations connect by OCPP-J; what is sent to them here is answered with what they say, whatever OCPP version they speak. Errors are RFC 9457 problem details.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: Object.values(tags),
    paths: Object.fromEntries(paths),
    components: {
      schemas: {
        ...Object.fromEntries(
          Object.entries(namedSchemas).map(([name, schema]) => [name, definitionOf(schema)]),
        ),
        ...problemSchemas(),
      },
      securitySchemes: {
        clientCredentials: {
          type: "oauth2",
          description: "A bearer JWT by the client credentials grant.",
          flows: {
            clientCredentials: {
              tokenUrl,
              scopes: Object.fromEntries(
                Object.entries(scopes).map(([scope, meaning]) => [scopePrefix + scope, meaning]),
              ),
            },
          },
        },
      },
    },
  };
}
