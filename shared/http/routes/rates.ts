import { etagHeader, ifMatch } from "../if-match.ts";
import { rateLimitHeaders } from "../rate-limit.ts";
import type { Route } from "../route.ts";
import { idempotencyHeader, listOf, network, Protocol, paging, Rate } from "../schemas.ts";

const text = { type: "string" } as const;
const params = { rateId: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$" } } as const;

const { rateId: _, networkId: __, ...settings } = Rate.properties;

const headers = {
  prefer: {
    type: "string",
    description: "RFC 7240: `wait=N` waits at most N seconds instead of 25 (maximum 25).",
    examples: ["wait=10"],
  },
  ...idempotencyHeader,
} as const;

const sending = [
  "not-found",
  "station-not-connected",
  "payload-too-large",
  "payload-violates-schema",
  "not-supported-by-protocol",
  "idempotency-key-reused",
  "too-many-parallel-requests",
  "station-call-error",
  "invalid-station-answer",
  "connection-lost",
  "station-busy",
  "station-timeout",
] as const;

/** Prices, and their display on stations. */
export const rateRoutes = [
  {
    operationId: "putRate",
    method: "PUT",
    path: "/rates/{rateId}",
    scopes: ["write:asset"],
    summary: "Create or replace a rate",
    description: "Stores a rate of the network. A station shows a new or changed rate after `syncRate`.",
    params,
    query: network,
    headers: ifMatch,
    body: {
      type: "object",
      properties: settings,
      required: ["currency", "priceText"],
      additionalProperties: false,
      examples: [
        {
          currency: "EUR",
          priceText: "0.45 €/kWh",
          translations: { de: "0,45 €/kWh" },
          chargingPrice: { kWhPrice: 0.45 },
        },
      ],
    },
    responses: {
      200: { description: "The updated rate.", schema: Rate, headers: etagHeader },
      201: { description: "The created rate.", schema: Rate, headers: etagHeader },
    },
    problems: ["not-found", "precondition-failed"],
  },
  {
    operationId: "getRate",
    method: "GET",
    path: "/rates/{rateId}",
    scopes: ["read:asset"],
    summary: "Read a rate",
    description: "Returns a rate of the network.",
    query: network,
    responses: { 200: { description: "The rate.", schema: Rate, headers: etagHeader } },
    problems: ["not-found"],
  },
  {
    operationId: "listRates",
    method: "GET",
    path: "/rates",
    scopes: ["read:asset"],
    summary: "List the rates of a network",
    description: "Returns the rates of the network, ordered by id.",
    query: { ...network, ...paging },
    responses: { 200: { description: "Rates, ordered by id.", schema: listOf(Rate) } },
    problems: ["not-found"],
  },
  {
    operationId: "deleteRate",
    method: "DELETE",
    path: "/rates/{rateId}",
    scopes: ["write:asset"],
    summary: "Delete a rate",
    description: "Removes the rate from all stations that have it. Their displays do not change.",
    query: network,
    headers: ifMatch,
    responses: { 204: { description: "It is gone.", schema: null } },
    problems: ["not-found", "precondition-failed"],
  },
  {
    operationId: "syncRate",
    method: "POST",
    path: "/ocpp/v2/assets/{assetId}/rate-display/sync-rate",
    scopes: ["write:ocpp"],
    summary: "Show a station's rate on its display",
    description:
      "Sends the station's rate to its display: `DefaultPrice` (at most 500 characters of JSON) for OCPP 1.6, variables of TariffCostCtrlr for 2.0.1, a default tariff for 2.1. A station that lacks a language of the rate still counts as accepted.",
    query: network,
    headers,
    responses: {
      200: {
        description: "The station's answer. `status` is absent for a station with `link: legacy`.",
        schema: {
          type: "object",
          properties: {
            status: { type: "string", description: "`Accepted`, or the station's refusal." },
            timestamp: { type: "string", format: "date-time" },
            data: {
              type: "object",
              properties: {
                ocppMessageId: { type: "string", description: "The OCPP message id of the first CALL." },
                rateId: text,
                connection: {
                  type: "object",
                  properties: { connectionId: text, protocol: Protocol },
                  required: ["connectionId", "protocol"],
                },
              },
              required: ["ocppMessageId", "rateId", "connection"],
            },
          },
          required: ["timestamp", "data"],
        },
        headers: rateLimitHeaders,
      },
    },
    problems: ["no-rate-assigned", ...sending],
  },
  {
    operationId: "disableRate",
    method: "POST",
    path: "/ocpp/v2/assets/{assetId}/rate-display/disable",
    scopes: ["write:ocpp"],
    summary: "Remove the price from a station's display",
    description:
      "Asks the station to show no price. The assigned rate does not change. The body is empty if the price is gone; otherwise it has the station's refusal.",
    query: network,
    headers,
    responses: {
      200: {
        description:
          "Without a body: the price is gone, or the station has `link: legacy` and its answer is not awaited. With a body: the station refused.",
        schema: {
          type: "object",
          properties: {
            status: { type: "string", description: "The station's refusal.", examples: ["NotSupported"] },
          },
          required: ["status"],
        },
        bodyOptional: true,
        headers: {
          Location: { type: "string", description: "The address of the command." },
          ...rateLimitHeaders,
        },
      },
    },
    problems: sending,
  },
] as const satisfies readonly Route[];
