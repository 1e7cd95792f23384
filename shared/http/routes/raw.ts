import { MESSAGE_ID_PATTERN } from "../../ids.ts";
import type { Route } from "../route.ts";
import { idempotencyHeader, NetworkId, Protocol } from "../schemas.ts";

const text = { type: "string" } as const;
const messageId = { type: "string", description: "The OCPP message id of the CALL." } as const;

/** Any CALL that the station's version lets a CSMS send. */
export const rawRoutes = [
  {
    operationId: "sendRawRequest",
    method: "POST",
    path: "/ocpp/v2/raw-request",
    scopes: ["write:ocpp.raw_request"],
    summary: "Send any OCPP request to a station",
    description: [
      "With `async: false` the response holds the station's answer; a CALLERROR is one, too. With `async: true` it comes at once, and the command resource under `Location` tells the outcome. Secrets read `***` in both; of the answer to a request that carried one, so does the station's own text.",
      "A request that carries a secret, such as AuthorizationKey, is queued nowhere. With `async: true` its response comes when it has gone out: at once, if no earlier command for the station is under way, and 503 `station-busy` where its turn does not come in time.",
    ].join("\n\n"),
    headers: {
      prefer: {
        type: "string",
        description:
          "RFC 7240: `wait=N` gives up after N seconds instead of 25 (at most 25). Whether to wait at all is said by `async`.",
        examples: ["wait=10"],
      },
      ...idempotencyHeader,
    },
    body: {
      type: "object",
      properties: {
        action: {
          type: "string",
          minLength: 1,
          maxLength: 100,
          description: "Every action that a CSMS sends in the station's OCPP version.",
          examples: ["TriggerMessage"],
        },
        assetId: { type: "string", minLength: 1, description: "The station's cpId, or its identity." },
        payload: { type: "object", description: "As the OCPP schema of the action wants it." },
        network: {
          type: "object",
          properties: { id: NetworkId },
          required: ["id"],
          additionalProperties: false,
          description: "In which network an identity is meant, for clients of several.",
        },
        async: {
          type: "boolean",
          default: true,
          description: "Whether the response comes before the answer.",
        },
        requestId: {
          type: "string",
          pattern: MESSAGE_ID_PATTERN,
          description:
            "Becomes the OCPP message id, and so the command's id: unique for the station. By default a new UUID.",
        },
        validate: {
          type: "boolean",
          default: true,
          description: "`false` sends the payload as it is, and takes any answer.",
        },
      },
      required: ["action", "assetId", "payload"],
      additionalProperties: false,
      examples: [
        {
          action: "TriggerMessage",
          assetId: "CP001",
          payload: { requestedMessage: "Heartbeat" },
          async: false,
        },
      ],
    },
    responses: {
      200: {
        description: "The request was delivered, or with `async: true` is on its way.",
        schema: {
          type: "object",
          properties: {
            status: { const: "Success" },
            async: { type: "boolean" },
            ocppMessageId: messageId,
            data: {
              type: "object",
              properties: {
                ocppMessageId: messageId,
                connection: {
                  type: "object",
                  properties: { connectionId: text, protocol: Protocol },
                  required: ["connectionId", "protocol"],
                },
                request: {
                  type: "object",
                  properties: {
                    messageType: { const: "2" },
                    messageId,
                    action: text,
                    payload: { type: "object" },
                  },
                  required: ["messageType", "messageId", "action", "payload"],
                },
                response: {
                  type: "object",
                  description: "With `async: false`; not for a station with `link: legacy`.",
                  properties: {
                    messageType: { type: "string", enum: ["CALL_RESULT", "CALL_ERROR"] },
                    messageId,
                    payload: {},
                    errorCode: text,
                    ErrorDescription: { type: "string", description: "Spelled so." },
                    errorDetails: {},
                  },
                  required: ["messageType", "messageId", "payload"],
                },
              },
              required: ["ocppMessageId", "connection", "request"],
            },
          },
          required: ["status", "async", "ocppMessageId", "data"],
        },
        headers: { Location: { type: "string", description: "Where the command can be read." } },
      },
    },
    problems: [
      "not-found",
      "station-not-connected",
      "message-id-reused",
      "payload-too-large",
      "payload-violates-schema",
      "not-supported-by-protocol",
      "idempotency-key-reused",
      "too-many-parallel-requests",
      "invalid-station-answer",
      "connection-lost",
      "station-busy",
      "station-timeout",
    ],
  },
] as const satisfies readonly Route[];
