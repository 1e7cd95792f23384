import { type CommandRoute, statusAnswer } from "../command-route.ts";

export const route = {
  operationId: "cancelReservation",
  path: "cancel_reservation",
  summary: "Cancel a reservation",
  body: {
    type: "object",
    properties: {
      reservationId: { type: "integer", minimum: 0, maximum: 2_147_483_647, examples: [7] },
    },
    required: ["reservationId"],
    additionalProperties: false,
    examples: [{ reservationId: 7 }],
  },
  answer: statusAnswer,
} as const satisfies CommandRoute;
