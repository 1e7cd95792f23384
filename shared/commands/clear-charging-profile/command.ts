import { purposes as v2Purposes } from "../../dialects/v2/charging-profile.ts";
import { purposes as v16Purposes } from "../../dialects/v16/charging-profile.ts";
import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { namedConnector, verifyConnector } from "../named-connector.ts";
import type { route } from "./route.ts";

export const clearChargingProfile: Command<InputOf<typeof route>, StatusOutput> = {
  name: "clear_charging_profile",
  verify: verifyConnector,
  rows: {
    /** §5.5 Clear Charging Profile: each member is a condition. */
    v16: {
      run({ profileId, purpose, stackLevel, ...named }, session) {
        const connector = namedConnector(session.station, named);
        return sendForStatus(session, "ClearChargingProfile", {
          ...(profileId !== undefined && { id: profileId }),
          ...(connector && { connectorId: connector.evseId }),
          ...(purpose && { chargingProfilePurpose: v16Purposes[purpose] }),
          ...(stackLevel !== undefined && { stackLevel }),
        });
      },
    },

    /** K10 Clear Charging Profile: by number, or by criteria. */
    v2: {
      run({ profileId, purpose, stackLevel, ...named }, session) {
        const connector = namedConnector(session.station, named);
        const criteria = {
          ...(connector && { evseId: connector.evseId }),
          ...(purpose && { chargingProfilePurpose: v2Purposes[purpose] }),
          ...(stackLevel !== undefined && { stackLevel }),
        };
        return sendForStatus(session, "ClearChargingProfile", {
          ...(profileId !== undefined && { chargingProfileId: profileId }),
          ...(Object.keys(criteria).length > 0 && { chargingProfileCriteria: criteria }),
        });
      },
    },
  },
};
