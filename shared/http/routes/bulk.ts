import { bulkCommandNames } from "../../bulk/names.ts";
import type { Route } from "../route.ts";
import { Bulk, BulkResult, idempotencyHeader, listOf, network, paging } from "../schemas.ts";
import { stationFilter } from "./stations.ts";

const bulk = "/remote_commands/bulk";
const readScopes = ["read:ocpp", "write:ocpp"] as const;
const ownOnly = " With `write:ocpp` alone, a client reads only what it sent itself.";
const location = { Location: { type: "string", description: "The address of the bulk command." } } as const;

/** Commands to many stations. */
export const bulkCommandRoutes = [
  {
    operationId: "createBulkCommand",
    method: "POST",
    path: bulk,
    scopes: ["write:ocpp"],
    summary: "Send a command to many stations",
    description:
      "Sends the command to each of up to 10,000 stations, at most once to each. The stations are those that match when the request is accepted. An id that is unknown becomes a result that is `failed` with `not-found`. A bulk command takes slots of the network's limit, and leaves one free for other commands; it waits instead of being refused.",
    query: network,
    headers: idempotencyHeader,
    body: {
      type: "object",
      properties: {
        command: {
          type: "string",
          enum: bulkCommandNames,
          description: "The command, as its own route names it.",
        },
        input: {
          type: "object",
          description: "The body of the command's own route. It must not contain a secret.",
        },
        stations: {
          type: "object",
          description: "Either `ids` or `filter`.",
          properties: {
            ids: {
              type: "array",
              minItems: 1,
              maxItems: 10_000,
              items: { type: "string", minLength: 1, maxLength: 200 },
              description: "Stations' ids, or identities in the network. A repeated one counts once.",
            },
            filter: {
              type: "object",
              description: "As the query of `listStations`; `{}` means all stations of the network.",
              properties: stationFilter,
              additionalProperties: false,
            },
          },
          additionalProperties: false,
        },
        parallel: {
          type: "integer",
          minimum: 1,
          maximum: 100,
          description:
            "How many stations at once, at most; by default half of the network's limit. Values above 50 count as 50.",
        },
        offline: {
          type: "string",
          enum: ["skip", "wait"],
          default: "skip",
          description:
            "What happens at a station that is not connected: `skip` ends it, `wait` sends the command when the station connects before `expiresAt`.",
        },
        expiresAt: {
          type: "string",
          format: "date-time",
          description: "With `wait`: at most 7 days ahead, by default in 24 h.",
        },
        stopAfterFailures: {
          type: "integer",
          minimum: 1,
          maximum: 10_000,
          description: "Sends it to no further station once so many results are `failed`.",
        },
      },
      required: ["command", "stations"],
      additionalProperties: false,
      examples: [
        {
          command: "change_configurations",
          input: { configurations: [{ key: "HeartbeatInterval", value: "300" }] },
          stations: { filter: { connected: true, tag: "depot-7" } },
          stopAfterFailures: 20,
        },
      ],
    },
    responses: { 202: { description: "The bulk command is accepted.", schema: Bulk, headers: location } },
    problems: ["not-found", "idempotency-key-reused"],
  },
  {
    operationId: "listBulkCommands",
    method: "GET",
    path: bulk,
    scopes: readScopes,
    summary: "List the bulk commands of a network, newest first",
    description: `Returns bulk commands with their counts.${ownOnly}`,
    query: { ...network, ...paging },
    responses: { 200: { description: "Bulk commands, newest first.", schema: listOf(Bulk) } },
    problems: ["not-found"],
  },
  {
    operationId: "getBulkCommand",
    method: "GET",
    path: `${bulk}/{bulkId}`,
    scopes: readScopes,
    summary: "Read a bulk command",
    description: `Returns the state of a bulk command and how many stations have ended in which way. A station is counted after its result was stored.${ownOnly}`,
    responses: { 200: { description: "The bulk command.", schema: Bulk } },
    problems: ["not-found"],
  },
  {
    operationId: "listBulkResults",
    method: "GET",
    path: `${bulk}/{bulkId}/results`,
    scopes: readScopes,
    summary: "List the results of a bulk command",
    description: `Returns one result for each station, in the order in which the stations are taken. One request looks at 2,000 stations at most: a page with \`outcome\` may have fewer items than \`limit\`, or none, and still a \`nextCursor\`.${ownOnly}`,
    query: { ...paging, outcome: BulkResult.properties.outcome },
    responses: { 200: { description: "Results.", schema: listOf(BulkResult) } },
    problems: ["not-found"],
  },
  {
    operationId: "cancelBulkCommand",
    method: "DELETE",
    path: `${bulk}/{bulkId}`,
    scopes: ["write:ocpp"],
    summary: "Cancel a bulk command",
    description:
      "Sends the command to no further station. What was sent goes on to its result. A bulk command that has ended stays as it is.",
    responses: { 200: { description: "The bulk command.", schema: Bulk } },
    problems: ["not-found"],
  },
  {
    operationId: "retryBulkCommand",
    method: "POST",
    path: `${bulk}/{bulkId}/retry`,
    scopes: ["write:ocpp"],
    summary: "Send a bulk command again where it failed",
    description:
      "Creates a new bulk command with the same input for the stations whose result is `failed`. A station that did not answer in time may have executed the first one.",
    headers: idempotencyHeader,
    responses: { 202: { description: "The new bulk command.", schema: Bulk, headers: location } },
    problems: ["not-found", "idempotency-key-reused"],
  },
] as const satisfies readonly Route[];
