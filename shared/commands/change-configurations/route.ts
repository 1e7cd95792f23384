import { ProblemDetails } from "../../problem-details.ts";
import { type CommandRoute, messageId, status } from "../command-route.ts";

export const route = {
  operationId: "changeConfigurations",
  path: "change_configurations",
  summary: "Change configuration keys of a station",
  description: [
    "A key that fails does not stop the rest. OCPP 2.x stations accept standard keys of OCPP 1.6, too.",
    "The values of keys that hold a secret, such as AuthorizationKey, are not stored. Of the station's answer to such a key, only the status is stored. A request with such a key is never queued: the 202 of `respond-async` and a legacy station's 200 come after the last CALL was sent, and 503 `station-busy` means that the first CALL could not be sent in time.",
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
          properties: { key: { type: "string", minLength: 1 }, value: { type: "string" } },
          required: ["key", "value"],
          additionalProperties: false,
        },
        examples: [[{ key: "HeartbeatInterval", value: "300" }]],
      },
    },
    required: ["configurations"],
    additionalProperties: false,
  },
  answer: {
    properties: {
      results: {
        type: "array",
        description: "The outcome of each key, in the order of the request.",
        items: {
          type: "object",
          properties: {
            key: { type: "string" },
            status: { ...status, examples: ["Accepted", "RebootRequired"] },
            ocppMessageId: messageId,
            error: ProblemDetails,
          },
          required: ["key"],
        },
      },
    },
    required: ["results"],
  },
} as const satisfies CommandRoute;
