import type { Clock } from "../clock.ts";
import type { ClientItem, NetworkItem } from "../store/items.ts";
import { clientKey, networkKey } from "../store/keys.ts";
import type { Table } from "../store/table.ts";
import { MINUTE_MS } from "../time.ts";

/** The network of clients that no network has ever listed, and of stations whose address names no network. */
export const DEFAULT_NETWORK = "default";

/** For how long an execution environment remembers whether the default network is open to unlisted clients. */
const OPEN_FOR_MS = MINUTE_MS;

/**
 * Returns the networks that a client belongs to, in the order of their names.
 *
 * @param isFresh whether they must be read, and not remembered
 */
export type NetworksOf = (clientId: string, isFresh?: boolean) => Promise<readonly string[]>;

/** How long an environment remembers the networks of a client. */
const REMEMBERED_FOR_MS = MINUTE_MS;

/** As many clients are remembered. */
const MAX_REMEMBERED = 1_000;

/**
 * Remembers for a minute which networks a client belongs to: a membership that has ended opens nothing afterwards.
 * That a client belongs to none is not remembered, nor is an error: where memberships cannot be read, the request
 * is refused.
 */
export function remembering(networksOf: NetworksOf, clock: Pick<Clock, "now">): NetworksOf {
  const known = new Map<string, { readonly networks: readonly string[]; readonly untilMs: number }>();
  return async (clientId, isFresh = false) => {
    const now = clock.now();
    const remembered = known.get(clientId);
    if (!isFresh && remembered && now < remembered.untilMs) return remembered.networks;
    known.delete(clientId);
    const networks = await networksOf(clientId);
    if (known.size >= MAX_REMEMBERED) known.clear();
    if (networks.length > 0) known.set(clientId, { networks, untilMs: now + REMEMBERED_FOR_MS });
    return networks;
  };
}

/**
 * Membership fails closed (contract §2): a client that a network has listed once keeps its item, and belongs to
 * no network after the last one has removed it. Only a client without an item belongs to the default network,
 * and only while that is open to such clients. The answer to the latter is remembered for at most a minute.
 *
 * @param openForMs for how long instead: 0 where what this function returns is remembered
 */
export function memberships(
  table: Table,
  clock: Pick<Clock, "now">,
  openForMs: number = OPEN_FOR_MS,
): NetworksOf {
  let open: { readonly value: boolean; readonly untilMs: number } | undefined;

  const isOpen = async (): Promise<boolean> => {
    const now = clock.now();
    if (open && now < open.untilMs) return open.value;
    const network = await table.get<NetworkItem>(networkKey(DEFAULT_NETWORK));
    open = { value: network?.openToUnlistedClients !== false, untilMs: now + openForMs };
    return open.value;
  };

  return async (clientId) => {
    const client = await table.get<ClientItem>(clientKey(clientId));
    if (client) return [...(client.networks ?? [])].sort();
    return (await isOpen()) ? [DEFAULT_NETWORK] : [];
  };
}

/** Returns those of the networks that exist, in the order of their names. */
export type ExistingNetworks = (networkIds: readonly string[]) => Promise<readonly string[]>;

/**
 * The networks of users come from the groups of their tokens. A group outlives its network: without this check, a
 * user could register stations in a network that was deleted. The default network always exists.
 */
export function existingNetworks(table: Table): ExistingNetworks {
  return async (networkIds) => {
    const found = await Promise.all(
      [...new Set(networkIds)].map(async (networkId) =>
        networkId === DEFAULT_NETWORK || (await table.get<NetworkItem>(networkKey(networkId)))
          ? [networkId]
          : [],
      ),
    );
    return found.flat().sort();
  };
}

/** Adds a client to a network; repeating it changes nothing. */
export async function join(table: Table, clientId: string, networkId: string): Promise<void> {
  await table.update({
    key: clientKey(clientId),
    update: "SET clientId = :clientId ADD networks :network",
    values: { ":clientId": clientId, ":network": new Set([networkId]) },
  });
}

/** Removes a client from a network; repeating it changes nothing. The client's item stays. */
export async function leave(table: Table, clientId: string, networkId: string): Promise<void> {
  await table.update({
    key: clientKey(clientId),
    update: "SET clientId = :clientId DELETE networks :network",
    values: { ":clientId": clientId, ":network": new Set([networkId]) },
  });
}
