/**
 * The OpenAPI 3.1 document, made from what the API runs on: the routes, the schemas that validate requests,
 * the catalogues of problems and of events, and the scopes.
 */

import type { Family, Route } from "../route.ts";
import { namedSchemas } from "../schemas.ts";
import { scopes } from "../scopes.ts";
import { componentsOf } from "./components.ts";
import { operation } from "./operation.ts";
import { GatewayError, problemSchemas } from "./problems.ts";
import { definitionOf } from "./references.ts";
import { type DescribedEvents, eventComponents, webhooksOf } from "./webhooks.ts";

export interface OpenApiSettings {
  /** Where this deployment answers. */
  readonly apiUrl: string;
  /** Where clients get tokens. */
  readonly tokenUrl: string;
  /** What stands before each scope in a token. */
  readonly scopePrefix: string;
}

const tags: Readonly<Record<Family, { readonly name: string; readonly description: string }>> = {
  synchronous: {
    name: "Synchronous commands",
    description:
      "The response waits for the station's answer, at most 25 s. A station's refusal is a 200: the body contains the station's own status.",
  },
  asynchronous: {
    name: "Asynchronous commands",
    description:
      "Start and stop charging, clear the cache. The response does not wait for the station; read the result at the address in `Location`.",
  },
  raw: { name: "Raw requests", description: "Send any OCPP request that a CSMS may send." },
  rates: { name: "Rates", description: "Prices, and their display on stations." },
  commands: {
    name: "Commands",
    description: "Every command is a resource with its state and its OCPP messages.",
  },
  bulk: {
    name: "Bulk commands",
    description:
      "One command for many stations, with a result for each. It runs after the response; read its progress at the address in `Location`.",
  },
  stations: {
    name: "Stations",
    description: "Stations, connectors, stored configuration, transactions and the communication log.",
  },
  tokens: {
    name: "Tokens",
    description: "The token list of a network. It decides who may charge where `authorization` is `listed`.",
  },
  webhooks: {
    name: "Webhooks",
    description:
      "Where the events of a network are sent, what became of each delivery, and how to send it again.",
  },
  networks: { name: "Networks", description: "Networks are tenants. These routes are for operators." },
  openapi: { name: "API", description: "The description of the API itself." },
};

const eventsTag = {
  name: "Events",
  description: "What the relay sends to webhooks. The events on the EventBridge bus have the same `data`.",
} as const;

export function openApiDocument(
  routes: readonly (Route & { readonly family: Family })[],
  events: DescribedEvents,
  { apiUrl, tokenUrl, scopePrefix }: OpenApiSettings,
): Record<string, unknown> {
  const paths = [...Map.groupBy(routes, ({ path }) => path)].map(([path, some]) => [
    path,
    Object.fromEntries(
      some.map((route) => [
        route.method.toLowerCase(),
        { tags: [tags[route.family].name], ...operation(route, { scopePrefix, routes }) },
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
        "Charging stations connect by OCPP-J over WebSocket. API clients send them commands here and get the station's own answer in the same response, for every OCPP version. Errors are RFC 9457 problem details.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: apiUrl }],
    tags: [...Object.values(tags), eventsTag],
    paths: Object.fromEntries(paths),
    webhooks: webhooksOf(events),
    components: {
      schemas: {
        ...Object.fromEntries(
          Object.entries(namedSchemas).map(([name, schema]) => [name, definitionOf(schema)]),
        ),
        ...problemSchemas(),
        GatewayError,
        ...Object.assign({}, ...routes.map(componentsOf)),
        ...eventComponents(events),
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
