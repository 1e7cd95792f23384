import { ChargingProfileSchema } from "../../dialects/charging-profile.ts";
import { type CommandRoute, connectorMembers, messageId, status } from "../command-route.ts";

export const route = {
  operationId: "setChargingProfile",
  path: "set_charging_profile",
  summary: "Give a connector or a station a charging profile",
  description:
    "Without a connector the whole station is meant. A profile of the same number, or of the same purpose and stack level at the same connector, is replaced.",
  body: {
    type: "object",
    properties: { profile: ChargingProfileSchema, ...connectorMembers },
    required: ["profile"],
    additionalProperties: false,
    examples: [
      {
        connector: "1",
        profile: {
          stackLevel: 0,
          purpose: "TxDefault",
          kind: "Relative",
          schedule: { unit: "A", periods: [{ startSeconds: 0, limit: 16 }] },
        },
      },
    ],
  },
  answer: {
    properties: {
      ocppMessageId: messageId,
      status,
      profileId: { type: "integer", description: "The profile's number, generated if the request has none." },
    },
    required: ["ocppMessageId", "profileId"],
  },
} as const satisfies CommandRoute;
