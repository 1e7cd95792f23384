import { connectorUuidOf } from "../ids.ts";
import { notFound } from "../problems.ts";
import type { TransactionItem } from "../store/items.ts";
import {
  type Key,
  keyText,
  type ListKey,
  pastTransactionKey,
  transactionKey,
  transactionsOf,
  transactionsOfNetwork,
} from "../store/keys.ts";
import { type CursorPage, readPage } from "../store/page.ts";
import { searchPage } from "../store/search.ts";
import { boundsOf, type Span } from "../store/span.ts";
import type { Table } from "../store/table.ts";

/** A charge as API consumers read it; energy meters in Wh. */
export interface TransactionResource {
  /** Ours, and unique. */
  readonly id: string;
  readonly cpId: string;
  readonly transactionId: string;
  readonly connectorUuid?: string;
  readonly idTag?: string;
  readonly startedAt: string;
  readonly meterStart?: number;
  readonly stoppedAt?: string;
  readonly meterStop?: number;
  readonly reason?: string;
  readonly reasonText?: string;
  readonly remoteStartAttemptId?: string;
}

/**
 * The id of a charge: opaque, unique over all stations, and enough to read it by. The station's own id may be used
 * again, by other stations and, in OCPP 2.x, by the same one; so the generation is part of ours.
 */
function idOf({ cpId, transactionId, generation = 0, sk }: TransactionItem & Partial<Key>): string {
  const isPast = sk?.startsWith("PAST#");
  const place = sk === undefined || isPast ? keyText(transactionId) : sk.slice(TRANSACTION.length);
  return Buffer.from(JSON.stringify([cpId, place, generation])).toString("base64url");
}
const TRANSACTION = transactionKey("", "").sk;

/**
 * A charge by its id.
 *
 * @throws Problem `not-found`, for one of another network, too
 */
export async function readTransaction(
  table: Table,
  id: string,
  networks: readonly string[],
): Promise<TransactionResource> {
  const [cpId, place, generation] = partsOf(id);
  if (typeof cpId !== "string" || typeof place !== "string" || typeof generation !== "number")
    throw notFound("transaction");
  const key = { ...transactionKey(cpId, ""), sk: `${TRANSACTION}${place}` };
  const current = await table.get<TransactionItem & Key>(key);
  const isPast = current !== undefined && (current.generation ?? 0) > generation;
  const found = isPast
    ? await table.get<TransactionItem & Key>(pastTransactionKey(cpId, current.transactionId, generation))
    : current;
  const isIt = found && (found.generation ?? 0) === generation && networks.includes(found.networkId);
  // a charge whose station has not named its start yet has no place in a list either
  if (!isIt || found.startedAt === undefined || idOf(found) !== id) throw notFound("transaction");
  return transactionResource(found);
}

function partsOf(id: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(id, "base64url").toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

export function transactionResource(transaction: TransactionItem & Partial<Key>): TransactionResource {
  const { cpId, transactionId, evseId, connectorId, idTag, startedAt, meterStart } = transaction;
  const { stoppedAt, meterStop, reason, reasonText, remoteStartAttemptId } = transaction;
  const isPlaced = evseId !== undefined && connectorId !== undefined;
  return {
    id: idOf(transaction),
    cpId,
    transactionId,
    ...(isPlaced && { connectorUuid: connectorUuidOf(cpId, evseId, connectorId) }),
    ...(idTag !== undefined && { idTag }),
    startedAt,
    ...(meterStart !== undefined && { meterStart }),
    ...(stoppedAt !== undefined && { stoppedAt }),
    ...(meterStop !== undefined && { meterStop }),
    ...(reason !== undefined && { reason }),
    ...(reasonText !== undefined && { reasonText }),
    ...(remoteStartAttemptId !== undefined && { remoteStartAttemptId }),
  };
}

/** A page of a station's charges, newest first. */
export async function listTransactions(
  table: Table,
  cpId: string,
  page: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<CursorPage<TransactionResource>> {
  const list = { partition: transactionsOf(cpId), newestFirst: true, ...page };
  const { items, ...rest } = await readPage<TransactionItem & Key & ListKey>(table, list);
  return { items: items.map(transactionResource), ...rest };
}

/** What is searched; `cpId` for the charges of one station. */
export interface TransactionSearch extends Span {
  readonly networkId: string;
  readonly cpId?: string | undefined;
  readonly state?: "running" | "ended" | undefined;
  readonly idTag?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly mayGoOn: () => boolean;
}

/** How many charges of a station one request looks at. */
const MAX_LOOKED_AT = 2000;

/** A page of the charges of a station or of a network, newest start first. */
export async function searchTransactions(
  table: Table,
  { networkId, cpId, state, idTag, from, to, limit, cursor, mayGoOn }: TransactionSearch,
): Promise<CursorPage<TransactionResource>> {
  const wanted = idTag?.toLowerCase();
  const keep = (item: TransactionItem) =>
    item.networkId === networkId &&
    (state === undefined || (state === "ended") === (item.stoppedAt !== undefined)) &&
    (wanted === undefined || item.idTag?.toLowerCase() === wanted);
  const page = { ...boundsOf({ from, to }), limit, cursor, mayGoOn };
  if (cpId === undefined)
    return searchPage<TransactionItem & Key, TransactionResource>(
      table,
      { partitions: [transactionsOfNetwork(networkId)], ...page },
      async (items) => items.map((item) => (keep(item) ? transactionResource(item) : undefined)),
    );
  const list = { partition: transactionsOf(cpId), newestFirst: true, ...page, keep, most: MAX_LOOKED_AT };
  const { items, ...rest } = await readPage<TransactionItem & Key & ListKey>(table, list);
  return { items: items.map(transactionResource), ...rest };
}
