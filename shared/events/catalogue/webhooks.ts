import { type Described, dateTime, eventIdOf, ofNetwork, requiredOfNetwork, text } from "./members.ts";

export const webhookEvents = {
  "webhook.disabled": {
    when: "the relay switched a webhook off, because of its receiver",
    data: {
      type: "object",
      description: "A webhook that gets no events any more, until a PUT enables it.",
      properties: {
        ...ofNetwork,
        webhookId: text,
        reason: {
          type: "string",
          enum: ["gone", "failing"],
          description: "`gone`: the receiver answered 410. `failing`: nothing was delivered for five days.",
        },
        at: dateTime,
      },
      required: [...requiredOfNetwork, "webhookId", "reason", "at"],
    },
    example: {
      eventId: eventIdOf("webhook.disabled"),
      networkId: "default",
      webhookId: "billing",
      reason: "gone",
      at: "2026-11-28T09:30:00.000Z",
    },
  },
} as const satisfies Described<"webhook.disabled">;
