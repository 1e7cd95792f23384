import { neutralProfileOf, purposes, type ReportedProfile } from "../../dialects/v2/charging-profile.ts";
import type { StatusOutput } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { namedConnector, verifyConnector } from "../named-connector.ts";
import { lacking } from "../not-supported.ts";
import type { route } from "./route.ts";

interface ProfilesOutput extends StatusOutput {
  readonly profiles?: readonly object[];
}

/** An entry of the list that ReportChargingProfiles messages make. */
interface Entry {
  readonly evseId?: number;
  readonly profile: ReportedProfile;
}

export const getChargingProfiles: Command<InputOf<typeof route>, ProfilesOutput> = {
  name: "get_charging_profiles",
  verify: verifyConnector,
  rows: {
    v16: lacking("GetChargingProfiles"),

    /** K09 Get Charging Profiles: `chargingProfile` is the criterion, which may be empty. */
    v2: {
      async run({ profileIds, purpose, stackLevel, ...named }, session) {
        const connector = namedConnector(session.station, named);
        const answer = await session.list("GetChargingProfiles", {
          ...(connector && { evseId: connector.evseId }),
          chargingProfile: {
            ...(purpose && { chargingProfilePurpose: purposes[purpose] }),
            ...(stackLevel !== undefined && { stackLevel }),
            ...(profileIds && { chargingProfileId: profileIds }),
          },
        });
        const { ocppMessageId, payload, entries = [] } = answer;
        if (!payload) return { ocppMessageId };
        const profiles = (entries as readonly Entry[]).map(({ evseId, profile }) => ({
          ...(evseId !== undefined && { evseId }),
          ...neutralProfileOf(profile),
        }));
        return { ocppMessageId, status: payload.status as string, profiles };
      },
    },
  },
};
