import { type CommandRoute, connectorMembers, statusAnswer } from "../command-route.ts";

export const route = {
  operationId: "clearChargingLimit",
  path: "clear_charging_limit",
  summary: "Take back what set_charging_limit set",
  description: "Of that connector, or of the station as a whole. `Unknown`: the station has no such limit.",
  body: {
    type: "object",
    properties: connectorMembers,
    additionalProperties: false,
    examples: [{ connector: "1" }],
  },
  bodyOptional: true,
  answer: statusAnswer,
} as const satisfies CommandRoute;
