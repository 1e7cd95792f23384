import type { Clock } from "../clock.ts";
import type { ClientItem, NetworkItem } from "../store/items.ts";
import { clientKey, networkKey } from "../store/keys.ts";
import type { Table } from "../store/table.ts";
import { MINUTE_MS } from "../time.ts";

/** The network of clients that no network has ever listed, and of stations whose address names no network. */
export const DEFAULT_NETWORK = "default";

/** For how long an execution environment remembers whether the default network is open to unlisted clients. */
const OPEN_FOR_MS = MINUTE_MS;

/** Returns the networks that a client belongs to, in the order of their names. */
export type NetworksOf = (clientId: string) => Promise<readonly string[]>;

/**
 * Membership fails closed (contract §2): a client that a network has listed once keeps its item, and belongs to
 * no network after the last one has removed it. Only a client without an item belongs to the default network,
 * and only while that is open to such clients. The answer to the latter is remembered for at most a minute.
 */
export function memberships(table: Table, clock: Pick<Clock, "now">): NetworksOf {
  let open: { readonly value: boolean; readonly untilMs: number } | undefined;

  const isOpen = async (): Promise<boolean> => {
    const now = clock.now();
    if (open && now < open.untilMs) return open.value;
    const network = await table.get<NetworkItem>(networkKey(DEFAULT_NETWORK));
    open = { value: network?.openToUnlistedClients !== false, untilMs: now + OPEN_FOR_MS };
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
