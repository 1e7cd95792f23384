import type { ClientItem } from "../store/items.ts";
import { clientKey } from "../store/keys.ts";
import type { Table } from "../store/table.ts";

/** Where a client belongs that no network lists, and a station whose address names none. */
export const DEFAULT_NETWORK = "default";

/** The networks a client belongs to, in order of their names. */
export async function networksOf(table: Table, clientId: string): Promise<readonly string[]> {
  const client = await table.get<ClientItem>(clientKey(clientId));
  return client?.networks ? [...client.networks].sort() : [DEFAULT_NETWORK];
}

/** Lets a client into a network; once more changes nothing. */
export async function join(table: Table, clientId: string, networkId: string): Promise<void> {
  await table.update({
    key: clientKey(clientId),
    update: "SET clientId = :clientId ADD networks :network",
    values: { ":clientId": clientId, ":network": new Set([networkId]) },
  });
}

/** Takes a client out of a network; once more changes nothing. */
export async function leave(table: Table, clientId: string, networkId: string): Promise<void> {
  await table.update({
    key: clientKey(clientId),
    update: "SET clientId = :clientId DELETE networks :network",
    values: { ":clientId": clientId, ":network": new Set([networkId]) },
  });
}
