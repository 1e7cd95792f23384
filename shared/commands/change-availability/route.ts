import { type CommandRoute, connectorMembers, statusAnswer } from "../command-route.ts";

export const route = {
  operationId: "changeAvailability",
  path: "change_availability",
  summary: "Take a connector or a station into or out of operation",
  description:
    "Without a connector the whole station is meant. `Scheduled`: the station does it when the running charge has ended.",
  body: {
    type: "object",
    properties: { type: { type: "string", enum: ["Operative", "Inoperative"] }, ...connectorMembers },
    required: ["type"],
    additionalProperties: false,
    examples: [{ type: "Inoperative", connector: "1" }],
  },
  answer: statusAnswer,
} as const satisfies CommandRoute;
