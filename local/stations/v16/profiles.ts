import type { Device, Payload } from "../behaviour.ts";
import type { Profile, Profiles, Schedule } from "../profiles.ts";
import type { Charging } from "./charging.ts";
import type { Requests } from "./requests.ts";

const purposes: Readonly<Record<string, Profile["purpose"]>> = {
  ChargePointMaxProfile: "StationMax",
  TxDefaultProfile: "TxDefault",
  TxProfile: "Tx",
};

/** ChargingProfile of 1.6 (§7.8). */
export interface CsChargingProfiles {
  readonly chargingProfileId: number;
  readonly stackLevel: number;
  readonly chargingProfilePurpose: string;
  readonly chargingProfileKind: string;
  readonly recurrencyKind?: string;
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly transactionId?: number;
  readonly chargingSchedule: Schedule;
}

export const profileOf = (profile: CsChargingProfiles): Profile => ({
  id: profile.chargingProfileId,
  stackLevel: profile.stackLevel,
  purpose: purposes[profile.chargingProfilePurpose] ?? "TxDefault",
  kind: profile.chargingProfileKind,
  recurrency: profile.recurrencyKind,
  validFrom: profile.validFrom,
  validTo: profile.validTo,
  transactionId: profile.transactionId,
  schedule: profile.chargingSchedule,
});

/** §5.5, §5.7, §5.16 */
export function createProfiles(device: Device, charging: Charging, profiles: Profiles) {
  return {
    SetChargingProfile: ({ connectorId, csChargingProfiles }: Requests["SetChargingProfile"]): Payload => {
      const profile = profileOf(csChargingProfiles);
      const isOfNoTransaction = profile.purpose === "Tx" && !charging.isChargingAt(connectorId);
      if (!charging.has(connectorId) || isOfNoTransaction) return { status: "Rejected" };
      profiles.set(connectorId, profile, csChargingProfiles);
      return { status: "Accepted" };
    },
    ClearChargingProfile: (request: Requests["ClearChargingProfile"]): Payload => {
      const { id, connectorId, chargingProfilePurpose: purpose, stackLevel } = request;
      const isCleared = profiles.clear(
        ({ place, profile }) =>
          (id ?? profile.id) === profile.id &&
          (connectorId ?? place) === place &&
          (stackLevel ?? profile.stackLevel) === profile.stackLevel &&
          (purpose === undefined || purposes[purpose] === profile.purpose),
      );
      return { status: isCleared ? "Accepted" : "Unknown" };
    },
    GetCompositeSchedule: (request: Requests["GetCompositeSchedule"]): Payload => {
      const { connectorId, duration, chargingRateUnit = "W" } = request;
      if (!charging.has(connectorId)) return { status: "Rejected" };
      const now = device.now();
      return {
        status: "Accepted",
        connectorId,
        scheduleStart: now.toISOString(),
        chargingSchedule: { ...profiles.composite(connectorId, now, duration, chargingRateUnit) },
      };
    },
  };
}
