import { connectorOf } from "../stations/connectors.ts";
import type { StationItem } from "../store/items.ts";

/** The members of a body that mean a connector: `connectorMembers`. */
export interface NamesConnector {
  readonly connectorUuid?: string | undefined;
  readonly connector?: string | undefined;
}

export interface NamedConnector {
  readonly evseId: number;
  readonly connectorId: number;
}

/**
 * The connector that a body means; undefined if it means the whole station.
 *
 * @throws Problem `not-found`
 */
export function namedConnector(
  station: StationItem,
  { connector, connectorUuid = connector }: NamesConnector,
): NamedConnector | undefined {
  if (connectorUuid === undefined) return undefined;
  const { evseId, connectorId } = connectorOf(station, connectorUuid);
  return { evseId, connectorId };
}

/** For commands whose body may mean a connector: 404 before the station's connection matters. */
export const verifyConnector = (station: StationItem, input: NamesConnector): void => {
  namedConnector(station, input);
};

/** The EVSE that a body means, which in 1.6 is the connector of that number; 0 is the whole station. */
export const evseIdOf = (station: StationItem, input: NamesConnector): number =>
  namedConnector(station, input)?.evseId ?? 0;

/** The `evse` member of 2.x, absent for the whole station. */
export function v2Evse(
  station: StationItem,
  input: NamesConnector,
): { evse?: { id: number; connectorId: number } } {
  const named = namedConnector(station, input);
  return named ? { evse: { id: named.evseId, connectorId: named.connectorId } } : {};
}
