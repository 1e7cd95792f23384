import { notFound } from "../problems.ts";
import type { ExchangeItem, HeartbeatItem } from "../store/items.ts";
import { type Key, type ListKey, logOf, logOfNetwork } from "../store/keys.ts";
import { type CursorPage, compared, cursorOf, positionOf, readPage } from "../store/page.ts";
import { payloadOf } from "../store/payload.ts";
import { searchPage } from "../store/search.ts";
import { boundsOf } from "../store/span.ts";
import type { ListQuery, Table } from "../store/table.ts";
import { iso } from "../time.ts";
import { keyOfEntryId } from "./entry-id.ts";
import { findHeartbeat, type HeartbeatCount, heartbeatRow } from "./heartbeat.ts";

/** An exchange, either direction, as API consumers read it. */
export interface LogEntry {
  readonly entryId: string;
  readonly cpId: string;
  readonly at: string;
  readonly direction: "toStation" | "fromStation";
  readonly ocppMessageId: string;
  readonly action: string;
  readonly request: unknown;
  readonly response?: unknown;
  readonly messageType?: "CALL_RESULT" | "CALL_ERROR";
  readonly durationMs?: number;
  readonly protocol?: string;
  readonly connectionId?: string;
  readonly commandId?: string;
  readonly violations?: readonly { readonly pointer: string; readonly detail: string }[];
  /** Of the last Heartbeat, where Heartbeats have no entries of their own. */
  readonly heartbeats?: HeartbeatCount;
}

/** An exchange as it is stored, or the last Heartbeat in that form. */
type LogItem = ExchangeItem & { readonly heartbeats?: HeartbeatCount };

function logEntry(item: LogItem): LogEntry {
  const { entryId, cpId, atMs, direction, ocppMessageId, action, request, response } = item;
  const { messageType, answeredAtMs, protocol, connectionId, violations, heartbeats } = item;
  const isOurs = item.direction === "toStation";
  const beganAtMs = (isOurs && item.sentAtMs) || atMs;
  return {
    entryId,
    cpId,
    at: iso(atMs),
    direction,
    ocppMessageId,
    action,
    request: payloadOf(request),
    ...(response !== undefined && { response: payloadOf(response) }),
    ...(messageType && { messageType }),
    ...(answeredAtMs !== undefined && { durationMs: Math.max(0, answeredAtMs - beganAtMs) }),
    ...(protocol && { protocol }),
    ...(connectionId && { connectionId }),
    ...(isOurs && { commandId: item.commandId }),
    ...(violations && { violations }),
    ...(heartbeats && { heartbeats }),
  };
}

const lengthOf = ({ request, response }: ExchangeItem): number =>
  (request?.length ?? 0) + (response?.length ?? 0);

/** What of the log is wanted; times are RFC 3339, both inclusive. */
export interface LogQuery {
  /** Only entries of this network. */
  readonly networkId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly action?: string | undefined;
  readonly direction?: "toStation" | "fromStation" | undefined;
  readonly commandId?: string | undefined;
  readonly violations?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const isWanted =
  ({ networkId, action, direction, commandId, violations }: Partial<LogQuery>) =>
  (item: ExchangeItem): boolean =>
    (!networkId || item.networkId === networkId) &&
    (!action || item.action === action) &&
    (!direction || item.direction === direction) &&
    (!commandId || (item.direction === "toStation" && item.commandId === commandId)) &&
    (violations === undefined || violations === (item.violations ?? []).length > 0);

/**
 * A page of a station's log, newest first, with the last Heartbeat in its place.
 *
 * @param mayGoOn whether there is time for another read, where a filter finds little
 * @throws Problem `invalid-request` for a cursor of another list, or a span that ends before it begins
 */
export async function listLog(
  table: Table,
  cpId: string,
  { networkId, from, to, action, direction, commandId, violations, limit, cursor }: LogQuery,
  mayGoOn: () => boolean,
): Promise<CursorPage<LogEntry>> {
  const keep = isWanted({ networkId, action, direction, commandId, violations });
  const isFiltered = networkId || action || direction || commandId || violations !== undefined;
  const list = { partition: logOf(cpId), ...boundsOf({ from, to }), limit, cursor };
  const [page, heartbeat] = await Promise.all([
    readPage<Row>(table, { ...list, newestFirst: true, lengthOf, ...(isFiltered && { keep }), mayGoOn }),
    findHeartbeat(table, cpId),
  ]);
  const row = heartbeat && heartbeatRow(cpId, heartbeat);
  const { items, nextCursor } = row && keep(row) ? withRow(page, row, list) : page;
  return { items: items.map(logEntry), ...(nextCursor && { nextCursor }) };
}

type Row = LogItem & Key & ListKey;

/** The page with a row that is not in its list, where the row's place is on the page. */
function withRow(
  page: CursorPage<Row>,
  row: Row,
  list: Pick<ListQuery, "partition" | "from" | "to" | "limit"> & { readonly cursor?: string | undefined },
): CursorPage<Row> {
  const { from, to, limit } = list;
  const placeOf = (cursor: string | undefined) => cursor && positionOf(cursor, list).gsi1sk;
  const [before, last] = [placeOf(list.cursor), placeOf(page.nextCursor)];
  const isNewerThan = (place: string | undefined) => !place || compared(row.gsi1sk, place) > 0;
  const isOlderThan = (place: string | undefined) => !place || compared(row.gsi1sk, place) < 0;
  const isHere = isNewerThan(from) && isOlderThan(to) && isOlderThan(before) && isNewerThan(last);
  if (!isHere) return page;
  const rows = [...page.items, row].sort((one, other) => compared(other.gsi1sk, one.gsi1sk));
  const end = rows[limit - 1];
  return rows.length > limit && end
    ? { items: rows.slice(0, limit), nextCursor: cursorOf(end) }
    : { ...page, items: rows };
}

export interface LogSearch extends LogQuery {
  readonly networkId: string;
  readonly cpId?: string | undefined;
  readonly mayGoOn: () => boolean;
}

/**
 * A page of the log of a network, newest first. Heartbeats and meter readings are only in the log of their station.
 *
 * @throws Problem `invalid-request` for a cursor of another list, or a span that ends before it begins
 */
export async function searchLog(
  table: Table,
  { cpId, mayGoOn, ...query }: LogSearch,
): Promise<CursorPage<LogEntry>> {
  if (cpId !== undefined) return listLog(table, cpId, query, mayGoOn);
  const { networkId, from, to, limit, cursor } = query;
  const keep = isWanted(query);
  return searchPage<ExchangeItem, LogEntry>(
    table,
    { partitions: logOfNetwork(networkId), ...boundsOf({ from, to }), limit, cursor, mayGoOn, lengthOf },
    async (items) => items.map((item) => (keep(item) ? logEntry(item) : undefined)),
  );
}

/**
 * One entry of a station's log.
 *
 * @throws Problem `not-found`
 */
export async function readLogEntry(table: Table, cpId: string, entryId: string): Promise<LogEntry> {
  const key = keyOfEntryId(cpId, entryId);
  const item = key && (await table.get<ExchangeItem | HeartbeatItem>(key));
  if (!item) throw notFound("log entry");
  return logEntry(isHeartbeat(item) ? heartbeatRow(cpId, item) : item);
}

const isHeartbeat = (item: ExchangeItem | HeartbeatItem): item is HeartbeatItem => !("entryId" in item);
