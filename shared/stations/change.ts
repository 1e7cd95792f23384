import { isDeepStrictEqual } from "node:util";
import type { Protocol } from "../ocpp/protocols.ts";
import { notFound } from "../problems.ts";
import type { Link, Lock, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { type Table, tryWrite, type Update } from "../store/table.ts";
import { changedMeanwhile, type Precondition, requireVersion } from "../store/version.ts";
import { connectorKey, connectorOf } from "./connectors.ts";
import { isUnchanged, stationVersion } from "./version.ts";

/** What of a station is changed; null removes, undefined leaves as it is. */
export interface StationChange {
  readonly link?: Link | undefined;
  readonly lock?: Lock | undefined;
  readonly rateId?: string | null | undefined;
  readonly defaultProtocol?: Protocol | null | undefined;
}

const COUNTED = "#revision = if_not_exists(#revision, :zero) + :one";

/**
 * Changes a station and nothing else of it: its connection and lane may be changing at the same moment.
 *
 * @returns the station as it is now
 * @throws Problem `not-found`, `precondition-failed`
 */
export function changeStation(
  table: Table,
  before: StationItem,
  { link, lock, rateId, defaultProtocol }: StationChange,
  precondition?: Precondition,
): Promise<StationItem> {
  const given = Object.entries({ link, lock, rateId, defaultProtocol }).filter(([, v]) => v !== undefined);
  const set = given.filter(([, value]) => value !== null);
  const removed = given.filter(([, value]) => value === null);
  return update(
    table,
    "station",
    {
      set: set.map(([name]) => `#${name} = :${name}`),
      removed: removed.map(([name]) => `#${name}`),
      condition: "attribute_exists(pk)",
      names: Object.fromEntries(given.map(([name]) => [`#${name}`, name])),
      values: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
      isWritten: (stands) =>
        given.every(([name, value]) => isDeepStrictEqual(stands[name as keyof StationItem] ?? null, value)),
    },
    { before, precondition },
  );
}

/**
 * Locks a connector, or ends its lock.
 *
 * @param precondition of the station
 * @returns the station as it is now
 * @throws Problem `not-found`, `precondition-failed`
 */
export function lockConnector(
  table: Table,
  before: StationItem,
  { connectorUuid, lock }: { readonly connectorUuid: string; readonly lock: Lock },
  precondition?: Precondition,
): Promise<StationItem> {
  const key = connectorKey(connectorOf(before, connectorUuid));
  return update(
    table,
    "connector",
    {
      set: ["connectors.#connector.#lock = :lock"],
      condition: "attribute_exists(connectors.#connector)",
      names: { "#connector": key, "#lock": "lock" },
      values: { ":lock": lock },
      isWritten: ({ connectors }) => connectors[key]?.lock === lock,
    },
    { before, precondition },
  );
}

interface Change {
  readonly set: readonly string[];
  readonly removed?: readonly string[];
  readonly condition: string;
  readonly names: NonNullable<Update["names"]>;
  readonly values: NonNullable<Update["values"]>;
  readonly isWritten: (station: StationItem) => boolean;
}

async function update(
  table: Table,
  what: string,
  { set, removed = [], condition, names, values, isWritten }: Change,
  { before, precondition }: { readonly before: StationItem; readonly precondition: Precondition },
): Promise<StationItem> {
  requireVersion(precondition, stationVersion(before));
  const unchanged = isUnchanged(before);
  const writing = table.update<StationItem>({
    key: stationKey(before.cpId),
    update: `SET ${[...set, COUNTED].join(", ")}${removed.length > 0 ? ` REMOVE ${removed.join(", ")}` : ""}`,
    condition: precondition ? `${condition} AND ${unchanged.condition}` : condition,
    names: { ...names, ...unchanged.names },
    values: { ...values, ":zero": 0, ":one": 1, ...(precondition && unchanged.values) },
    returning: "ALL_NEW",
  });
  const isOwn = (stands: StationItem) => stands.revision === (before.revision ?? 0) + 1 && isWritten(stands);
  const { applied, item } = await tryWrite<StationItem>(writing, isOwn);
  if (applied) return item as StationItem;
  throw precondition && item ? changedMeanwhile() : notFound(what);
}
