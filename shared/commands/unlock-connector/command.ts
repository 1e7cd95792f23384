import { connectorOf } from "../../stations/connectors.ts";
import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import type { route } from "./route.ts";

export const unlockConnector: Command<InputOf<typeof route>, StatusOutput> = {
  name: "unlock_connector",
  verify: (station, { cpConnectorUuid }) => {
    connectorOf(station, cpConnectorUuid);
  },
  rows: {
    /** §5.17 UnlockConnector; 1.6 numbers connectors only, and its connector N is our EVSE N. */
    v16: {
      run: ({ cpConnectorUuid }, session) =>
        sendForStatus(session, "UnlockConnector", {
          connectorId: connectorOf(session.station, cpConnectorUuid).evseId,
        }),
    },

    /** F05 Remotely Unlock Connector */
    v2: {
      run({ cpConnectorUuid }, session) {
        const { evseId, connectorId } = connectorOf(session.station, cpConnectorUuid);
        return sendForStatus(session, "UnlockConnector", { evseId, connectorId });
      },
    },
  },
};
