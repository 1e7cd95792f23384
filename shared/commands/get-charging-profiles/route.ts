import { ChargingScheduleSchema } from "../../dialects/charging-profile.ts";
import { type CommandRoute, connectorMembers, messageId, status } from "../command-route.ts";

const number = { type: "integer", minimum: 0, maximum: 2_147_483_647 } as const;
const text = { type: "string" } as const;

export const route = {
  operationId: "getChargingProfiles",
  path: "get_charging_profiles",
  summary: "List the charging profiles that a station has",
  description:
    "OCPP 2.x; 1.6 has only get_composite_schedule. The station reports its profiles after its answer; the response waits for all of them. `NoProfiles`: none matches. Without a member, all profiles are meant.",
  body: {
    type: "object",
    properties: {
      profileIds: { type: "array", minItems: 1, maxItems: 1000, items: number },
      ...connectorMembers,
      purpose: { type: "string", enum: ["StationMax", "TxDefault", "Tx"] },
      stackLevel: number,
    },
    additionalProperties: false,
    examples: [{ connector: "1", purpose: "TxDefault" }],
  },
  bodyOptional: true,
  answer: {
    properties: {
      ocppMessageId: messageId,
      status,
      profiles: {
        type: "array",
        items: {
          type: "object",
          properties: {
            evseId: { type: "integer", description: "0: the whole station." },
            ...{ profileId: number, stackLevel: number },
            // the words are the station's
            ...{ purpose: text, kind: text, recurrency: text },
            ...{ validFrom: text, validTo: text, transactionId: text },
            schedule: ChargingScheduleSchema,
          },
        },
        description:
          "Each as `profile` of set_charging_profile, with its EVSE. Absent for a station with `link: legacy`.",
      },
    },
    required: ["ocppMessageId"],
  },
} as const satisfies CommandRoute;
