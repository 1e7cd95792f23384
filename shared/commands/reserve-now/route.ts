import { type CommandRoute, connectorMembers, messageId, status } from "../command-route.ts";

export const route = {
  operationId: "reserveNow",
  path: "reserve_now",
  summary: "Reserve a connector for a token",
  description: "Without a connector the station keeps one of its connectors free.",
  body: {
    type: "object",
    properties: {
      ...connectorMembers,
      idTag: { type: "string", minLength: 1, maxLength: 255, examples: ["0A1B2C3D"] },
      idTokenType: {
        type: "string",
        minLength: 1,
        maxLength: 20,
        description: "For OCPP 2.x; 1.6 knows no types of tokens. `Central` where it is absent.",
      },
      expiresAt: { type: "string", format: "date-time", description: "The reservation ends then." },
      reservationId: {
        type: "integer",
        minimum: 0,
        maximum: 2_147_483_647,
        description: "Generated where it is absent. A reservation of the same number is replaced.",
      },
    },
    required: ["idTag", "expiresAt"],
    additionalProperties: false,
    examples: [{ connector: "1", idTag: "0A1B2C3D", expiresAt: "2030-01-01T12:00:00Z", reservationId: 7 }],
  },
  answer: {
    properties: {
      ocppMessageId: messageId,
      status,
      reservationId: { type: "integer", description: "For cancel_reservation." },
    },
    required: ["ocppMessageId", "reservationId"],
  },
} as const satisfies CommandRoute;
