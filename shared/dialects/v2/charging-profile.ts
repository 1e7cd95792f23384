import { utc } from "../../schema/date-time.ts";
import type { ChargingProfile } from "../charging-profile.ts";

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
