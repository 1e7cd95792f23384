import { MESSAGE_ID_PATTERN } from "../../ids.ts";
import { csmsActionsOf } from "../../ocpp/actions.ts";
import { PROTOCOLS } from "../../ocpp/protocols.ts";
import { rateLimitHeaders } from "../rate-limit.ts";
import type { Route } from "../route.ts";
import { idempotencyHeader, NetworkId, Protocol } from "../schemas.ts";

const text = { type: "string" } as const;
const messageId = { type: "string", description: "The OCPP message id of the CALL." } as const;

const listOfActions = PROTOCOLS.map((protocol) => `${protocol}: ${csmsActionsOf(protocol).join(", ")}.`).join(
  "\n\n",
);

/** Any CALL that the station's version lets a CSMS send. */
export const rawRoutes = [
  {
    operationId: "sendRawRequest",
    method: "POST",
    path: "/ocpp/v2/raw-request",
    scopes: ["write:ocpp.raw_request"],
    summary: "Send any OCPP request to a station",
    description: [
      "With `async: false` the response contains the station's answer, also if it is a CALLERROR. With `async: true` the response does not wait for the station, and the command resource in `Location` contains the outcome. Secrets are shown as `***`. If the request contained a secret, free text of the station in the answer is shown as `***`, too.",
      "A request that contains a secret, such as AuthorizationKey, is never queued. With `async: true` its response comes after the CALL was sent. That is immediately if the station has no other command in progress; 503 `station-busy` means that the CALL could not be sent in time.",
    ].join("\n\n"),
    headers: {
      prefer: {
        type: "string",
        description:
          "RFC 7240: `wait=N` waits at most N seconds instead of 25 (maximum 25). `async` determines whether the response waits.",
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
          description: `Every action that a CSMS sends in the station's OCPP version.\n\n${listOfActions}`,
          examples: ["TriggerMessage"],
        },
        assetId: { type: "string", minLength: 1, description: "The station's cpId, or its identity." },
        payload: { type: "object", description: "The payload, by the OCPP schema of the action." },
        network: {
          type: "object",
          properties: { id: NetworkId },
          required: ["id"],
          additionalProperties: false,
          description: "The network of the identity. For clients of several networks.",
        },
        async: {
          type: "boolean",
          default: true,
          description: "If true, the response does not wait for the station's answer.",
        },
        requestId: {
          type: "string",
          pattern: MESSAGE_ID_PATTERN,
          description:
            "Used as OCPP message id and as id of the command. Must be unique for the station. By default a new UUID.",
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
        description: "The request was delivered, or with `async: true` accepted for delivery.",
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
        headers: {
          Location: { type: "string", description: "The address of the command." },
          ...rateLimitHeaders,
        },
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
