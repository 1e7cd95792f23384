import { displayMessageId } from "../../dialects/display-message.ts";
import { type CommandRoute, statusAnswer } from "../command-route.ts";

export const route = {
  operationId: "clearDisplayMessage",
  path: "clear_display_message",
  summary: "Remove a message from a station's display",
  description: "OCPP 2.x. `Unknown`: the station has no message of that number.",
  body: {
    type: "object",
    properties: { messageId: displayMessageId },
    required: ["messageId"],
    additionalProperties: false,
    examples: [{ messageId: 7 }],
  },
  answer: statusAnswer,
} as const satisfies CommandRoute;
