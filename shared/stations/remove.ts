import { type ConnectionDeps, giveUpOutstanding } from "../calls/connection.ts";
import { type PasswordDeps, passwordIdsOf, removeUnused } from "../handshake/stored-hashes.ts";
import type { StationItem } from "../store/items.ts";
import {
  configurationKey,
  heartbeatKey,
  type Key,
  pastTransactionsKey,
  stationKey,
  transactionKey,
  transactionStartKey,
  workKey,
} from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { changedMeanwhile, type Precondition, requireVersion } from "../store/version.ts";
import { isUnchanged, stationVersion } from "./version.ts";

/** How many deletes are under way at once. */
const AT_ONCE = 25;

/**
 * Removes a station: first the item, so that it cannot connect any more; then the connection, whose CALL fails at
 * once; then its password hashes and its other items. Transactions must be removed, because a station that is registered again counts their
 * ids from 1. The communication log expires by itself: commands are read from it, and it is unreachable otherwise
 * once the station is gone.
 *
 * @param found the station as it was read; used if the deletion returns nothing, because a retry of the SDK met its
 *   own deletion or another request was faster
 * @returns the station as it was
 * @throws Problem `precondition-failed`
 */
export async function removeStation(
  deps: ConnectionDeps & PasswordDeps,
  found: StationItem,
  precondition?: Precondition,
): Promise<StationItem> {
  const { table, connections, clock } = deps;
  const { cpId } = found;
  requireVersion(precondition, stationVersion(found));
  const station =
    (await (precondition ? deleteUnchanged(table, found) : table.delete<StationItem>(stationKey(cpId)))) ??
    found;
  if (station.connection) {
    await connections.close(station.connection.connectionId);
    await giveUpOutstanding({ table, clock }, station);
  }
  await removeUnused(deps, cpId, { used: [], dropped: passwordIdsOf(station.auth) });
  await deleteBelow(table, configurationKey(cpId));
  await deleteBelow(table, transactionKey(cpId, ""));
  await deleteBelow(table, transactionStartKey(cpId, ""));
  await deleteBelow(table, pastTransactionsKey(cpId));
  await deleteBelow(table, workKey(cpId, ""));
  await table.delete(heartbeatKey(cpId));
  return station;
}

async function deleteUnchanged(table: Table, found: StationItem): Promise<StationItem | undefined> {
  const { condition, ...expression } = isUnchanged(found);
  const deleting = table.delete<StationItem>(stationKey(found.cpId), condition, expression);
  const { applied, item } = await tryWrite<StationItem>(deleting);
  // a deletion that the SDK retried meets nothing
  if (!applied && item) throw changedMeanwhile();
  return item;
}

/** Deletes every item whose sort key begins so. */
async function deleteBelow(table: Table, { pk, sk }: Key): Promise<void> {
  const items = await table.partition<Key>(pk, sk);
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const some = items.slice(from, from + AT_ONCE);
    await Promise.all(some.map((item) => table.delete({ pk: item.pk, sk: item.sk })));
  }
}
