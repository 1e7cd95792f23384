/**
 * Throttles failed handshakes: they are counted, and past a limit the next one is refused unchecked. Counted in
 * windows of 15 minutes by what an attacker has few of:
 *
 *     pair       one identity from one source    10; 100 from where the station connected last
 *     source     any identity from one source    600
 *     identity   one identity from any source    100, then one in eight, by lot, up to 1,000
 *
 * The two wider limits do not apply to a station that comes from its last source, and its failures do not count
 * there: an attacker cannot lock it out by failing with its identity or from its address. The lot is for a station
 * whose source changes: it connects after some tries, even while an attacker fails with its identity.
 * docs/handshakes.md has the reasons for these numbers.
 */

import { isIPv6 } from "node:net";
import type { FailedHandshakesItem } from "../store/items.ts";
import { failedHandshakesKey, type Key } from "../store/keys.ts";
import type { Table } from "../store/table.ts";
import { MINUTE_MS } from "../time.ts";

export const WINDOW_MS = 15 * MINUTE_MS;

export const LIMITS = { pair: 10, knownPair: 100, source: 600, identity: 100, identityByLot: 1_000 } as const;

/** How many of those past the identity's limit are looked at, up to `identityByLot`. */
export const LOT = 1 / 8;

/** By what handshakes are counted. */
export type Counted = "pair" | "source" | "identity";

/** Who tries, and when. */
export interface Attempt {
  /** Of the identity, whether there is such a station or not. */
  readonly cpId: string;
  /** As `sourceOf` writes it. */
  readonly source: string;
  readonly now: number;
}

/**
 * What counts as one source: an IPv4 address, or the /48 of an IPv6 one, which is the most that one site is given
 * (RFC 6177 §2), and about what a mobile network has a station come from.
 */
export function sourceOf(address: string): string {
  if (!isIPv6(address)) return address;
  // a zone (fe80::1%eth0) is this machine's own name for a line; URL writes the rest in one way
  const [bare = ""] = address.split("%");
  const [head = "", tail] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split("::");
  const [left, right] = [head, tail ?? ""].map((groups) => groups.split(":").filter(Boolean));
  const missing = tail === undefined ? 0 : 8 - (left?.length ?? 0) - (right?.length ?? 0);
  const groups = [...(left ?? []), ...Array<string>(missing).fill("0"), ...(right ?? [])];
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") return groups.slice(6).flatMap(bytesOf).join(".");
  return `${groups.slice(0, 3).join(":")}::/48`;
}

const bytesOf = (group: string): number[] => {
  const number = Number.parseInt(group, 16);
  return [number >> 8, number & 0xff];
};

/** The keys of what counts an attempt: at most 3 items, read with the station in one request. */
export function countersOf({ cpId, source, now }: Attempt): Readonly<Record<Counted, Key>> {
  const window = Math.floor(now / WINDOW_MS);
  return {
    pair: failedHandshakesKey(`${cpId}#${source}`, window),
    source: failedHandshakesKey(source, window),
    identity: failedHandshakesKey(cpId, window),
  };
}

/**
 * Which limit an attempt is past; undefined where it may be looked at.
 *
 * @param isKnown whether the station last connected from there
 * @param lot from 0 to 1, new for each attempt
 */
export function heldBackBy(
  failures: Readonly<Record<Counted, number>>,
  isKnown: boolean,
  lot: number,
): Counted | undefined {
  if (failures.pair >= (isKnown ? LIMITS.knownPair : LIMITS.pair)) return "pair";
  if (isKnown) return undefined;
  if (failures.source >= LIMITS.source) return "source";
  if (failures.identity >= (lot < LOT ? LIMITS.identityByLot : LIMITS.identity)) return "identity";
  return undefined;
}

/** Counts a failed attempt: one write of a small item for each limit that may judge the next one. */
export async function countFailure(table: Table, attempt: Attempt, isKnown: boolean): Promise<void> {
  const { pair, source, identity } = countersOf(attempt);
  const expiresAt = ((Math.floor(attempt.now / WINDOW_MS) + 1) * WINDOW_MS) / 1000;
  await Promise.all(
    (isKnown ? [pair] : [pair, source, identity]).map((key) =>
      table.update<FailedHandshakesItem>({
        key,
        update: "SET expiresAt = :expiresAt ADD failures :one",
        values: { ":expiresAt": expiresAt, ":one": 1 },
      }),
    ),
  );
}
