import { expiredLeases, newNetwork } from "../limits/semaphore.ts";
import { notFound } from "../problems.ts";
import type { NetworkItem } from "../store/items.ts";
import { type Key, type ListKey, NETWORKS, networkKey, networkListKey } from "../store/keys.ts";
import { type CursorPage, cursorOf, positionOf, readPage } from "../store/page.ts";
import { ConditionFailed, type Table } from "../store/table.ts";
import { DEFAULT_NETWORK, join, leave } from "./membership.ts";

/** What of a network is the operator's to say. */
export type NetworkSettings = Pick<
  NetworkItem,
  "name" | "parallelRequests" | "clients" | "allowUnauthenticatedStations" | "authorization"
> &
  Required<Pick<NetworkItem, "stationMessages">>;

/** A network as API consumers read it; `inUse` counts the slots whose lease has not run out. */
export type NetworkResource = NetworkSettings & { readonly networkId: string; readonly inUse: number };

function networkResource(network: NetworkItem, now: number): NetworkResource {
  const { networkId, name, parallelRequests, clients, allowUnauthenticatedStations } = network;
  const { authorization, stationMessages = "liberal" } = network;
  const inUse = Object.keys(network.leases).length - expiredLeases(network.leases, now).length;
  return {
    networkId,
    name,
    parallelRequests,
    clients,
    allowUnauthenticatedStations,
    authorization,
    stationMessages,
    inUse,
  };
}

/**
 * Reads a network. The default one is there before anybody wrote it.
 *
 * @throws Problem `not-found`
 */
export async function readNetwork(table: Table, networkId: string, now: number): Promise<NetworkResource> {
  const network = await table.get<NetworkItem>(networkKey(networkId));
  if (network) return networkResource(network, now);
  if (networkId === DEFAULT_NETWORK) return networkResource(newNetwork(networkId), now);
  throw notFound("network");
}

/**
 * Creates or replaces a network. Its semaphore is left alone: commands that run keep their slots.
 *
 * Members are let in before the network names them and taken out after it named them last, so that what was
 * cut short by a crash is put right by the same request again. Where another request wrote meanwhile, the
 * write's condition fails, and everything is done anew over what that one wrote.
 */
export async function putNetwork(
  table: Table,
  networkId: string,
  settings: NetworkSettings,
  now: number,
): Promise<{ readonly network: NetworkResource; readonly isNew: boolean }> {
  for (;;) {
    const before = await table.get<NetworkItem>(networkKey(networkId));
    await Promise.all(settings.clients.map((clientId) => join(table, clientId, networkId)));
    let network: NetworkItem;
    try {
      network = await write(table, networkId, settings, before?.revision);
    } catch (error) {
      if (error instanceof ConditionFailed) continue;
      throw error;
    }
    const left = before?.clients.filter((clientId) => !settings.clients.includes(clientId)) ?? [];
    await Promise.all(left.map((clientId) => leave(table, clientId, networkId)));
    return { network: networkResource(network, now), isNew: !before && networkId !== DEFAULT_NETWORK };
  }
}

/** Writes the settings if no operator has written since that revision; undefined: if none ever has. */
async function write(
  table: Table,
  networkId: string,
  settings: NetworkSettings,
  revision: number | undefined,
): Promise<NetworkItem> {
  const attributes = { networkId, ...settings, revision: (revision ?? 0) + 1, ...networkListKey(networkId) };
  const names = Object.keys(attributes);
  const set = names.map((name) => `#${name} = :${name}`).join(", ");
  const network = await table.update<NetworkItem>({
    key: networkKey(networkId),
    update: `SET ${set}, inUse = if_not_exists(inUse, :zero), leases = if_not_exists(leases, :none)`,
    condition: revision === undefined ? "attribute_not_exists(#revision)" : "#revision = :before",
    names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    values: {
      ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
      ":zero": 0,
      ":none": {},
      ...(revision !== undefined && { ":before": revision }),
    },
    returning: "ALL_NEW",
  });
  return network as NetworkItem;
}

type Row = NetworkItem & Key & ListKey;

/** A page of all networks, by id; the default one in its place even if nobody wrote it. */
export async function listNetworks(
  table: Table,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  now: number,
): Promise<CursorPage<NetworkResource>> {
  const list = { partition: NETWORKS, limit };
  const behind = cursor === undefined ? "" : positionOf(cursor, list).gsi1sk;
  const [page, unwritten] = await Promise.all([
    readPage<Row>(table, { ...list, cursor }),
    unwrittenDefault(table, behind),
  ]);
  const rows = [...page.items, ...unwritten].sort((a, b) => (a.gsi1sk < b.gsi1sk ? -1 : 1));
  const items = rows.slice(0, limit);
  const last = items[limit - 1];
  const goesOn = page.nextCursor !== undefined || rows.length > limit;
  return {
    items: items.map((network) => networkResource(network, now)),
    ...(goesOn && last && { nextCursor: cursorOf(last) }),
  };
}

/** The default network as a row behind a position in the list, if it was never written. */
async function unwrittenDefault(table: Table, behind: string): Promise<Row[]> {
  const key = networkKey(DEFAULT_NETWORK);
  if (DEFAULT_NETWORK <= behind || (await table.get(key))) return [];
  return [{ ...key, ...networkListKey(DEFAULT_NETWORK), ...newNetwork(DEFAULT_NETWORK) }];
}
