import { connectorUuidOf } from "../ids.ts";
import { notFound } from "../problems.ts";
import type { Lock, StationItem } from "../store/items.ts";

/** The address of a connector; OCPP 1.6 has connectors only. */
export interface ConnectorName {
  readonly evseId?: number;
  readonly connectorId: number;
}

/** 1.6 numbers connectors only: its connector 2 is connector 1 of EVSE 2. */
export const connectorNamed = ({ evseId, connectorId }: ConnectorName) =>
  evseId === undefined ? { evseId: connectorId, connectorId: 1 } : { evseId, connectorId };

/** What a connector is filed under on its station's item. */
export const connectorKey = ({ evseId, connectorId }: Required<ConnectorName>): string =>
  `${evseId}/${connectorId}`;

/** A connector by number, as 1.6 has it (`2`), or by EVSE and connector (`2:1`). */
const NUMBERED = /^(\d{1,6})(?::(\d{1,6}))?$/;

/**
 * The connector of a station that is meant by a UUID, by `2`, or by `2:1` (EVSE and connector).
 *
 * @throws Problem `not-found`
 */
export function connectorOf(station: StationItem, connector: string) {
  const [, first, second] = NUMBERED.exec(connector) ?? [];
  const found = first === undefined ? byUuid(station, connector) : byNumber(station, first, second);
  if (!found) throw notFound("connector");
  return found;
}

function byUuid(station: StationItem, connectorUuid: string) {
  const wanted = connectorUuid.toLowerCase();
  return Object.values(station.connectors).find(
    ({ evseId, connectorId }) => connectorUuidOf(station.cpId, evseId, connectorId) === wanted,
  );
}

function byNumber({ connectors }: StationItem, first: string, second: string | undefined) {
  const named =
    second === undefined
      ? { connectorId: Number(first) }
      : { evseId: Number(first), connectorId: Number(second) };
  return connectors[connectorKey(connectorNamed(named))];
}

/** A connector as API consumers read it. */
export interface ConnectorResource {
  readonly connectorUuid: string;
  readonly evseId: number;
  readonly connectorId: number;
  readonly status?: string;
  readonly errorCode?: string;
  readonly lock: Lock;
}

/** The connectors of a station, by number. */
export function connectorsOf({ cpId, connectors, connectorStatus }: StationItem): ConnectorResource[] {
  return Object.values(connectors)
    .sort((a, b) => a.evseId - b.evseId || a.connectorId - b.connectorId)
    .map(({ evseId, connectorId, lock }) => {
      const { status, errorCode } = connectorStatus[connectorKey({ evseId, connectorId })] ?? {};
      return {
        connectorUuid: connectorUuidOf(cpId, evseId, connectorId),
        evseId,
        connectorId,
        ...(status && { status }),
        ...(errorCode && { errorCode }),
        lock,
      };
    });
}
