import { limitProfile } from "../../dialects/charging-limit.ts";
import { type StatusOutput, sendForStatus } from "../answers.ts";
import { v2ProfileOf, v16ProfileOf } from "../charging-profiles.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { evseIdOf, verifyConnector } from "../named-connector.ts";
import type { route } from "./route.ts";

interface LimitOutput extends StatusOutput {
  readonly profileId: number;
}

export const setChargingLimit: Command<InputOf<typeof route>, LimitOutput> = {
  name: "set_charging_limit",
  verify: verifyConnector,
  rows: {
    /** §5.16 Set Charging Profile */
    v16: {
      async run(input, session) {
        const connectorId = evseIdOf(session.station, input);
        const profile = limitProfile(connectorId, input, session.requestedAtMs);
        const output = await sendForStatus(session, "SetChargingProfile", {
          connectorId,
          csChargingProfiles: v16ProfileOf(profile),
        });
        return { ...output, profileId: profile.profileId };
      },
    },

    /** K01 SetChargingProfile */
    v2: {
      async run(input, session) {
        const evseId = evseIdOf(session.station, input);
        const profile = limitProfile(evseId, input, session.requestedAtMs);
        const output = await sendForStatus(session, "SetChargingProfile", {
          evseId,
          chargingProfile: v2ProfileOf(profile),
        });
        return { ...output, profileId: profile.profileId };
      },
    },
  },
};
