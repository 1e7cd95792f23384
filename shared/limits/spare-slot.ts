import type { NetworkItem } from "../store/items.ts";
import { networkKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { type Acquire, createNetwork, expiredLeases, reapUpdate } from "./semaphore.ts";

/** What came of asking for a spare slot. */
export interface SpareSlot {
  readonly taken: boolean;
  readonly limit: number;
}

/**
 * Takes a slot of the network if another one stays free, so that callers who wait for a response find one. With a
 * limit of 1, it takes the slot if nothing runs.
 *
 * @returns not taken as well where another write came in between: the caller comes again
 */
export async function acquireSpareSlot(table: Table, acquire: Acquire): Promise<SpareSlot> {
  const network = await table.get<NetworkItem>(networkKey(acquire.networkId));
  if (!network) {
    await createNetwork(table, acquire.networkId);
    return acquireSpareSlot(table, acquire);
  }
  const { parallelRequests: limit, leases } = network;
  if ((leases[acquire.holder] ?? 0) > acquire.now) return { taken: true, limit };
  const most = Math.max(limit - 1, 1);
  const expired = expiredLeases(leases, acquire.now);
  if (network.inUse - expired.length >= most) return { taken: false, limit };
  const { applied } = await tryWrite<NetworkItem>(
    table.update(reapUpdate(acquire, expired, most + expired.length)),
    ({ leases }) => leases[acquire.holder] === acquire.expiresAtMs,
  );
  return { taken: applied, limit };
}
