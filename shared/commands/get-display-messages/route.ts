import { displayMessageId, priorities, states } from "../../dialects/display-message.ts";
import { type CommandRoute, messageId, status } from "../command-route.ts";

const text = { type: "string" } as const;

export const route = {
  operationId: "getDisplayMessages",
  path: "get_display_messages",
  summary: "List the messages that a station shows",
  description:
    "OCPP 2.x. The station reports its messages after its answer; the response waits for all of them. `Unknown`: no message matches. Without a member, all messages are meant.",
  body: {
    type: "object",
    properties: {
      ids: { type: "array", minItems: 1, maxItems: 1000, items: displayMessageId },
      priority: { type: "string", enum: priorities },
      state: { type: "string", enum: states },
    },
    additionalProperties: false,
    examples: [{ priority: "NormalCycle" }],
  },
  bodyOptional: true,
  answer: {
    properties: {
      ocppMessageId: messageId,
      status,
      messages: {
        type: "array",
        items: {
          type: "object",
          // the words are the station's
          properties: {
            messageId: displayMessageId,
            ...{ priority: text, state: text, startAt: text, endAt: text, transactionId: text },
            ...{ content: text, format: text, language: text },
          },
        },
        description: "Each as `message` of set_display_message. Absent for a station with `link: legacy`.",
      },
    },
    required: ["ocppMessageId"],
  },
} as const satisfies CommandRoute;
