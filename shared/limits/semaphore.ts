/**
 * How many commands of a network run at once.
 *
 * The semaphore lives on the network's item as `{inUse, leases: {holder: expiresAtMs}}`, and every write
 * changes both in one UpdateItem, so that `inUse` is the number of leases at any moment:
 *
 *     acquire ──► lease ─────────────── release          the usual life: two writes
 *     acquire ──► lease ──── crash ·····│ expiresAtMs     no release ...
 *                                       └► reaped by the next acquire that finds the network full
 *
 * A bare counter would leak a slot per killed Lambda. Replacing one dead lease at a time would let 3 of 40
 * contenders in where reaping all lets 10 in; so a full network is cleared of every expired lease in the
 * same conditional write that takes the slot. The lease outlives the function that holds it
 * (28 s timeout), so a live holder is never reaped. Holder is the command's id: a retry of the same command
 * re-enters its own lease.
 */

import { count } from "../metrics.ts";
import type { NetworkItem } from "../store/items.ts";
import { networkKey, networkListKey } from "../store/keys.ts";
import { type Table, tryWrite, type Update } from "../store/table.ts";

/** A lease's length in milliseconds: longer than the 28 s a function may run. */
export const LEASE_MS = 30_000;

const DEFAULT_PARALLEL_REQUESTS = 10;

/** A network with default settings. */
export const newNetwork = (networkId: string): NetworkItem => ({
  networkId,
  name: networkId,
  parallelRequests: DEFAULT_PARALLEL_REQUESTS,
  clients: [],
  allowUnauthenticatedStations: false,
  authorization: "acceptAll",
  stationMessages: "liberal",
  inUse: 0,
  leases: {},
});

/** How many commands a network runs, and how many it may. */
export interface SlotUse {
  readonly limit: number;
  readonly inUse: number;
}

export type Admission =
  | ({ readonly admitted: true } & SlotUse)
  | ({ readonly admitted: false; readonly retryAfterMs: number } & SlotUse);

export interface Acquire {
  readonly networkId: string;
  readonly holder: string;
  readonly now: number;
  readonly expiresAtMs: number;
}

/** The holders whose lease has run out, and when it did. */
export const expiredLeases = (leases: NetworkItem["leases"], now: number): [string, number][] =>
  Object.entries(leases).filter(([, expiresAtMs]) => expiresAtMs <= now);

/** The write that takes a free slot. */
function acquireUpdate({ networkId, holder, expiresAtMs }: Acquire): Update {
  const slotIsFree = "inUse < parallelRequests";
  const notHeldByMe = "attribute_not_exists(leases.#holder)";
  return {
    key: networkKey(networkId),
    update: "SET inUse = inUse + :one, leases.#holder = :expiresAtMs",
    condition: `${slotIsFree} AND ${notHeldByMe}`,
    names: { "#holder": holder },
    values: { ":one": 1, ":expiresAtMs": expiresAtMs },
    returning: "ALL_NEW",
  };
}

/**
 * The write that clears a network of its expired leases, if there are any, and takes a slot. Each must
 * still be as it was seen, the holder's own included.
 */
export function reapUpdate(acquire: Acquire, expired: readonly [string, number][], atLeast: number): Update {
  const others = expired.filter(([holder]) => holder !== acquire.holder);
  const own = expired.find(([holder]) => holder === acquire.holder);
  const names: Record<string, string> = { "#holder": acquire.holder };
  const values: Record<string, unknown> = {
    ":change": 1 - expired.length,
    ":expiresAtMs": acquire.expiresAtMs,
    ":enough": atLeast,
    ...(own && { ":own": own[1] }),
  };
  const othersAsSeen = others.map(([holder, expiresAtMs], i) => {
    names[`#expired${i}`] = holder;
    values[`:expired${i}`] = expiresAtMs;
    return `leases.#expired${i} = :expired${i}`;
  });
  const ownAsSeen = own ? "leases.#holder = :own" : "attribute_not_exists(leases.#holder)";
  const roomAfterwards = "inUse < :enough";
  const take = "SET inUse = inUse + :change, leases.#holder = :expiresAtMs";
  const clear = others.map((_, i) => `leases.#expired${i}`).join(", ");
  return {
    key: networkKey(acquire.networkId),
    update: others.length > 0 ? `${take} REMOVE ${clear}` : take,
    condition: [...othersAsSeen, ownAsSeen, roomAfterwards].join(" AND "),
    names,
    values,
    returning: "ALL_NEW",
  };
}

/** The write that gives a slot back, if it is still held. */
function releaseUpdate(networkId: string, holder: string): Update {
  return {
    key: networkKey(networkId),
    update: "SET inUse = inUse - :one REMOVE leases.#holder",
    condition: "attribute_exists(leases.#holder)",
    names: { "#holder": holder },
    values: { ":one": 1 },
  };
}

/**
 * Takes a slot of the network, or returns that none is free. One write where a slot is free.
 *
 * A contended reap is retried as often as another write came in between, which is bounded by
 * the slots there are.
 */
export async function acquireSlot(table: Table, acquire: Acquire): Promise<Admission> {
  let attempt: Update = acquireUpdate(acquire);
  let reaped = 0;
  for (;;) {
    const { applied, item: network } = await tryWrite<NetworkItem>(table.update(attempt));
    if (applied) {
      if (reaped > 0) count("leasesReaped", {}, reaped);
      const { inUse, parallelRequests: limit } = network as NetworkItem;
      return { admitted: true, limit, inUse };
    }
    if (!network) {
      await createNetwork(table, acquire.networkId);
      continue;
    }
    const { inUse, leases, parallelRequests } = network;
    if ((leases[acquire.holder] ?? 0) > acquire.now)
      return { admitted: true, limit: parallelRequests, inUse };
    const expired = expiredLeases(leases, acquire.now);
    if (inUse - expired.length < parallelRequests) {
      reaped = expired.length;
      attempt =
        expired.length > 0
          ? reapUpdate(acquire, expired, parallelRequests + expired.length)
          : acquireUpdate(acquire);
      continue;
    }
    const firstToEnd = Math.min(...Object.values(leases));
    return {
      admitted: false,
      limit: parallelRequests,
      inUse: inUse - expired.length,
      retryAfterMs: Math.max(firstToEnd - acquire.now, 0),
    };
  }
}

/** Releases the slot. A slot that is not held any more (reaped, or released before) is no error. */
export async function releaseSlot(table: Table, networkId: string, holder: string): Promise<void> {
  await tryWrite(table.update(releaseUpdate(networkId, holder)));
}

/** Writes the network with its defaults, unless a concurrent request has written it. */
export async function createNetwork(table: Table, networkId: string): Promise<void> {
  await tryWrite(
    table.put(
      { ...networkKey(networkId), ...networkListKey(networkId), ...newNetwork(networkId) },
      "attribute_not_exists(pk)",
    ),
  );
}
