import { atOnce } from "../at-once.ts";
import { type BulkItem, type BulkRowItem, bulkKey, bulkRowsPrefix } from "../store/bulk.ts";
import { claimedByExpiry, claimParked, close, finish, isBeingParked } from "./head.ts";
import { delayFor } from "./messages.ts";
import { takeRow } from "./rows.ts";
import type { BulkDeps, Snapshot } from "./snapshot.ts";
import { runClaim } from "./station.ts";

/** Parked stations that are ended at once. Each writes twice to the bulk command's item. */
const AT_ONCE = 10;

/** Before the next look at stations that connected just before the expiry, in seconds. */
const NEXT_LOOK_SECONDS = 30;

/** After the expiry: skips the stations that are offline still. */
export async function expire(
  deps: BulkDeps,
  snapshot: Snapshot,
  bulk: BulkItem,
  mayGoOn: () => boolean,
): Promise<void> {
  const { table, clock, queue } = deps;
  const { bulkId, expiresAtMs = 0 } = bulk;
  const again = (delaySeconds: number) => queue.send([{ job: "expiry", bulkId }], delaySeconds);
  const leftMs = expiresAtMs - clock.now();
  if (leftMs > 0 && bulk.state === "running") return again(delayFor(leftMs));
  const waiting = [...new Set([...claimedByExpiry(bulk), ...(await parkedIn(deps, bulk))])];
  await atOnce(AT_ONCE, waiting, async (n) => {
    if (mayGoOn()) await skip(deps, snapshot, bulkId, n);
  });
  const after = await table.get<BulkItem>(bulkKey(bulkId));
  if (after && mayChange(after)) return again(mayGoOn() ? NEXT_LOOK_SECONDS : 0);
  await close(table, bulkId, clock.now());
}

/** Whether a station may still be parked, or is. */
const mayChange = (bulk: BulkItem): boolean =>
  claimedByExpiry(bulk).length > 0 ||
  (bulk.state === "running" &&
    (bulk.parked > 0 || bulk.next < bulk.total || Object.keys(bulk.workers).length > 0));

/** The stations whose rows have no outcome. */
async function parkedIn({ table }: BulkDeps, { bulkId, parked, state }: BulkItem): Promise<number[]> {
  if (parked === 0 || state !== "running") return [];
  const rows = await table.partition<BulkRowItem>(bulkKey(bulkId).pk, bulkRowsPrefix);
  return rows.filter(({ outcome }) => outcome === undefined).map(({ n }) => n);
}

async function skip(deps: BulkDeps, snapshot: Snapshot, bulkId: string, n: number): Promise<void> {
  const claim = await claimParked(deps.table, bulkId, n, "expiry");
  if (!claim) return;
  const row = isBeingParked(claim) ? undefined : await takeRow(deps.table, claim);
  await (row ? runClaim(deps, snapshot, claim, row) : finish(deps.table, claim, "parked"));
}
