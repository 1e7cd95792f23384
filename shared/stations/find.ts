import { notFound } from "../problems.ts";
import type { StationItem } from "../store/items.ts";
import { type Key, type ListKey, stationKey, stationsOf } from "../store/keys.ts";
import { type CursorPage, readPage } from "../store/page.ts";
import type { Table } from "../store/table.ts";
import { matcherOf, type StationFilter } from "./filter.ts";

/**
 * A station of one of these networks. One of another network is not there.
 *
 * @throws Problem `not-found`
 */
export async function findStation(
  table: Table,
  cpId: string,
  networks: readonly string[],
): Promise<StationItem> {
  const station = await table.get<StationItem>(stationKey(cpId));
  if (!station || !networks.includes(station.networkId)) throw notFound("station");
  return station;
}

/**
 * How many stations one request looks at for a filter: some 6 MB of items, ten Queries, and less than a second. A
 * fleet of 10,000 is searched by five requests, however few of its stations match.
 */
export const MAX_LOOKED_AT = 2000;

export interface StationsQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly filter: StationFilter;
  /** Whether there is time for another read. */
  readonly mayGoOn: () => boolean;
  readonly now: number;
}

/** A page of a network's stations, by identity. A page of few matches ends early, with a cursor. */
export function listStations(
  table: Table,
  networkId: string,
  { limit, cursor, filter, mayGoOn, now }: StationsQuery,
): Promise<CursorPage<StationItem>> {
  const { identity } = filter;
  const keep = matcherOf(filter, now);
  return readPage<StationItem & Key & ListKey>(table, {
    partition: stationsOf(networkId),
    ...(identity !== undefined && { from: identity, to: `${identity}${AFTER_ALL}` }),
    limit,
    cursor,
    ...(keep && { keep, most: MAX_LOOKED_AT }),
    mayGoOn,
  });
}

/** Sorts behind every text with the same beginning. */
const AFTER_ALL = "\u{10ffff}";
