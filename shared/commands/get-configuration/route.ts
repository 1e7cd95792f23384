import { type CommandRoute, messageId } from "../command-route.ts";

export const route = {
  operationId: "getConfiguration",
  path: "get_configuration",
  summary: "Read configuration keys from a station",
  description:
    "Without keys, or with an empty list, all keys are read. OCPP 2.x stations accept standard keys of OCPP 1.6, too, such as `HeartbeatInterval` for `OCPPCommCtrlr.HeartbeatInterval`.",
  body: {
    type: "object",
    properties: {
      keys: { type: "array", items: { type: "string", minLength: 1 }, examples: [["HeartbeatInterval"]] },
    },
    additionalProperties: false,
  },
  bodyOptional: true,
  answer: {
    properties: {
      ocppMessageIds: { type: "array", items: messageId },
      configurationKeys: {
        type: "array",
        items: {
          type: "object",
          properties: {
            key: { type: "string" },
            value: { type: "string", description: "Secrets read `***`." },
            readonly: { type: "boolean" },
            status: {
              type: "string",
              description: "Present if an OCPP 2.x station does not return the value, such as `Rejected`.",
            },
          },
          required: ["key", "readonly"],
        },
      },
      unknownKeys: { type: "array", items: { type: "string" } },
      status: { type: "string", description: "Present if an OCPP 2.x station refuses the report." },
    },
    required: ["ocppMessageIds"],
  },
} as const satisfies CommandRoute;
