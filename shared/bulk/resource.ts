import { mayRead, type Reader } from "../networks/reader.ts";
import { notFound, type ProblemDetails } from "../problems.ts";
import {
  type BulkItem,
  type BulkOutcome,
  type BulkRowItem,
  type BulkStationsItem,
  bulkKey,
  bulkOutcomes,
  bulkRowKey,
  bulkStationsKey,
  bulksOf,
  STATIONS_PER_PART,
} from "../store/bulk.ts";
import type { RequestedBy } from "../store/items.ts";
import type { Key, ListKey } from "../store/keys.ts";
import { type CursorPage, readPage } from "../store/page.ts";
import type { Table } from "../store/table.ts";
import { iso } from "../time.ts";
import { stationsAtWork } from "./head.ts";

/** What is shown of a station: its outcome, or what it waits for. */
const rowOutcomes = [...bulkOutcomes, "cancelled", "waiting", "running"] as const;

type RowOutcome = (typeof rowOutcomes)[number];

export interface BulkResource {
  readonly bulkId: string;
  readonly command: string;
  readonly state: BulkItem["state"];
  readonly counts: Readonly<Record<RowOutcome | "total", number>>;
  readonly parallel: number;
  readonly offline: BulkItem["offline"];
  readonly expiresAt?: string;
  readonly requestedBy?: RequestedBy;
  readonly requestedAt: string;
  readonly completedAt?: string;
}

export interface BulkResult {
  readonly cpId: string;
  readonly outcome: RowOutcome;
  readonly commandId?: string;
  readonly status?: string;
  readonly problem?: ProblemDetails;
  readonly at?: string;
}

/** @throws Problem `not-found` */
export async function findBulk(table: Table, bulkId: string, reader: Reader): Promise<BulkItem> {
  const bulk = await table.get<BulkItem>(bulkKey(bulkId));
  if (!bulk || !mayRead(reader, bulk)) throw notFound("bulk command");
  return bulk;
}

export function bulkResource(bulk: BulkItem): BulkResource {
  const { bulkId, command, state, total, next, workers, parked, requestedBy, completedAtMs } = bulk;
  const { parallel, offline, expiresAtMs } = bulk;
  const notSent = total - next + parked;
  const { accepted, refused, failed, unknown, skipped } = bulk;
  return {
    bulkId,
    command,
    state,
    counts: {
      total,
      waiting: state === "running" ? notSent : 0,
      running: Object.keys(workers).length,
      ...{ accepted, refused, failed, unknown, skipped },
      cancelled: state === "running" ? 0 : notSent,
    },
    parallel,
    offline,
    ...(expiresAtMs !== undefined && { expiresAt: iso(expiresAtMs) }),
    ...(requestedBy && { requestedBy }),
    requestedAt: iso(bulk.requestedAtMs),
    ...(completedAtMs !== undefined && { completedAt: iso(completedAtMs) }),
  };
}

export interface BulkSearch {
  readonly networkId: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly reader: Reader;
  readonly mayGoOn: () => boolean;
}

/** A page of a network's bulk commands, newest first. */
export async function listBulks(
  table: Table,
  { networkId, reader, ...page }: BulkSearch,
): Promise<CursorPage<BulkResource>> {
  const { items, ...rest } = await readPage<BulkItem & Key & ListKey>(table, {
    partition: bulksOf(networkId),
    newestFirst: true,
    ...page,
    ...(reader.only && { keep: (bulk: BulkItem) => mayRead(reader, bulk) }),
  });
  return { ...rest, items: items.map(bulkResource) };
}

/** How many rows are read at once, and by one request. */
const ROWS_AT_ONCE = 100;
const MAX_LOOKED_AT = 2000;

export interface ResultSearch {
  readonly outcome?: RowOutcome | undefined;
  readonly limit: number;
  /** How many stations of the snapshot come before the page. */
  readonly after: number;
}

export interface ResultPage {
  readonly items: readonly BulkResult[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: number;
}

/** A page of the stations of a bulk command, in the order of its snapshot. */
export async function listResults(
  table: Table,
  bulk: BulkItem,
  { outcome, limit, after }: ResultSearch,
): Promise<ResultPage> {
  const items: BulkResult[] = [];
  const end = Math.min(bulk.total, after + MAX_LOOKED_AT);
  for (let first = after; first < end; first += ROWS_AT_ONCE) {
    const rows = await resultsFrom(table, bulk, first, Math.min(first + ROWS_AT_ONCE, end));
    for (const [place, row] of rows.entries()) {
      if (outcome !== undefined && row.outcome !== outcome) continue;
      items.push(row);
      const next = first + place + 1;
      if (items.length === limit) return { items, ...(next < bulk.total && { next }) };
    }
  }
  return { items, ...(end < bulk.total && { next: end }) };
}

async function resultsFrom(table: Table, bulk: BulkItem, from: number, to: number): Promise<BulkResult[]> {
  const { bulkId } = bulk;
  const numbers = Array.from({ length: to - from }, (_, place) => from + place);
  const parts = [...new Set(numbers.map((n) => Math.floor(n / STATIONS_PER_PART)))];
  const [rows, ...stations] = await Promise.all([
    table.getMany<BulkRowItem>(numbers.map((n) => bulkRowKey(bulkId, n))),
    ...parts.map((part) => table.get<BulkStationsItem>(bulkStationsKey(bulk, part))),
  ]);
  const byNumber = new Map(rows.map((row) => [row.n, row]));
  const current = stationsAtWork(bulk);
  return numbers.map((n) => {
    const part = stations[parts.indexOf(Math.floor(n / STATIONS_PER_PART))];
    const row = byNumber.get(n);
    const cpId = row?.cpId ?? part?.cpIds[n % STATIONS_PER_PART] ?? "";
    if (row?.outcome === undefined) return { cpId, outcome: withoutOutcome(bulk, n, current) };
    const { commandId, status, problem, outcome, atMs } = row;
    return {
      cpId,
      outcome,
      // a row of a station that was not sent it has no command to read
      ...(hasCommand(outcome, problem) && { commandId }),
      ...(status !== undefined && { status }),
      ...(problem && { problem }),
      at: iso(atMs),
    };
  });
}

function withoutOutcome({ state }: BulkItem, n: number, current: ReadonlySet<number>): RowOutcome {
  if (current.has(n)) return "running";
  return state === "running" ? "waiting" : "cancelled";
}

/** Only a CALL that was stored makes a command resource. */
const hasCommand = (outcome: BulkOutcome, problem: ProblemDetails | undefined): boolean =>
  outcome === "unknown" || (outcome !== "skipped" && (problem === undefined || "ocppMessageId" in problem));

/** The stations whose rows are `failed`. */
export async function failedStations(table: Table, bulk: BulkItem): Promise<string[]> {
  const cpIds: string[] = [];
  for (let after: number | undefined = 0; after !== undefined && after < bulk.total; ) {
    const page: ResultPage = await listResults(table, bulk, { outcome: "failed", limit: 500, after });
    cpIds.push(...page.items.map(({ cpId }) => cpId));
    after = page.next;
  }
  return cpIds;
}
