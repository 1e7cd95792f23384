import { utc } from "../../schema/date-time.ts";
import type { ChargingProfile } from "../charging-profile.ts";
import { v16TransactionId } from "./transaction-id.ts";

export const purposes = {
  StationMax: "ChargePointMaxProfile",
  TxDefault: "TxDefaultProfile",
  Tx: "TxProfile",
} as const;

/** Limits have one decimal (§7.13). Further ones are cut off, so that no car draws more than was asked for. */
function limitOf(limit: number): number {
  const tenths = Math.round(limit * 10);
  return (tenths / 10 <= limit ? tenths : tenths - 1) / 10;
}

/** §7.8 ChargingProfile; a transactionId that is no integer is refused by the schema. */
export function chargingProfileOf(profile: ChargingProfile): object {
  const { profileId, stackLevel, purpose, kind, recurrency, validFrom, validTo, transactionId } = profile;
  const { unit, startAt, durationSeconds, minChargingRate, periods } = profile.schedule;
  return {
    chargingProfileId: profileId,
    ...(transactionId !== undefined && { transactionId: v16TransactionId(transactionId) }),
    stackLevel,
    chargingProfilePurpose: purposes[purpose],
    chargingProfileKind: kind,
    ...(recurrency !== undefined && { recurrencyKind: recurrency }),
    ...(validFrom !== undefined && { validFrom: utc(validFrom) }),
    ...(validTo !== undefined && { validTo: utc(validTo) }),
    chargingSchedule: {
      ...(durationSeconds !== undefined && { duration: durationSeconds }),
      ...(startAt !== undefined && { startSchedule: utc(startAt) }),
      chargingRateUnit: unit,
      chargingSchedulePeriod: periods.map(({ startSeconds, limit, numberPhases }) => ({
        startPeriod: startSeconds,
        limit: limitOf(limit),
        ...(numberPhases !== undefined && { numberPhases }),
      })),
      ...(minChargingRate !== undefined && { minChargingRate: limitOf(minChargingRate) }),
    },
  };
}
