import { connectorOf } from "../stations/connectors.ts";
import type { Command } from "./command.ts";

export interface UnlockConnectorInput {
  readonly connectorUuid: string;
}

export const unlockConnector: Command<UnlockConnectorInput> = {
  name: "unlock_connector",
  verify: (station, { connectorUuid }) => {
    connectorOf(station, connectorUuid);
  },
};
