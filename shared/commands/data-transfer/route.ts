import { type CommandRoute, messageId, status } from "../command-route.ts";

const anyJson = {
  description: "Any JSON. In OCPP 1.6 data is text: other JSON is sent as its text.",
} as const;

export const route = {
  operationId: "dataTransfer",
  path: "data_transfer",
  summary: "Send a message of a vendor's own",
  body: {
    type: "object",
    properties: {
      vendorId: { type: "string", minLength: 1, maxLength: 255, examples: ["com.example"] },
      messageId: { type: "string", minLength: 1, maxLength: 50 },
      data: anyJson,
    },
    required: ["vendorId"],
    additionalProperties: false,
    examples: [{ vendorId: "ocpp-relay", messageId: "echo", data: "hello" }],
  },
  answer: {
    properties: { ocppMessageId: messageId, status, data: { description: "As the station sent it." } },
    required: ["ocppMessageId"],
  },
} as const satisfies CommandRoute;
