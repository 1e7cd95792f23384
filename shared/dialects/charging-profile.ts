/** A charging profile as the API takes it, whatever version of OCPP the station speaks. Pure data and types. */

import type { FromSchema } from "json-schema-to-ts";
import type { DeepReadonly } from "../schema/deep-readonly.ts";

const time = { type: "string", format: "date-time" } as const;
const count = { type: "integer", minimum: 0, maximum: 2_147_483_647 } as const;

export const ChargingScheduleSchema = {
  type: "object",
  properties: {
    unit: { type: "string", enum: ["A", "W"] },
    startAt: { ...time, description: "For `Absolute` and `Recurring` profiles." },
    durationSeconds: count,
    minChargingRate: { type: "number", minimum: 0 },
    periods: {
      type: "array",
      minItems: 1,
      maxItems: 1024,
      items: {
        type: "object",
        properties: {
          startSeconds: { ...count, description: "From the beginning of the schedule; the first one is 0." },
          limit: {
            type: "number",
            minimum: 0,
            description: "In `unit`. OCPP 1.6 has one decimal: further ones are cut off.",
          },
          numberPhases: { type: "integer", minimum: 1, maximum: 3 },
        },
        required: ["startSeconds", "limit"],
        additionalProperties: false,
      },
    },
  },
  required: ["unit", "periods"],
  additionalProperties: false,
} as const;

const properties = {
  profileId: {
    ...count,
    minimum: 1,
    description: "Absent: a number is generated. A profile of the same number is replaced.",
  },
  stackLevel: { ...count, description: "Of several profiles, the one with the highest stack level counts." },
  purpose: { type: "string", enum: ["StationMax", "TxDefault", "Tx"] },
  kind: { type: "string", enum: ["Absolute", "Recurring", "Relative"] },
  recurrency: { type: "string", enum: ["Daily", "Weekly"], description: "For `Recurring` profiles." },
  validFrom: time,
  validTo: time,
  transactionId: { type: "string", minLength: 1, maxLength: 36 },
  schedule: ChargingScheduleSchema,
} as const;

export const ChargingProfileSchema = {
  type: "object",
  properties,
  required: ["stackLevel", "purpose", "kind", "schedule"],
  additionalProperties: false,
} as const;

const { transactionId: _, ...ofEveryProfile } = properties;

/**
 * The profile of a charge that is started from here: it has no transaction yet, and is one for the transaction that
 * will be (1.6 §5.16.2, 2.0.1 F01.FR.10).
 */
export const StartChargingProfileSchema = {
  type: "object",
  properties: {
    ...ofEveryProfile,
    purpose: {
      type: "string",
      enum: ["Tx"],
      description: "Absent: `Tx`, the only one that a start can have.",
    },
  },
  required: ["stackLevel", "kind", "schedule"],
  additionalProperties: false,
} as const;

export type StartChargingProfile = FromSchema<typeof StartChargingProfileSchema>;

export type ChargingProfile = DeepReadonly<FromSchema<typeof ChargingProfileSchema>> & {
  /** Given out where the caller named none. */
  readonly profileId: number;
};

export type ChargingSchedule = DeepReadonly<FromSchema<typeof ChargingScheduleSchema>>;
