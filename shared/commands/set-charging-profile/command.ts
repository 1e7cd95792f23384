import { type StatusOutput, sendForStatus } from "../answers.ts";
import { v2ProfileOf, v16ProfileOf } from "../charging-profiles.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { evseIdOf, verifyConnector } from "../named-connector.ts";
import type { Session } from "../session.ts";
import type { route } from "./route.ts";

type Input = InputOf<typeof route>;

interface ProfileOutput extends StatusOutput {
  readonly profileId: number;
}

/** The profile with a number: the caller's, or one of the command's own. */
const numbered = ({ profile }: Input, { ownNumber }: Session) => ({ profileId: ownNumber, ...profile });

export const setChargingProfile: Command<Input, ProfileOutput> = {
  name: "set_charging_profile",
  verify: verifyConnector,
  rows: {
    /** §5.16 Set Charging Profile */
    v16: {
      async run(input, session) {
        const profile = numbered(input, session);
        const output = await sendForStatus(session, "SetChargingProfile", {
          connectorId: evseIdOf(session.station, input),
          csChargingProfiles: v16ProfileOf(profile),
        });
        return { ...output, profileId: profile.profileId };
      },
    },

    /** K01 SetChargingProfile */
    v2: {
      async run(input, session) {
        const profile = numbered(input, session);
        const output = await sendForStatus(session, "SetChargingProfile", {
          evseId: evseIdOf(session.station, input),
          chargingProfile: v2ProfileOf(profile),
        });
        return { ...output, profileId: profile.profileId };
      },
    },
  },
};
