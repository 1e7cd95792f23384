import { isDeepStrictEqual } from "node:util";
import type { Protocol } from "../ocpp/protocols.ts";
import { notFound, Problem } from "../problems.ts";
import type { Link, Location, Lock, StationAuth, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { type Table, tryWrite, type Update } from "../store/table.ts";
import { changedMeanwhile, type Precondition, requireVersion } from "../store/version.ts";
import { connectorKey, connectorOf } from "./connectors.ts";
import { storedTags } from "./tags.ts";
import { isUnchanged, stationVersion } from "./version.ts";

/** What of a station is changed; null removes, undefined leaves as it is (RFC 7396). */
export interface StationChange {
  readonly link?: Link | undefined;
  readonly lock?: Lock | undefined;
  readonly rateId?: string | null | undefined;
  readonly defaultProtocol?: Protocol | null | undefined;
  /** As it is stored. It replaces the former one as a whole, pending passwords too. */
  readonly auth?: StationAuth | undefined;
  readonly name?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly location?: LocationChange | null | undefined;
}

/** A change of a location, member by member. */
export interface LocationChange {
  readonly latitude?: number;
  readonly longitude?: number;
  readonly address?: string | null;
}

const COUNTED = "#revision = if_not_exists(#revision, :zero) + :one";

/**
 * Changes a station and nothing else of it: its connection and lane may be changing at the same moment. A location is
 * merged into the one that was read, so the write is conditional on that one and repeated after another change.
 *
 * @returns the station as it is now
 * @throws Problem `not-found`, `precondition-failed`, `invalid-request` for a location without coordinates
 */
export async function changeStation(
  table: Table,
  before: StationItem,
  change: StationChange,
  precondition?: Precondition,
): Promise<StationItem> {
  for (let seen = before; ; ) {
    const { station, isMoved } = await tryChange(table, seen, change, precondition);
    if (!isMoved) return station;
    seen = station;
  }
}

/** @returns the station, and whether nothing was written because its location had changed */
async function tryChange(
  table: Table,
  before: StationItem,
  { link, lock, rateId, defaultProtocol, auth, name, tags, location }: StationChange,
  precondition: Precondition,
): Promise<{ readonly station: StationItem; readonly isMoved: boolean }> {
  const wanted = {
    ...{ link, lock, rateId, defaultProtocol, auth, name },
    tags: tags && (storedTags(tags).tags ?? null),
    location: location && merged(before.location, location),
  };
  const given = Object.entries({
    ...wanted,
    ...(location === null && { location }),
    ...(tags === null && { tags }),
  }).filter(([, value]) => value !== undefined);
  const set = given.filter(([, value]) => value !== null);
  const removed = given.filter(([, value]) => value === null);
  const unmoved = location ? isUnmoved(before.location) : undefined;
  const isWritten = (stands: StationItem) =>
    given.every(([member, value]) => isDeepStrictEqual(stands[member as keyof StationItem] ?? null, value));
  const isMoved = (stands: StationItem | undefined) =>
    location !== undefined &&
    location !== null &&
    stands !== undefined &&
    !isDeepStrictEqual(stands.location, before.location);
  return update(
    table,
    "station",
    {
      set: set.map(([name]) => `#${name} = :${name}`),
      removed: removed.map(([name]) => `#${name}`),
      condition: `attribute_exists(pk)${unmoved?.condition ?? ""}`,
      names: Object.fromEntries(given.map(([name]) => [`#${name}`, name])),
      values: {
        ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
        ...unmoved?.values,
      },
      isWritten,
      isRepeatable: isMoved,
    },
    { before, precondition },
  );
}

/** The condition that a location is as it was read; member by member, since the local engine does not compare maps. */
function isUnmoved(location: Location | undefined) {
  if (!location) return { condition: " AND attribute_not_exists(#location)", values: {} };
  const { latitude, longitude, address } = location;
  const isThere =
    address === undefined ? "attribute_not_exists(#location.address)" : "#location.address = :address";
  return {
    condition: ` AND #location.latitude = :latitude AND #location.longitude = :longitude AND ${isThere}`,
    values: {
      ":latitude": latitude,
      ":longitude": longitude,
      ...(address !== undefined && { ":address": address }),
    },
  };
}

/**
 * A location after a change (RFC 7396).
 *
 * @throws Problem `invalid-request` if it lacks a coordinate
 */
function merged(before: Location | undefined, change: LocationChange): Location {
  const { latitude, longitude, address } = { ...before, ...change };
  if (latitude === undefined || longitude === undefined) {
    const missing = latitude === undefined ? "latitude" : "longitude";
    throw new Problem("invalid-request", "The station's location is incomplete; see `errors`.", {
      errors: [{ pointer: `/location/${missing}`, detail: "is required" }],
    });
  }
  return { latitude, longitude, ...(address !== undefined && address !== null && { address }) };
}

/**
 * Locks a connector, or ends its lock.
 *
 * @param precondition of the station
 * @returns the station as it is now
 * @throws Problem `not-found`, `precondition-failed`
 */
export async function lockConnector(
  table: Table,
  before: StationItem,
  { connectorUuid, lock }: { readonly connectorUuid: string; readonly lock: Lock },
  precondition?: Precondition,
): Promise<StationItem> {
  const key = connectorKey(connectorOf(before, connectorUuid));
  const { station } = await update(
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
  return station;
}

interface Change {
  readonly set: readonly string[];
  readonly removed?: readonly string[];
  readonly condition: string;
  readonly names: NonNullable<Update["names"]>;
  readonly values: NonNullable<Update["values"]>;
  readonly isWritten: (station: StationItem) => boolean;
  /** Whether the write failed only because of what the station is by now. @default never */
  readonly isRepeatable?: (station: StationItem | undefined) => boolean;
}

async function update(
  table: Table,
  what: string,
  { set, removed = [], condition, names, values, isWritten, isRepeatable = () => false }: Change,
  { before, precondition }: { readonly before: StationItem; readonly precondition: Precondition },
): Promise<{ readonly station: StationItem; readonly isMoved: boolean }> {
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
  if (applied) return { station: item as StationItem, isMoved: false };
  if (item && !precondition && isRepeatable(item)) return { station: item, isMoved: true };
  throw precondition && item ? changedMeanwhile() : notFound(what);
}
