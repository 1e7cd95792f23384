import type { Device, Payload } from "../behaviour.ts";
import type { Profile, Profiles, Schedule } from "../profiles.ts";
import type { Charging } from "./charging.ts";

const purposes: Readonly<Record<string, Profile["purpose"]>> = {
  ChargingStationMaxProfile: "StationMax",
  TxDefaultProfile: "TxDefault",
  TxProfile: "Tx",
};

/** ChargingProfileType. */
export interface ChargingProfile {
  readonly id: number;
  readonly stackLevel: number;
  readonly chargingProfilePurpose: string;
  readonly chargingProfileKind: string;
  readonly recurrencyKind?: string;
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly transactionId?: string;
  readonly chargingSchedule: readonly [Schedule, ...Schedule[]];
}

interface Criteria {
  readonly evseId?: number | undefined;
  readonly chargingProfilePurpose?: string;
  readonly stackLevel?: number;
  readonly chargingProfileId?: readonly number[];
}

export const profileOf = (profile: ChargingProfile, purpose: Profile["purpose"]): Profile => ({
  id: profile.id,
  stackLevel: profile.stackLevel,
  purpose,
  kind: profile.chargingProfileKind,
  recurrency: profile.recurrencyKind,
  validFrom: profile.validFrom,
  validTo: profile.validTo,
  transactionId: profile.transactionId,
  schedule: profile.chargingSchedule[0],
});

/** Whether a profile meets criteria. */
const meets =
  ({ evseId, chargingProfilePurpose, stackLevel, chargingProfileId }: Criteria) =>
  ({ place, profile }: { readonly place: number; readonly profile: Profile }): boolean =>
    (evseId ?? place) === place &&
    (stackLevel ?? profile.stackLevel) === profile.stackLevel &&
    (chargingProfilePurpose === undefined || purposes[chargingProfilePurpose] === profile.purpose) &&
    (chargingProfileId?.includes(profile.id) ?? true);

/** K01, K08, K09 and K10 */
export function createProfiles(device: Device, charging: Charging, profiles: Profiles) {
  return {
    SetChargingProfile: (request: { evseId: number; chargingProfile: ChargingProfile }): Payload => {
      const { evseId, chargingProfile } = request;
      const purpose = purposes[chargingProfile.chargingProfilePurpose];
      if (evseId > device.connectors || purpose === undefined) return { status: "Rejected" };
      if (purpose === "Tx" && !charging.isChargingAt(evseId)) return { status: "Rejected" };
      profiles.set(evseId, profileOf(chargingProfile, purpose), chargingProfile);
      return { status: "Accepted" };
    },

    /** The answer first, then a message for each EVSE that has profiles. */
    GetChargingProfiles: (request: {
      requestId: number;
      evseId?: number;
      chargingProfile: Criteria;
    }): Payload => {
      const { requestId, evseId, chargingProfile } = request;
      const found = profiles.matching(meets({ ...chargingProfile, evseId }));
      if (found.length === 0) return { status: "NoProfiles" };
      const places = [...new Set(found.map(({ place }) => place))];
      device.after(0, async () => {
        for (const [n, place] of places.entries()) {
          const part = found.filter((one) => one.place === place);
          await device.report("ReportChargingProfiles", {
            ...{ requestId, chargingLimitSource: "CSO", evseId: place },
            chargingProfile: part.map(({ source }) => source),
            tbc: n < places.length - 1,
          });
        }
      });
      return { status: "Accepted" };
    },

    ClearChargingProfile: (request: {
      chargingProfileId?: number;
      chargingProfileCriteria?: Criteria;
    }): Payload => {
      const { chargingProfileId: id, chargingProfileCriteria: criteria = {} } = request;
      const isMeant = meets({ ...criteria, ...(id !== undefined && { chargingProfileId: [id] }) });
      return { status: profiles.clear(isMeant) ? "Accepted" : "Unknown" };
    },

    GetCompositeSchedule: (request: {
      evseId: number;
      duration: number;
      chargingRateUnit?: string;
    }): Payload => {
      const { evseId, duration, chargingRateUnit = "W" } = request;
      if (evseId > device.connectors) return { status: "Rejected" };
      const now = device.now();
      const schedule = profiles.composite(evseId, now, duration, chargingRateUnit);
      return {
        status: "Accepted",
        schedule: { evseId, scheduleStart: now.toISOString(), ...schedule },
      };
    },
  };
}
