import type { ChargingProfile } from "./charging-profile.ts";

/** Of the station's own limit; a connector's is that of its EVSE further on. */
const FIRST_PROFILE_ID = 900_000_000;

/** The number of the profile that limits a connector (by its EVSE), or the whole station (0). */
export const limitProfileId = (evseId: number): number => FIRST_PROFILE_ID + evseId;

export interface ChargingLimit {
  readonly limit: number;
  readonly unit: "A" | "W";
  readonly minutes?: number | undefined;
}

/**
 * The charging profile of a plain limit. The station's is a maximum over all connectors; a connector's is the default
 * of its charges, which holds for a running charge, too, unless that has a profile of its own (1.6 §3.13.1, K01).
 * It is absolute, from now on: a relative one would begin anew with each charge. Its end is in the schedule as well
 * as in `validTo`, because stations heed one or the other.
 *
 * @param evseId 0: the whole station
 */
export function limitProfile(
  evseId: number,
  { limit, unit, minutes }: ChargingLimit,
  nowMs: number,
): ChargingProfile {
  const startAt = new Date(nowMs).toISOString();
  return {
    profileId: limitProfileId(evseId),
    stackLevel: 0,
    purpose: evseId === 0 ? "StationMax" : "TxDefault",
    kind: "Absolute",
    ...(minutes !== undefined && { validTo: new Date(nowMs + minutes * 60_000).toISOString() }),
    schedule: {
      unit,
      startAt,
      ...(minutes !== undefined && { durationSeconds: minutes * 60 }),
      periods: [{ startSeconds: 0, limit }],
    },
  };
}
