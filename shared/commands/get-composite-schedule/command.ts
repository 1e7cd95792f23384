import type { ChargingSchedule } from "../../dialects/charging-profile.ts";
import type { StatusOutput } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { evseIdOf, verifyConnector } from "../named-connector.ts";
import type { Answer } from "../session.ts";
import type { route } from "./route.ts";

interface ScheduleOutput extends StatusOutput {
  readonly schedule?: ChargingSchedule;
}

/** What both versions call the parts of a schedule. */
interface ScheduleMembers {
  readonly duration?: number;
  readonly chargingRateUnit: "A" | "W";
  readonly minChargingRate?: number;
  readonly chargingSchedulePeriod: readonly {
    readonly startPeriod: number;
    readonly limit: number;
    readonly numberPhases?: number;
  }[];
}

function scheduleOf(schedule: ScheduleMembers, startAt: string | undefined): ChargingSchedule {
  const { duration, chargingRateUnit, minChargingRate, chargingSchedulePeriod } = schedule;
  return {
    unit: chargingRateUnit,
    ...(startAt !== undefined && { startAt }),
    ...(duration !== undefined && { durationSeconds: duration }),
    ...(minChargingRate !== undefined && { minChargingRate }),
    periods: chargingSchedulePeriod.map(({ startPeriod, limit, numberPhases }) => ({
      startSeconds: startPeriod,
      limit,
      ...(numberPhases !== undefined && { numberPhases }),
    })),
  };
}

function outputOf(
  { ocppMessageId, payload }: Answer,
  schedule: ScheduleMembers | undefined,
  startAt: unknown,
): ScheduleOutput {
  if (!payload) return { ocppMessageId };
  const neutral = schedule && scheduleOf(schedule, startAt as string | undefined);
  return { ocppMessageId, status: payload.status as string, ...(neutral && { schedule: neutral }) };
}

export const getCompositeSchedule: Command<InputOf<typeof route>, ScheduleOutput> = {
  name: "get_composite_schedule",
  verify: verifyConnector,
  rows: {
    /** §5.7 Get Composite Schedule */
    v16: {
      async run({ durationSeconds, unit, ...named }, session) {
        const answer = await session.call("GetCompositeSchedule", {
          connectorId: evseIdOf(session.station, named),
          duration: durationSeconds,
          ...(unit && { chargingRateUnit: unit }),
        });
        const { chargingSchedule, scheduleStart } = answer.payload ?? {};
        const schedule = chargingSchedule as (ScheduleMembers & { startSchedule?: string }) | undefined;
        return outputOf(answer, schedule, schedule?.startSchedule ?? scheduleStart);
      },
    },

    /** K08 Get Composite Schedule */
    v2: {
      async run({ durationSeconds, unit, ...named }, session) {
        const answer = await session.call("GetCompositeSchedule", {
          evseId: evseIdOf(session.station, named),
          duration: durationSeconds,
          ...(unit && { chargingRateUnit: unit }),
        });
        const schedule = answer.payload?.schedule as
          | (ScheduleMembers & { scheduleStart?: string })
          | undefined;
        return outputOf(answer, schedule, schedule?.scheduleStart);
      },
    },
  },
};
