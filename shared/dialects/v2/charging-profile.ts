import { utc } from "../../schema/date-time.ts";
import type { ChargingProfile } from "../charging-profile.ts";
import { given } from "./given.ts";

export const purposes = {
  StationMax: "ChargingStationMaxProfile",
  TxDefault: "TxDefaultProfile",
  Tx: "TxProfile",
} as const;

/** ChargingProfileType of 2.0.1 and 2.1. Its schedules are numbered; there is one, the first. */
export function chargingProfileOf(profile: ChargingProfile): object {
  const { profileId, stackLevel, purpose, kind, recurrency, validFrom, validTo, transactionId } = profile;
  const { unit, startAt, durationSeconds, minChargingRate, periods } = profile.schedule;
  return {
    id: profileId,
    stackLevel,
    chargingProfilePurpose: purposes[purpose],
    chargingProfileKind: kind,
    ...(recurrency !== undefined && { recurrencyKind: recurrency }),
    ...(validFrom !== undefined && { validFrom: utc(validFrom) }),
    ...(validTo !== undefined && { validTo: utc(validTo) }),
    ...(transactionId !== undefined && { transactionId }),
    chargingSchedule: [
      {
        id: 1,
        ...(startAt !== undefined && { startSchedule: utc(startAt) }),
        ...(durationSeconds !== undefined && { duration: durationSeconds }),
        chargingRateUnit: unit,
        ...(minChargingRate !== undefined && { minChargingRate }),
        chargingSchedulePeriod: periods.map(({ startSeconds, limit, numberPhases }) => ({
          startPeriod: startSeconds,
          limit,
          ...(numberPhases !== undefined && { numberPhases }),
        })),
      },
    ],
  };
}

/** ChargingProfileType as a station reports it; it may leave out what its schema demands. */
export interface ReportedProfile {
  readonly id?: number;
  readonly stackLevel?: number;
  readonly chargingProfilePurpose?: string;
  readonly chargingProfileKind?: string;
  readonly recurrencyKind?: string;
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly transactionId?: string;
  readonly chargingSchedule?: readonly ReportedSchedule[];
}

interface ReportedSchedule {
  readonly startSchedule?: string;
  readonly duration?: number;
  readonly chargingRateUnit?: string;
  readonly minChargingRate?: number;
  readonly chargingSchedulePeriod?: readonly {
    readonly startPeriod?: number;
    readonly limit?: number;
    readonly numberPhases?: number;
  }[];
}

const neutralPurposes: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(purposes).map(([neutral, name]) => [name, neutral]),
);

/**
 * A reported profile in the neutral form, in which a purpose that the API does not set keeps the station's word. Of
 * several schedules (ISO 15118) the first is returned.
 */
export function neutralProfileOf(profile: ReportedProfile): object {
  const { id, stackLevel, chargingProfilePurpose: purpose, chargingProfileKind, recurrencyKind } = profile;
  const { validFrom, validTo, transactionId, chargingSchedule: [schedule] = [] } = profile;
  return given({
    profileId: id,
    stackLevel,
    purpose: purpose === undefined ? undefined : (neutralPurposes[purpose] ?? purpose),
    kind: chargingProfileKind,
    recurrency: recurrencyKind,
    validFrom,
    validTo,
    transactionId,
    schedule: schedule && neutralScheduleOf(schedule),
  });
}

function neutralScheduleOf(schedule: ReportedSchedule): object {
  const {
    startSchedule,
    duration,
    chargingRateUnit,
    minChargingRate,
    chargingSchedulePeriod = [],
  } = schedule;
  return given({
    unit: chargingRateUnit,
    startAt: startSchedule,
    durationSeconds: duration,
    minChargingRate,
    periods: chargingSchedulePeriod.map(({ startPeriod, limit, numberPhases }) =>
      given({ startSeconds: startPeriod, limit, numberPhases }),
    ),
  });
}
