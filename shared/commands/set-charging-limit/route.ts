import { type CommandRoute, connectorMembers, messageId, status } from "../command-route.ts";

export const route = {
  operationId: "setChargingLimit",
  path: "set_charging_limit",
  summary: "Limit what a connector or a station draws",
  description:
    "One number, for so many minutes or until clear_charging_limit takes it back. It is a charging profile of stack level 0: a maximum of the station, or a default for the charges of the connector. A second limit replaces the first.",
  body: {
    type: "object",
    properties: {
      ...connectorMembers,
      limit: {
        type: "number",
        minimum: 0,
        description: "In `unit`. OCPP 1.6 has one decimal.",
        examples: [16],
      },
      unit: { type: "string", enum: ["A", "W"], description: "Amperes for each phase, or watts in all." },
      minutes: {
        type: "integer",
        minimum: 1,
        maximum: 527_040,
        description: "The limit ends by itself then. Absent: it has no end.",
      },
    },
    required: ["limit", "unit"],
    additionalProperties: false,
    examples: [{ limit: 16, unit: "A", minutes: 90 }],
  },
  answer: {
    properties: {
      ocppMessageId: messageId,
      status,
      profileId: { type: "integer", description: "The number of the charging profile that sets the limit." },
    },
    required: ["ocppMessageId", "profileId"],
  },
} as const satisfies CommandRoute;
