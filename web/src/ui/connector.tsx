import type { Schemas } from "../api/client.ts";
import { useStation } from "./station-link.tsx";

type Place = Pick<Schemas["Connector"], "evseId" | "connectorId">;

export const connectorText = ({ evseId, connectorId }: Place): string =>
  `EVSE ${evseId}, connector ${connectorId}`;

interface Props {
  readonly cpId: string;
  readonly uuid: string | undefined;
  /** What is shown without a connector. */
  readonly none: string;
}

/** A connector as the station counts it; by its id until the station is read, and if it has been removed. */
export function ConnectorName({ cpId, uuid, none }: Props) {
  const { data: station } = useStation(cpId);
  const connector = station?.connectors.find(({ connectorUuid }) => connectorUuid === uuid);
  if (uuid === undefined) return none;
  return connector ? connectorText(connector) : <code>{uuid}</code>;
}
