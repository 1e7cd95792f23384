import type { Protocol } from "../ocpp/protocols.ts";
import { notFound } from "../problems.ts";
import type { Link, Lock, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { type Table, tryWrite, type Update } from "../store/table.ts";
import { connectorKey, connectorOf } from "./connectors.ts";

/** What of a station is changed; null removes, undefined leaves as it is. */
export interface StationChange {
  readonly link?: Link | undefined;
  readonly lock?: Lock | undefined;
  readonly rateId?: string | null | undefined;
  readonly defaultProtocol?: Protocol | null | undefined;
}

/**
 * Changes a station and nothing else of it: its connection and lane may be changing at the same moment.
 *
 * @returns the station as it is now
 * @throws Problem `not-found`
 */
export function changeStation(
  table: Table,
  { cpId }: StationItem,
  { link, lock, rateId, defaultProtocol }: StationChange,
): Promise<StationItem> {
  const given = Object.entries({ link, lock, rateId, defaultProtocol }).filter(([, v]) => v !== undefined);
  const set = given.filter(([, value]) => value !== null);
  const removed = given.filter(([, value]) => value === null);
  const clauses = [
    ...(set.length > 0 ? [`SET ${set.map(([name]) => `#${name} = :${name}`).join(", ")}`] : []),
    ...(removed.length > 0 ? [`REMOVE ${removed.map(([name]) => `#${name}`).join(", ")}`] : []),
  ];
  return update(table, "station", {
    key: stationKey(cpId),
    update: clauses.join(" "),
    condition: "attribute_exists(pk)",
    names: Object.fromEntries(given.map(([name]) => [`#${name}`, name])),
    ...(set.length > 0 && { values: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])) }),
  });
}

/**
 * Locks a connector, or ends its lock.
 *
 * @returns the station as it is now
 * @throws Problem `not-found`
 */
export function lockConnector(
  table: Table,
  station: StationItem,
  connectorUuid: string,
  lock: Lock,
): Promise<StationItem> {
  return update(table, "connector", {
    key: stationKey(station.cpId),
    update: "SET connectors.#connector.#lock = :lock",
    condition: "attribute_exists(connectors.#connector)",
    names: { "#connector": connectorKey(connectorOf(station, connectorUuid)), "#lock": "lock" },
    values: { ":lock": lock },
  });
}

async function update(table: Table, what: string, change: Update): Promise<StationItem> {
  const { applied, item } = await tryWrite<StationItem>(table.update({ ...change, returning: "ALL_NEW" }));
  if (!applied) throw notFound(what);
  return item as StationItem;
}
