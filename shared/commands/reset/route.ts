import { type CommandRoute, statusAnswer } from "../command-route.ts";

export const route = {
  operationId: "reset",
  path: "reset",
  summary: "Reset a station",
  body: {
    type: "object",
    properties: { type: { type: "string", enum: ["Hard", "Soft"] } },
    required: ["type"],
    additionalProperties: false,
  },
  answer: statusAnswer,
} as const satisfies CommandRoute;
