/** A message on a station's display as the API takes and returns it. OCPP 2.x only. Pure data and types. */

import type { FromSchema } from "json-schema-to-ts";
import type { DeepReadonly } from "../schema/deep-readonly.ts";

const time = { type: "string", format: "date-time" } as const;

export const priorities = ["AlwaysFront", "InFront", "NormalCycle"] as const;

/** The states of a station while which a message is shown; the last two are 2.1's. */
export const states = ["Charging", "Faulted", "Idle", "Unavailable", "Suspended", "Discharging"] as const;

export const displayMessageId = { type: "integer", minimum: 0, maximum: 2_147_483_647 } as const;

export const DisplayMessageSchema = {
  type: "object",
  properties: {
    messageId: {
      ...displayMessageId,
      description: "Absent: a number is generated. A message of the same number is replaced.",
    },
    priority: { type: "string", enum: priorities },
    state: {
      type: "string",
      enum: states,
      description:
        "Shown while the station is in this state; absent: in each. `Suspended` and `Discharging` need OCPP 2.1.",
    },
    startAt: time,
    endAt: time,
    transactionId: {
      type: "string",
      minLength: 1,
      maxLength: 36,
      description: "Shown during this transaction, and removed at its end.",
    },
    content: {
      type: "string",
      minLength: 1,
      maxLength: 1024,
      description: "OCPP 2.0.1 takes 512 characters.",
    },
    format: {
      type: "string",
      enum: ["ASCII", "HTML", "URI", "UTF8", "QRCODE"],
      description: "`QRCODE` needs OCPP 2.1.",
    },
    language: { type: "string", maxLength: 8, description: "RFC 5646.", examples: ["de"] },
  },
  required: ["priority", "content", "format"],
  additionalProperties: false,
} as const;

export type DisplayMessage = DeepReadonly<FromSchema<typeof DisplayMessageSchema>>;
