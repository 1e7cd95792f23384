import type { Route } from "../route.ts";
import { Command, idempotencyHeader, network, ProblemDetails } from "../schemas.ts";

const text = { type: "string" } as const;
const id = { type: "string", description: "The command's id: GET /remote_commands/{commandId}." } as const;
const messageId = { type: "string", description: "The OCPP message id of the CALL." } as const;

const headers = {
  prefer: {
    type: "string",
    description:
      "RFC 7240: `wait=N` gives up after N seconds instead of 25 (at most 25), `respond-async` answers 202 at once.",
    examples: ["wait=10", "respond-async"],
  },
  ...idempotencyHeader,
} as const;

/** The 202 of `respond-async`, which all of them can give. */
const accepted = {
  description: "`Prefer: respond-async`: the command is under way.",
  schema: Command,
  headers: { Location: { type: "string", description: "Where the command can be read." } },
} as const;

/** Where a station's answer cannot be waited for, the members that would hold it are absent. */
const legacyNote =
  "A station with `link: legacy` gets the CALL and the response comes at once, without the members that hold its answer.";

const problems = [
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

const status = { type: "string", description: "The station's own answer; a refusal is one, too." } as const;

const common = { method: "POST", scopes: ["write:ocpp"], query: network, headers, problems } as const;

/** Commands that are held open until the station has answered. */
export const synchronousRoutes = [
  {
    ...common,
    operationId: "getConfiguration",
    path: "/remote_commands/synchronous/{cpId}/get_configuration",
    summary: "Read configuration keys from a station",
    description: `Without keys, or with none of them named, all are read. ${legacyNote}`,
    body: {
      type: "object",
      properties: {
        keys: { type: "array", items: { type: "string", minLength: 1 }, examples: [["HeartbeatInterval"]] },
      },
      additionalProperties: false,
    },
    bodyOptional: true,
    responses: {
      200: {
        description: "What the station answered.",
        schema: {
          type: "object",
          properties: {
            commandId: id,
            ocppMessageIds: { type: "array", items: messageId },
            configurationKeys: {
              type: "array",
              items: {
                type: "object",
                properties: {
                  key: text,
                  value: { type: "string", description: "Secrets read `***`." },
                  readonly: { type: "boolean" },
                },
                required: ["key", "readonly"],
              },
            },
            unknownKeys: { type: "array", items: text },
            status: { type: "string", description: "Where an OCPP 2.x station refuses the report." },
          },
          required: ["commandId", "ocppMessageIds"],
        },
      },
      202: accepted,
    },
  },
  {
    ...common,
    operationId: "changeConfigurations",
    path: "/remote_commands/synchronous/{cpId}/change_configurations",
    summary: "Change configuration keys of a station",
    description: [
      `A key that fails does not stop the rest. ${legacyNote}`,
      "Values of keys that name a secret, such as AuthorizationKey, are kept nowhere, nor what the station says about them but its status. Where one is among the values, the 202 of `respond-async` and a legacy station's 200 come when the last CALL has gone out, because none of them is queued; 503 `station-busy` where the first one's turn does not come in time.",
    ].join("\n\n"),
    body: {
      type: "object",
      properties: {
        configurations: {
          type: "array",
          minItems: 1,
          maxItems: 100,
          items: {
            type: "object",
            properties: { key: { type: "string", minLength: 1 }, value: text },
            required: ["key", "value"],
            additionalProperties: false,
          },
          examples: [[{ key: "HeartbeatInterval", value: "300" }]],
        },
      },
      required: ["configurations"],
      additionalProperties: false,
    },
    responses: {
      200: {
        description: "What became of each key, in the order of the request.",
        schema: {
          type: "object",
          properties: {
            commandId: id,
            results: {
              type: "array",
              items: {
                type: "object",
                properties: {
                  key: text,
                  status: { ...status, examples: ["Accepted", "RebootRequired"] },
                  ocppMessageId: messageId,
                  error: ProblemDetails,
                },
                required: ["key"],
              },
            },
          },
          required: ["commandId", "results"],
        },
      },
      202: accepted,
    },
  },
  {
    ...common,
    operationId: "reset",
    path: "/remote_commands/synchronous/{cpId}/reset",
    summary: "Reset a station",
    description: legacyNote,
    body: {
      type: "object",
      properties: { type: { type: "string", enum: ["Hard", "Soft"] } },
      required: ["type"],
      additionalProperties: false,
    },
    responses: {
      200: {
        description: "What the station answered.",
        schema: {
          type: "object",
          properties: { commandId: id, ocppMessageId: messageId, status },
          required: ["commandId", "ocppMessageId"],
        },
      },
      202: accepted,
    },
  },
  {
    ...common,
    operationId: "unlockConnector",
    path: "/remote_commands/synchronous/{cpId}/unlock_connector/{cpConnectorUuid}",
    summary: "Unlock a connector",
    description: legacyNote,
    responses: {
      200: {
        description: "What the station answered.",
        schema: {
          type: "object",
          properties: { commandId: id, ocppMessageId: messageId, status },
          required: ["commandId", "ocppMessageId"],
        },
      },
      202: accepted,
    },
  },
  {
    ...common,
    operationId: "setPassword",
    path: "/stations/{cpId}/password",
    scopes: ["write:asset"],
    summary: "Give a station a new password",
    description: [
      "For stations with `auth.type` `basic`. Sent as AuthorizationKey (OCPP 1.6) or BasicAuthPassword (2.x). The old password stays valid until the station has connected with the new one; a station that refuses it keeps the old one. After a 502 or 504 both are valid, since nobody knows which the station has.",
      "A generated password is in this response only, and not in that of a repeat with the same Idempotency-Key: who wants to be sure of it gives one. `Prefer: respond-async` is not offered, because nothing may keep the password meanwhile.",
      "A station with `link: legacy` gets the CALL and the response comes at once, without `status`; the password is valid from then on, too.",
    ].join("\n\n"),
    headers: {
      prefer: {
        type: "string",
        description: "RFC 7240: `wait=N` gives up after N seconds instead of 25 (at most 25).",
        examples: ["wait=10"],
      },
      ...idempotencyHeader,
    },
    secrets: ["password"],
    body: {
      type: "object",
      properties: {
        password: {
          type: "string",
          pattern: "^[A-Za-z0-9*_=:+|@.~-]{16,40}$",
          description:
            "16 to 40 of the characters that OCPP 2.x allows. OCPP 1.6 takes 16 to 20, or 32 to 40 hexadecimal digits, which stand for as many bytes. Generated where it is absent.",
        },
      },
      additionalProperties: false,
    },
    bodyOptional: true,
    responses: {
      200: {
        description: "What the station answered.",
        schema: {
          type: "object",
          properties: {
            commandId: id,
            ocppMessageId: messageId,
            status: { ...status, examples: ["Accepted", "RebootRequired", "Rejected"] },
            password: {
              type: "string",
              description: "A generated one, where the station has taken it. Nobody can tell it again.",
            },
          },
          required: ["commandId", "ocppMessageId"],
        },
      },
    },
  },
] as const satisfies readonly Route[];
