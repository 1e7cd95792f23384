import { connectorUuidOf } from "../ids.ts";
import type { TransactionItem } from "../store/items.ts";
import { type Key, type ListKey, transactionsOf } from "../store/keys.ts";
import { type CursorPage, readPage } from "../store/page.ts";
import type { Table } from "../store/table.ts";

/** A charge as API consumers read it; energy meters in Wh. */
export interface TransactionResource {
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

export function transactionResource(transaction: TransactionItem): TransactionResource {
  const { cpId, transactionId, evseId, connectorId, idTag, startedAt, meterStart } = transaction;
  const { stoppedAt, meterStop, reason, reasonText, remoteStartAttemptId } = transaction;
  const isPlaced = evseId !== undefined && connectorId !== undefined;
  return {
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
