import { TYPES_ON_REQUEST } from "../../event-types.ts";
import { NETWORK_ID_PATTERN } from "../../ids.ts";
import { heartbeatIntervals } from "../../networks/heartbeat-interval.ts";
import { etagHeader, ifMatch } from "../if-match.ts";
import type { Route } from "../route.ts";
import { listOf, Network, paging } from "../schemas.ts";

const params = { networkId: { type: "string", pattern: NETWORK_ID_PATTERN } } as const;

/** A network's clients are written in one item, and one by one. */
export const MAXIMUM_CLIENTS = 100;

const clientId = { type: "string", minLength: 1, maxLength: 200 } as const;
const name = { type: "string", minLength: 1, maxLength: 200 } as const;
const parallelRequests = {
  type: "integer",
  minimum: 1,
  maximum: 100,
  description: "Maximum number of concurrent remote commands.",
} as const;
const clients = {
  type: "array",
  maxItems: MAXIMUM_CLIENTS,
  items: clientId,
  description:
    "The OAuth clients that belong to the network. A client that is removed from its last network belongs to no network.",
} as const;
const authorization = {
  type: "string",
  enum: ["acceptAll", "remoteStartOnly", "listed"],
  description:
    "Which tokens may charge: the answer to a station's Authorize, and the idTagInfo or idTokenInfo of transactions. `remoteStartOnly`: the tokens of remote starts. `listed`: those, and the tokens that the network's list accepts (`/tokens`).",
} as const;
const stationMessages = {
  type: "string",
  enum: ["liberal", "strict"],
  description:
    "The treatment of station messages that violate their OCPP schema. `liberal`: the readable part is used, and the communication log lists the violations. `strict`, for certification: the message is refused. A change takes effect at the next connection of a station.",
} as const;
const publish = {
  type: "array",
  items: { type: "string", enum: TYPES_ON_REQUEST },
  description:
    "Types of events to publish besides the others: `transaction.meterValues` is an event for each message with meter readings. A change takes effect at the next connection of a station, which is at most two hours later.",
} as const;
const heartbeatIntervalSeconds = {
  type: "integer",
  ...heartbeatIntervals,
  description:
    "Seconds between the Heartbeats of a station: the `interval` in the answer to its BootNotification. By default the deployment's, which is 300 unless it is set. A change takes effect at the first BootNotification on a new connection of a station.",
} as const;
const openToUnlistedClients = {
  type: "boolean",
  description:
    "Network `default` only: whether clients that no network has ever listed belong to it. Initially true. A change takes effect within a minute.",
} as const;

/** What a PATCH names, it changes. */
export const NetworkChanges = {
  type: "object",
  properties: {
    name: { ...name, type: ["string", "null"], description: "`null`: the network's id." },
    parallelRequests,
    clients: { ...clients, description: "Replaces the list of clients." },
    addClients: { ...clients, description: "Clients to add to the list." },
    removeClients: {
      ...clients,
      description:
        "Clients to remove from the list. A client that is removed from its last network belongs to no network.",
    },
    allowUnauthenticatedStations: { type: "boolean" },
    authorization,
    stationMessages,
    publish,
    heartbeatIntervalSeconds: {
      ...heartbeatIntervalSeconds,
      type: ["integer", "null"],
      description: `${heartbeatIntervalSeconds.description} \`null\`: the deployment's.`,
    },
    openToUnlistedClients,
  },
  minProperties: 1,
  additionalProperties: false,
  examples: [{ addClients: ["acme-client"] }],
} as const;

/** Networks: operators' routes, over all networks. */
export const networkRoutes = [
  {
    operationId: "putNetwork",
    method: "PUT",
    path: "/networks/{networkId}",
    scopes: ["write:network"],
    summary: "Create or replace a network",
    description:
      "Absent members get their default. Two members keep their value instead, because their default widens access: `authorization` (initially `acceptAll`) and `openToUnlistedClients`. `clients` is required if the network has clients. Running commands keep their slots.",
    params,
    headers: ifMatch,
    body: {
      type: "object",
      properties: {
        networkId: { type: "string", description: "Must be the id in the path, if present." },
        name: { ...name, description: "By default the network's id." },
        parallelRequests: { ...parallelRequests, default: 10 },
        clients: {
          ...clients,
          description: `${clients.description} Required where the network has clients already.`,
        },
        allowUnauthenticatedStations: { type: "boolean", default: false },
        authorization,
        stationMessages: { ...stationMessages, default: "liberal" },
        publish,
        heartbeatIntervalSeconds,
        openToUnlistedClients,
        inUse: { description: "Ignored, so that a network can be written as it was read." },
      },
      additionalProperties: false,
    },
    bodyOptional: true,
    responses: {
      200: { description: "The updated network.", schema: Network, headers: etagHeader },
      201: { description: "The created network.", schema: Network, headers: etagHeader },
    },
    problems: ["precondition-failed"],
  },
  {
    operationId: "patchNetwork",
    method: "PATCH",
    path: "/networks/{networkId}",
    scopes: ["write:network"],
    summary: "Change a network",
    description: "Changes what the body names. Clients are added and removed one by one.",
    headers: ifMatch,
    body: NetworkChanges,
    responses: {
      200: { description: "The updated network.", schema: Network, headers: etagHeader },
    },
    problems: ["not-found", "precondition-failed"],
  },
  {
    operationId: "deleteNetwork",
    method: "DELETE",
    path: "/networks/{networkId}",
    scopes: ["write:network"],
    summary: "Delete an empty network",
    description:
      "Deletes a network without stations, its rates, its tokens and its webhooks. Its clients do not become clients of `default`.",
    headers: ifMatch,
    responses: { 204: { description: "It is gone.", schema: null } },
    problems: ["not-found", "not-empty", "precondition-failed"],
  },
  {
    operationId: "getNetwork",
    method: "GET",
    path: "/networks/{networkId}",
    scopes: ["read:network"],
    summary: "Read a network",
    description: "Returns the settings of a network and the number of commands that it runs now.",
    responses: { 200: { description: "The network.", schema: Network, headers: etagHeader } },
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
