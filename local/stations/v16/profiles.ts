import type { Payload } from "../behaviour.ts";
import type { Charging } from "./charging.ts";
import type { Requests } from "./requests.ts";

/** Charging profiles are kept and listed, but the simulated cars charge as they like. */
export function createProfiles(charging: Charging) {
  /** Connector by profile. */
  const profiles = new Map<number, number>();
  return {
    SetChargingProfile: ({ connectorId, csChargingProfiles }: Requests["SetChargingProfile"]): Payload => {
      if (!charging.has(connectorId)) return { status: "Rejected" };
      profiles.set(csChargingProfiles.chargingProfileId, connectorId);
      return { status: "Accepted" };
    },
    ClearChargingProfile: ({ id, connectorId }: Requests["ClearChargingProfile"]): Payload => {
      const cleared = [...profiles].filter(
        ([profile, connector]) => (id ?? profile) === profile && (connectorId ?? connector) === connector,
      );
      for (const [profile] of cleared) profiles.delete(profile);
      return { status: cleared.length > 0 ? "Accepted" : "Unknown" };
    },
    GetCompositeSchedule: (): Payload => ({ status: "Rejected" }),
  };
}
