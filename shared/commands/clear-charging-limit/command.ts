import { limitProfileId } from "../../dialects/charging-limit.ts";
import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { evseIdOf, verifyConnector } from "../named-connector.ts";
import type { route } from "./route.ts";

export const clearChargingLimit: Command<InputOf<typeof route>, StatusOutput> = {
  name: "clear_charging_limit",
  verify: verifyConnector,
  rows: {
    /** §5.5 Clear Charging Profile */
    v16: {
      run: (input, session) =>
        sendForStatus(session, "ClearChargingProfile", {
          id: limitProfileId(evseIdOf(session.station, input)),
        }),
    },

    /** K10 Clear Charging Profile */
    v2: {
      run: (input, session) =>
        sendForStatus(session, "ClearChargingProfile", {
          chargingProfileId: limitProfileId(evseIdOf(session.station, input)),
        }),
    },
  },
};
