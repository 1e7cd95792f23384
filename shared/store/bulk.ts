/** The items of a bulk command and their keys; docs/bulk.md has the sizes and the writes. */

import type { ProblemDetails } from "../problems.ts";
import type { RequestedBy } from "./items.ts";
import type { Key, ListKey } from "./keys.ts";
import type { PayloadText } from "./payload.ts";

/** What became of the command at one station. */
export const bulkOutcomes = ["accepted", "refused", "failed", "unknown", "skipped"] as const;

export type BulkOutcome = (typeof bulkOutcomes)[number];

/**
 * A bulk command. All that must change together is here: which stations are handed out (`next`, `workers`), and how
 * many have ended in which way.
 */
export interface BulkItem extends Record<BulkOutcome, number> {
  bulkId: string;
  networkId: string;
  /** As the API names it. */
  command: string;
  state: "running" | "completed" | "cancelled" | "stopped";
  /** How many stations the snapshot has. */
  total: number;
  /** The first station of the snapshot that no worker has claimed. */
  next: number;
  /** By worker: the station that it is at. */
  workers: Record<string, number | ParkedClaim>;
  /** How many stations are offline and wait for their connection; cancelled once it does not run any more. */
  parked: number;
  /** Which snapshot it is sent to. */
  snapshotId: string;
  parallel: number;
  offline: "skip" | "wait";
  /** Until when stations that are offline are waited for. */
  expiresAtMs?: number;
  /** With so many failures it stops; beyond `total` where it does not. */
  failureLimit: number;
  requestedBy?: RequestedBy;
  requestedAtMs: number;
  completedAtMs?: number;
  expiresAt: number;
}

/** A station that was parked and is taken up again. The mark differs from claim to claim. */
export interface ParkedClaim {
  n: number;
  mark: string;
}

/** What is sent, apart from the item that every station writes to. */
export interface BulkInputItem {
  input: PayloadText;
  expiresAt: number;
}

/** A part of the snapshot. */
export interface BulkStationsItem {
  cpIds: string[];
  expiresAt: number;
}

/** One station of a bulk command, once it was sent the command or will not be. */
export interface BulkRowItem {
  n: number;
  cpId: string;
  commandId: string;
  /** Which claim may write the outcome: absent for the first, then that of a parked station, see `rows.ts`. */
  claim?: string;
  /** Absent while the station is offline and waited for. Written once. */
  outcome?: BulkOutcome;
  /** The station's own word. */
  status?: string;
  problem?: ProblemDetails;
  atMs: number;
  expiresAt: number;
}

const partition = (bulkId: string): string => `BULK#${bulkId}`;

export const bulkKey = (bulkId: string): Key => ({ pk: partition(bulkId), sk: "BULK" });
export const bulkInputKey = (bulkId: string): Key => ({ pk: partition(bulkId), sk: "INPUT" });

/** How many stations a part of the snapshot has: 10 KB. */
export const STATIONS_PER_PART = 250;

export const bulkStationsKey = ({ bulkId, snapshotId }: SnapshotOf, part: number): Key => ({
  pk: partition(bulkId),
  sk: `STATIONS#${snapshotId}#${String(part).padStart(4, "0")}`,
});

/** A request that is repeated takes another snapshot; the bulk command names the one that counts. */
type SnapshotOf = Pick<BulkItem, "bulkId" | "snapshotId">;

export const bulkRowsPrefix = "ROW#";
export const bulkRowKey = (bulkId: string, n: number): Key => ({
  pk: partition(bulkId),
  sk: `${bulkRowsPrefix}${String(n).padStart(5, "0")}`,
});

/** The bulk commands of a network, by when they were requested. */
export const bulksOf = (networkId: string): string => `BULKS#${networkId}`;
export const bulkListKey = (networkId: string, requestedAt: string, bulkId: string): ListKey => ({
  gsi1pk: bulksOf(networkId),
  gsi1sk: `${requestedAt}#${bulkId}`,
});
