import { DisplayMessageSchema, displayMessageId } from "../../dialects/display-message.ts";
import { type CommandRoute, messageId, status } from "../command-route.ts";

export const route = {
  operationId: "setDisplayMessage",
  path: "set_display_message",
  summary: "Show a message on a station's display",
  description: "OCPP 2.x. A station that speaks 1.6 is 422 `not-supported-by-protocol`.",
  body: {
    type: "object",
    properties: { message: DisplayMessageSchema },
    required: ["message"],
    additionalProperties: false,
    examples: [
      { message: { messageId: 7, priority: "NormalCycle", content: "Closed from 10 pm", format: "UTF8" } },
    ],
  },
  answer: {
    properties: {
      ocppMessageId: messageId,
      status,
      messageId: {
        ...displayMessageId,
        description: "The message's number: the given one, or a generated one.",
      },
    },
    required: ["ocppMessageId", "messageId"],
  },
} as const satisfies CommandRoute;
