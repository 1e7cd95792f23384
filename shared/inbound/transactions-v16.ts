/** Transactions that are numbered here, as OCPP 1.6 wants it. */

import { createHash } from "node:crypto";
import { beginCharge } from "../attempts/begin.ts";
import { type AttemptDeps, apply } from "../attempts/store.ts";
import type { TransactionEndedEvent, TransactionStartedEvent } from "../dialects/station-event.ts";
import type { Speaker } from "../handshake/authenticate.ts";
import type { StationItem, TransactionItem } from "../store/items.ts";
import { stationKey, transactionKey, transactionListKey, transactionStartKey } from "../store/keys.ts";
import { ConditionFailed, type Table } from "../store/table.ts";

export interface StartedTransaction {
  readonly transactionId: number;
  /** The attempt it belongs to. */
  readonly attemptId?: string | undefined;
}

/**
 * Gives a transaction its id: an integer, unique for the station, and the same again for the same
 * StartTransaction (OCPP 1.6 §3.7.1: it is repeated until it is answered). Which id a content has is settled
 * by one conditional write; a number that was drawn in vain is never used. The attempt that it belongs to is
 * started before the transaction is stored, so that a repetition finishes what was cut short.
 */
export async function startTransaction(
  deps: AttemptDeps,
  { cpId, networkId }: Speaker,
  event: TransactionStartedEvent,
  now: number,
): Promise<StartedTransaction> {
  const { table } = deps;
  const startKey = transactionStartKey(cpId, createHash("sha256").update(event.content).digest("base64url"));
  const before = await table.get<{ transactionId: number }>(startKey);
  if (before) {
    const stored = await table.get<TransactionItem>(transactionKey(cpId, String(before.transactionId)));
    if (stored) return { transactionId: before.transactionId, attemptId: stored.remoteStartAttemptId };
  }
  const { transactionId, station } = before
    ? { ...before, station: await table.get<StationItem>(stationKey(cpId)) }
    : await claimTransactionId(table, cpId, startKey);
  const id = String(transactionId);
  const { evseId, connectorId, idTag, meterStart, startedAt } = event;
  const charge = { transactionId: id, startedAtMs: Date.parse(startedAt), evseId, connectorId, idTag };
  const attemptId = station && (await beginCharge(deps, station, charge, now));
  const transaction: TransactionItem = {
    cpId,
    networkId,
    transactionId: id,
    evseId,
    connectorId,
    idTag,
    startedAt,
    meterStart,
    ...(attemptId !== undefined && { remoteStartAttemptId: attemptId }),
    ...transactionListKey(cpId, startedAt, id),
  };
  await itemOf(table.put({ ...transactionKey(cpId, id), ...transaction }, "attribute_not_exists(pk)"));
  return { transactionId, attemptId };
}

/** @returns the station too, as it stands now */
async function claimTransactionId(
  table: Table,
  cpId: string,
  startKey: ReturnType<typeof transactionStartKey>,
): Promise<{ transactionId: number; station: StationItem | undefined }> {
  const station = await table.update<StationItem>({
    key: stationKey(cpId),
    update: "ADD transactionCounter :one",
    values: { ":one": 1 },
    returning: "ALL_NEW",
  });
  const transactionId = station?.transactionCounter as number;
  const earlier = await itemOf<{ transactionId: number }>(
    table.put({ ...startKey, transactionId }, "attribute_not_exists(pk)"),
  );
  return { transactionId: earlier?.transactionId ?? transactionId, station };
}

/**
 * Ends a transaction once, and with it the attempt it belongs to; one whose start never reached us is known
 * from its end.
 */
export async function endTransaction(
  deps: AttemptDeps,
  { cpId, networkId }: Speaker,
  { transactionId, meterStop, stoppedAt, reason }: TransactionEndedEvent,
  now: number,
): Promise<void> {
  const isRunning = "attribute_not_exists(stoppedAt)";
  const list = transactionListKey(cpId, stoppedAt, transactionId);
  const transaction = await itemOf<TransactionItem>(
    deps.table.update({
      key: transactionKey(cpId, transactionId),
      update: [
        "SET stoppedAt = :stoppedAt, meterStop = :meterStop, reason = :reason, cpId = :cpId",
        "networkId = :networkId, transactionId = :transactionId",
        "startedAt = if_not_exists(startedAt, :stoppedAt)",
        "gsi1pk = if_not_exists(gsi1pk, :gsi1pk), gsi1sk = if_not_exists(gsi1sk, :gsi1sk)",
      ].join(", "),
      condition: isRunning,
      values: {
        ":stoppedAt": stoppedAt,
        ":meterStop": meterStop,
        ":reason": reason,
        ":cpId": cpId,
        ":networkId": networkId,
        ":transactionId": transactionId,
        ":gsi1pk": list.gsi1pk,
        ":gsi1sk": list.gsi1sk,
      },
      returning: "ALL_NEW",
    }),
  );
  if (transaction) await endCharge(deps, transaction, now);
}

/** A transaction that is over ends its attempt. */
export async function endCharge(
  deps: AttemptDeps,
  { transactionId, stoppedAt, remoteStartAttemptId }: TransactionItem,
  now: number,
): Promise<void> {
  if (remoteStartAttemptId === undefined || stoppedAt === undefined) return;
  const event = { type: "stopped", transactionId, stoppedAtMs: Date.parse(stoppedAt), atMs: now } as const;
  await apply(deps, remoteStartAttemptId, event);
}

/** What a conditional write left, or what kept it from writing. */
async function itemOf<Item>(write: Promise<unknown>): Promise<Item | undefined> {
  try {
    return (await write) as Item | undefined;
  } catch (error) {
    if (error instanceof ConditionFailed) return error.item as Item | undefined;
    throw error;
  }
}
