import type { NetworkItem } from "../store/items.ts";
import { networkKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { type Acquire, createNetwork, expiredLeases, reapUpdate } from "./semaphore.ts";

/**
 * What came of asking for a spare slot:
 * - `taken`: the caller has it, and releases it;
 * - `held`: another run in the name of the same holder has it;
 * - `none`: the caller comes again.
 */
export interface SpareSlot {
  readonly outcome: "taken" | "held" | "none";
}

/** Longer than the Retry-After of a caller that was refused. */
const WANTED_MS = 4_000;

/** Whether its only slot is left to callers that were refused. */
const hasOneSlot = ({ parallelRequests }: Pick<NetworkItem, "parallelRequests">): boolean =>
  parallelRequests <= 1;

/**
 * Takes a slot of the network if another one stays free, so that callers who wait for a response find one. With a
 * limit of 1, it takes the slot if no caller was refused in the last 4 s.
 */
export async function acquireSpareSlot(table: Table, acquire: Acquire): Promise<SpareSlot> {
  const network = await table.get<NetworkItem>(networkKey(acquire.networkId));
  if (!network) {
    await createNetwork(table, acquire.networkId);
    return acquireSpareSlot(table, acquire);
  }
  const { parallelRequests, leases, inUse, wantedAtMs = Number.NEGATIVE_INFINITY } = network;
  if ((leases[acquire.holder] ?? 0) > acquire.now) return { outcome: "held" };
  const most = Math.max(parallelRequests - 1, 1);
  const expired = expiredLeases(leases, acquire.now);
  const isWanted = hasOneSlot(network) && wantedAtMs + WANTED_MS > acquire.now;
  if (isWanted || inUse - expired.length >= most) return { outcome: "none" };
  const { applied } = await tryWrite<NetworkItem>(
    table.update(reapUpdate(acquire, expired, most + expired.length)),
    (stands) => stands.leases[acquire.holder] === acquire.expiresAtMs,
  );
  return { outcome: applied ? "taken" : "none" };
}

/** Notes that a caller was refused; only a network with one slot needs to know. */
export async function noteRefusal(
  table: Table,
  network: { readonly networkId: string; readonly limit: number },
  now: number,
): Promise<void> {
  if (!hasOneSlot({ parallelRequests: network.limit })) return;
  await tryWrite(
    table.update({
      key: networkKey(network.networkId),
      update: "SET wantedAtMs = :now",
      condition: "attribute_exists(pk)",
      values: { ":now": now },
    }),
  );
}
