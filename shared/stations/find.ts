import { notFound } from "../problems.ts";
import type { StationItem } from "../store/items.ts";
import { type Key, type ListKey, stationKey, stationsOf } from "../store/keys.ts";
import { type CursorPage, readPage } from "../store/page.ts";
import type { Table } from "../store/table.ts";

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

/** A page of a network's stations, by identity. */
export const listStations = (
  table: Table,
  networkId: string,
  page: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<CursorPage<StationItem>> =>
  readPage<StationItem & Key & ListKey>(table, { partition: stationsOf(networkId), ...page });
