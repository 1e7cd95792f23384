import { type CommandRoute, connectorMembers, statusAnswer } from "../command-route.ts";

export const route = {
  operationId: "clearChargingProfile",
  path: "clear_charging_profile",
  summary: "Remove charging profiles from a station",
  description:
    "Removes the profile of that number, or all that match the other members. Without any member all profiles are removed. `Unknown`: there was none.",
  body: {
    type: "object",
    properties: {
      profileId: { type: "integer", minimum: 0, maximum: 2_147_483_647 },
      ...connectorMembers,
      purpose: { type: "string", enum: ["StationMax", "TxDefault", "Tx"] },
      stackLevel: { type: "integer", minimum: 0, maximum: 2_147_483_647 },
    },
    additionalProperties: false,
    examples: [{ profileId: 7 }],
  },
  bodyOptional: true,
  answer: statusAnswer,
} as const satisfies CommandRoute;
