import { isDeepStrictEqual } from "node:util";
import { atOnce } from "../at-once.ts";
import { expiredLeases, newNetwork } from "../limits/semaphore.ts";
import { notFound, Problem } from "../problems.ts";
import type { NetworkItem } from "../store/items.ts";
import {
  type Key,
  type ListKey,
  NETWORKS,
  networkKey,
  networkListKey,
  rateKey,
  stationsOf,
  tokenKey,
} from "../store/keys.ts";
import { type CursorPage, cursorOf, positionOf, readPage } from "../store/page.ts";
import { ConditionFailed, isOwnWrite, type Table, tryWrite } from "../store/table.ts";
import { type Precondition, requireVersion, versionOf } from "../store/version.ts";
import { DEFAULT_NETWORK, join, leave } from "./membership.ts";

/** What operators set of a network. */
export type NetworkSettings = Pick<
  NetworkItem,
  | "name"
  | "parallelRequests"
  | "clients"
  | "allowUnauthenticatedStations"
  | "authorization"
  | "openToUnlistedClients"
  | "heartbeatIntervalSeconds"
> &
  Required<Pick<NetworkItem, "stationMessages" | "publish">>;

/** A network as API consumers read it; `inUse` counts the slots whose lease has not run out. */
export type NetworkResource = NetworkSettings & { readonly networkId: string; readonly inUse: number };

/** A network with the version of its settings, for `ETag`. */
export interface VersionedNetwork {
  readonly network: NetworkResource;
  readonly version: string;
}

function settingsOf(network: NetworkItem): NetworkSettings {
  const { networkId, name, parallelRequests, clients, allowUnauthenticatedStations } = network;
  const { authorization, stationMessages = "liberal", publish = [], openToUnlistedClients = true } = network;
  const { heartbeatIntervalSeconds } = network;
  return {
    name,
    parallelRequests,
    clients,
    allowUnauthenticatedStations,
    authorization,
    stationMessages,
    publish,
    ...(heartbeatIntervalSeconds !== undefined && { heartbeatIntervalSeconds }),
    ...(networkId === DEFAULT_NETWORK && { openToUnlistedClients }),
  };
}

function networkResource(network: NetworkItem, now: number): NetworkResource {
  const inUse = Object.keys(network.leases).length - expiredLeases(network.leases, now).length;
  return { networkId: network.networkId, ...settingsOf(network), inUse };
}

const versioned = (network: NetworkItem, now: number): VersionedNetwork => ({
  network: networkResource(network, now),
  version: versionOf(settingsOf(network)),
});

async function findNetwork(table: Table, networkId: string): Promise<NetworkItem | undefined> {
  const network = await table.get<NetworkItem>(networkKey(networkId));
  return network ?? (networkId === DEFAULT_NETWORK ? newNetwork(networkId) : undefined);
}

/**
 * Reads a network. The default network exists before an operator writes it.
 *
 * @throws Problem `not-found`
 */
export async function readNetwork(table: Table, networkId: string, now: number): Promise<VersionedNetwork> {
  const network = await findNetwork(table, networkId);
  if (!network) throw notFound("network");
  return versioned(network, now);
}

/**
 * Returns the settings a network is to have, from those that it has; undefined: it does not exist.
 *
 * @throws Problem for a change that the network does not take
 */
export type NetworkChange = (before: NetworkSettings | undefined) => NetworkSettings;

/**
 * Creates or changes a network. Its semaphore is left alone: running commands keep their slots.
 *
 * Clients are added before the network lists them, and removed before it ceases to list them. So a crash leaves a
 * listed client outside rather than a removed client inside, and the same request completes the work. When another
 * request has written in the meantime, the write's condition fails, and the change is computed again.
 *
 * @throws Problem `precondition-failed`, and what `change` throws
 */
export async function changeNetwork(
  table: Table,
  { networkId, change, precondition }: NetworkWrite,
  now: number,
): Promise<VersionedNetwork & { readonly isNew: boolean }> {
  const touched = new Set<string>();
  for (;;) {
    const before = await table.get<NetworkItem>(networkKey(networkId));
    const seen = before ?? (networkId === DEFAULT_NETWORK ? newNetwork(networkId) : undefined);
    let settings: NetworkSettings;
    try {
      requireVersion(precondition, seen && versionOf(settingsOf(seen)));
      settings = change(seen && settingsOf(seen));
    } catch (error) {
      await settle(table, networkId, touched, before?.clients ?? []);
      throw error;
    }
    const removed = (before?.clients ?? []).filter((clientId) => !settings.clients.includes(clientId));
    for (const clientId of [...settings.clients, ...removed]) touched.add(clientId);
    await settle(table, networkId, touched, settings.clients);
    try {
      const network = await write(table, networkId, settings, before?.revision);
      return { ...versioned(network, now), isNew: seen === undefined };
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
}

export interface NetworkWrite {
  readonly networkId: string;
  readonly change: NetworkChange;
  readonly precondition: Precondition;
}

/** Makes these clients members as the list has it: those on it are added, the others removed. */
async function settle(
  table: Table,
  networkId: string,
  clients: ReadonlySet<string>,
  listed: readonly string[],
): Promise<void> {
  await Promise.all(
    [...clients].map((clientId) => (listed.includes(clientId) ? join : leave)(table, clientId, networkId)),
  );
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
  const removed = settings.heartbeatIntervalSeconds === undefined ? ["heartbeatIntervalSeconds"] : [];
  const writing = table.update<NetworkItem>({
    key: networkKey(networkId),
    update: `SET ${set}, inUse = if_not_exists(inUse, :zero), leases = if_not_exists(leases, :none)${removed.length > 0 ? ` REMOVE ${removed.join(", ")}` : ""}`,
    condition: isRevision(revision),
    names: { ...Object.fromEntries(names.map((name) => [`#${name}`, name])), "#revision": "revision" },
    values: {
      ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
      ":zero": 0,
      ":none": {},
      ...(revision !== undefined && { ":before": revision }),
    },
    returning: "ALL_NEW",
  });
  try {
    return (await writing) as NetworkItem;
  } catch (error) {
    const isWritten = (stands: NetworkItem) =>
      Object.entries(attributes).every(([name, value]) =>
        isDeepStrictEqual(stands[name as keyof NetworkItem], value),
      ) && removed.every((name) => !(name in stands));
    if (isOwnWrite(error, isWritten)) return error.item as unknown as NetworkItem;
    throw error;
  }
}

const isRevision = (revision: number | undefined): string =>
  revision === undefined ? "attribute_not_exists(#revision)" : "#revision = :before";

/**
 * Deletes a network without stations. Its clients are removed first, so that none of them can register a station
 * after the look at the list, nor finds itself a member of a later network of that id. Its rates go with it. Its tokens
 * and webhooks go before it: a request that ends in between must not leave them to a later network of that id, and is
 * completed by the next one.
 *
 * @throws Problem `not-found`, `not-empty`, `precondition-failed`, `invalid-request` for the default network
 */
export async function deleteNetwork(
  table: Table,
  networkId: string,
  {
    precondition,
    deleteWebhooks,
  }: { readonly precondition: Precondition; readonly deleteWebhooks: () => Promise<void> },
): Promise<void> {
  if (networkId === DEFAULT_NETWORK)
    throw new Problem("invalid-request", "The default network cannot be deleted.", {
      errors: [{ parameter: "networkId", detail: "must not be the default network" }],
    });
  for (;;) {
    const network = await table.get<NetworkItem>(networkKey(networkId));
    if (!network) throw notFound("network");
    requireVersion(precondition, versionOf(settingsOf(network)));
    await refuseWithStations(table, networkId);
    const clients = new Set(network.clients);
    await settle(table, networkId, clients, []);
    try {
      await refuseWithStations(table, networkId);
    } catch (error) {
      await settle(table, networkId, clients, network.clients);
      throw error;
    }
    await deletePartition(table, tokenKey(networkId, "").pk);
    await deleteWebhooks();
    const { revision } = network;
    const { applied, item: now } = await tryWrite<NetworkItem>(
      table.delete(networkKey(networkId), isRevision(revision), {
        names: { "#revision": "revision" },
        ...(revision !== undefined && { values: { ":before": revision } }),
      }),
    );
    if (applied) break;
    await settle(table, networkId, clients, now?.clients ?? []);
  }
  const rates = await table.partition<Key>(rateKey(networkId, "").pk);
  for (const { pk, sk } of rates) await table.delete({ pk, sk });
}

/** How many deletions are under way at once: 100,000 tokens take some 20 s. */
const DELETED_AT_ONCE = 50;

async function deletePartition(table: Table, partition: string): Promise<void> {
  const items = await table.partition<Key>(partition);
  await atOnce(DELETED_AT_ONCE, items, ({ pk, sk }) => table.delete({ pk, sk }));
}

/** How many stations the problem counts; it is enough to know that there are any. */
const COUNTED = 1000;

async function refuseWithStations(table: Table, networkId: string): Promise<void> {
  const { items } = await table.list({ partition: stationsOf(networkId), limit: COUNTED });
  if (items.length === 0) return;
  throw new Problem("not-empty", "The network has stations; delete them first.", { stations: items.length });
}

type Row = NetworkItem & Key & ListKey;

/** A page of all networks, by id; the default network in its place even if it was never written. */
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
