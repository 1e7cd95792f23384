import { connectorUuidOf } from "../ids.ts";
import { notFound } from "../problems.ts";
import type { StationItem } from "../store/items.ts";
import type { Command } from "./command.ts";

export interface UnlockConnectorInput {
  readonly connectorUuid: string;
}

/**
 * The connector of a station that has this UUID.
 *
 * @throws Problem `not-found`
 */
export function connectorOf(station: StationItem, connectorUuid: string) {
  const wanted = connectorUuid.toLowerCase();
  const connector = Object.values(station.connectors).find(
    ({ evseId, connectorId }) => connectorUuidOf(station.cpId, evseId, connectorId) === wanted,
  );
  if (!connector) throw notFound("connector");
  return connector;
}

export const unlockConnector: Command<UnlockConnectorInput> = {
  name: "unlock_connector",
  verify: (station, { connectorUuid }) => {
    connectorOf(station, connectorUuid);
  },
};
