import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { evseIdOf, v2Evse, verifyConnector } from "../named-connector.ts";
import type { route } from "./route.ts";

export const changeAvailability: Command<InputOf<typeof route>, StatusOutput> = {
  name: "change_availability",
  verify: verifyConnector,
  rows: {
    /** §5.2 Change Availability */
    v16: {
      run: ({ type, ...named }, session) =>
        sendForStatus(session, "ChangeAvailability", {
          connectorId: evseIdOf(session.station, named),
          type,
        }),
    },

    /** G03 and G04, Change Availability */
    v2: {
      run: ({ type, ...named }, session) =>
        sendForStatus(session, "ChangeAvailability", {
          operationalStatus: type,
          ...v2Evse(session.station, named),
        }),
    },
  },
};
