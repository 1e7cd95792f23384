import { atOnce } from "../at-once.ts";
import { holdsSecret } from "../ocpp/secrets.ts";
import { Problem } from "../problems.ts";
import type { StationFilter } from "../stations/filter.ts";
import { listStations } from "../stations/find.ts";
import {
  type BulkItem,
  bulkInputKey,
  bulkKey,
  bulkListKey,
  bulkStationsKey,
  STATIONS_PER_PART,
} from "../store/bulk.ts";
import type { RequestedBy } from "../store/items.ts";
import { payloadText } from "../store/payload.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { expiresAfter, iso } from "../time.ts";
import type { BulkDeps } from "./snapshot.ts";
import { START_AGAIN_SECONDS, start } from "./start.ts";

const MAX_STATIONS = 10_000;

/** More at once are of no use: a network runs at most 100 commands, and each is a message of its own. */
const MAX_PARALLEL = 50;

/** An item has room for 400 KB. */
const MAX_INPUT_BYTES = 300_000;

const PARTS_AT_ONCE = 10;

export interface NewBulk {
  readonly bulkId: string;
  readonly networkId: string;
  readonly command: string;
  readonly input: object;
  readonly cpIds: readonly string[];
  /** How many commands of the network run at once. */
  readonly limit: number;
  /** @default half of the limit */
  readonly parallel?: number | undefined;
  readonly offline: "skip" | "wait";
  readonly expiresAtMs?: number | undefined;
  readonly stopAfterFailures?: number | undefined;
  readonly requestedBy?: RequestedBy | undefined;
}

/**
 * Accepts a bulk command: stores the snapshot of its stations, then the command, which is then accepted, and starts it.
 * A message that was sent before starts it if the function dies in between, and finds no command if it dies earlier. A
 * repeat of the request takes another snapshot, which counts if the first one was not accepted.
 *
 * @throws Problem `invalid-request`
 */
export async function acceptBulk(
  { table, clock, logDays, queue, newId }: Pick<BulkDeps, "table" | "clock" | "logDays" | "queue" | "newId">,
  { bulkId, networkId, command, input, cpIds, limit, offline, stopAfterFailures, ...about }: NewBulk,
): Promise<BulkItem> {
  const requestedAtMs = clock.now();
  const stored = payloadText(input);
  if (holdsSecret("", input))
    throw invalid("/input", "contains a secret, which would be stored until every station has been sent it");
  if (Buffer.byteLength(stored) > MAX_INPUT_BYTES) throw invalid("/input", "is larger than 300 KB");
  const { expiresAtMs, requestedBy } = about;
  const expiresAt = expiresAfter(expiresAtMs ?? requestedAtMs, logDays);
  const total = cpIds.length;
  const parallel = Math.min(about.parallel ?? Math.max(1, Math.floor(limit / 2)), MAX_PARALLEL);
  const bulk: BulkItem = {
    bulkId,
    networkId,
    snapshotId: newId(),
    command,
    state: "running",
    total,
    next: 0,
    workers: {},
    parked: 0,
    ...{ accepted: 0, refused: 0, failed: 0, unknown: 0, skipped: 0 },
    parallel,
    offline,
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    failureLimit: stopAfterFailures ?? total + 1,
    ...(requestedBy && { requestedBy }),
    requestedAtMs,
    ...(total === 0 && { state: "completed", completedAtMs: requestedAtMs }),
    expiresAt,
  };
  await storeStations(table, bulk, cpIds);
  await table.put({ ...bulkInputKey(bulkId), input: stored, expiresAt });
  await queue.send([{ job: "start", bulkId }], START_AGAIN_SECONDS);
  const item = { ...bulkKey(bulkId), ...bulkListKey(networkId, iso(requestedAtMs), bulkId), ...bulk };
  const { applied, item: before } = await tryWrite<BulkItem>(table.put(item, "attribute_not_exists(pk)"));
  if (!applied) return before ?? bulk;
  await start({ queue, clock }, bulk);
  return bulk;
}

async function storeStations(table: Table, bulk: BulkItem, cpIds: readonly string[]): Promise<void> {
  const parts = Array.from({ length: Math.ceil(cpIds.length / STATIONS_PER_PART) }, (_, part) => part);
  const store = (part: number) =>
    table.put({
      ...bulkStationsKey(bulk, part),
      cpIds: cpIds.slice(part * STATIONS_PER_PART, (part + 1) * STATIONS_PER_PART),
      expiresAt: bulk.expiresAt,
    });
  await atOnce(PARTS_AT_ONCE, parts, store);
}

/**
 * The stations that match a filter now.
 *
 * @throws Problem `invalid-request` for more than 10,000
 */
export async function matchingStations(
  table: Table,
  networkId: string,
  { filter, now }: { readonly filter: StationFilter; readonly now: number },
): Promise<string[]> {
  const cpIds: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 500, cursor, filter, mayGoOn: () => true, now };
    const page = await listStations(table, networkId, query);
    cpIds.push(...page.items.map(({ cpId }) => cpId));
    if (cpIds.length > MAX_STATIONS)
      throw invalid("/stations/filter", `matches more than ${MAX_STATIONS} stations`);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return cpIds;
}

export const invalid = (pointer: string, detail: string): Problem =>
  new Problem("invalid-request", "The bulk command is not valid; see `errors`.", {
    errors: [{ pointer, detail }],
  });
