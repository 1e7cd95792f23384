import { NETWORK_ID_PATTERN } from "../../ids.ts";
import type { Route } from "../route.ts";
import { listOf, Network, paging } from "../schemas.ts";

const params = { networkId: { type: "string", pattern: NETWORK_ID_PATTERN } } as const;

/** Networks: operators' routes, over all networks. */
export const networkRoutes = [
  {
    operationId: "putNetwork",
    method: "PUT",
    path: "/networks/{networkId}",
    scopes: ["write:network"],
    summary: "Create or replace a network",
    description: "Members that are absent take their default. Running commands keep their slots.",
    params,
    body: {
      type: "object",
      properties: {
        networkId: { type: "string", description: "The one in the path, if it is given here too." },
        name: { type: "string", minLength: 1, maxLength: 200, description: "By default the network's id." },
        parallelRequests: {
          type: "integer",
          minimum: 1,
          maximum: 100,
          default: 10,
          description: "How many remote commands may run at once.",
        },
        clients: {
          type: "array",
          maxItems: 100,
          default: [],
          items: { type: "string", minLength: 1, maxLength: 200 },
          description: "The OAuth clients that belong to it; one that no network lists belongs to `default`.",
        },
        allowUnauthenticatedStations: { type: "boolean", default: false },
        authorization: {
          type: "string",
          enum: ["acceptAll", "remoteStartOnly"],
          default: "acceptAll",
          description: "How a station's Authorize and the idTokenInfo of a transaction are answered.",
        },
        stationMessages: {
          type: "string",
          enum: ["liberal", "strict"],
          default: "liberal",
          description:
            "How messages of stations are met that deviate from their OCPP schema. `liberal`: what can be read is used, the deviation is noted in the communication log. `strict`, for certification: such a message is refused. A change holds from the station's next connection on.",
        },
        inUse: { description: "Ignored: a network that was read can be put back." },
      },
      additionalProperties: false,
    },
    bodyOptional: true,
    responses: {
      200: { description: "The network, as it is now.", schema: Network },
      201: { description: "The network, which is new.", schema: Network },
    },
    problems: [],
  },
  {
    operationId: "getNetwork",
    method: "GET",
    path: "/networks/{networkId}",
    scopes: ["read:network"],
    summary: "Read a network",
    description: "Returns the settings of a network and how many commands it runs now.",
    responses: { 200: { description: "The network.", schema: Network } },
    problems: ["not-found"],
  },
  {
    operationId: "listNetworks",
    method: "GET",
    path: "/networks",
    scopes: ["read:network"],
    summary: "List networks",
    description: "Returns all networks, ordered by id.",
    query: paging,
    responses: { 200: { description: "Networks by id.", schema: listOf(Network) } },
    problems: [],
  },
] as const satisfies readonly Route[];
