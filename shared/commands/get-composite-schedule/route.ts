import { ChargingScheduleSchema } from "../../dialects/charging-profile.ts";
import { type CommandRoute, connectorMembers, messageId, status } from "../command-route.ts";

export const route = {
  operationId: "getCompositeSchedule",
  path: "get_composite_schedule",
  summary: "Ask what limits the profiles of a connector or a station come to",
  description: "Without a connector the whole station is meant.",
  body: {
    type: "object",
    properties: {
      ...connectorMembers,
      durationSeconds: { type: "integer", minimum: 1, maximum: 2_147_483_647, examples: [3600] },
      unit: { type: "string", enum: ["A", "W"] },
    },
    required: ["durationSeconds"],
    additionalProperties: false,
    examples: [{ connector: "1", durationSeconds: 3600, unit: "A" }],
  },
  answer: {
    properties: {
      ocppMessageId: messageId,
      status,
      schedule: { ...ChargingScheduleSchema, description: "Absent if the station has none, or refuses." },
    },
    required: ["ocppMessageId"],
  },
} as const satisfies CommandRoute;
