/** Transactions that the station numbers, as OCPP 2.x wants it. */

import { beginCharge } from "../attempts/begin.ts";
import type { AttemptDeps } from "../attempts/store.ts";
import type { TransactionReportEvent } from "../dialects/station-event.ts";
import type { Speaker } from "../handshake/authenticate.ts";
import type { StationItem, TransactionItem } from "../store/items.ts";
import { stationKey, transactionKey, transactionListKey } from "../store/keys.ts";
import { ConditionFailed, type Table, type Update } from "../store/table.ts";
import { endCharge } from "./transactions-v16.ts";

/**
 * Takes in what a station says of a transaction, and what that means to the attempt it belongs to.
 *
 * @returns the attempt's id, where it belongs to one
 */
export async function takeTransactionReport(
  deps: AttemptDeps,
  speaker: Speaker,
  event: TransactionReportEvent,
  now: number,
): Promise<string | undefined> {
  const transaction = await keepReport(deps.table, speaker, event);
  const attemptId = transaction.remoteStartAttemptId ?? (await beginAttempt(deps, speaker, event, now));
  if (attemptId !== undefined)
    await endCharge(deps, { ...transaction, remoteStartAttemptId: attemptId }, now);
  return attemptId;
}

/** The attempt starts before the transaction is marked as its own: a repetition finishes what was cut short. */
async function beginAttempt(
  deps: AttemptDeps,
  { cpId }: Speaker,
  { transactionId, at, evseId, connectorId, remoteStartId }: TransactionReportEvent,
  now: number,
): Promise<string | undefined> {
  if (remoteStartId === undefined) return undefined;
  const station = await deps.table.get<StationItem>(stationKey(cpId));
  const charge = { transactionId, startedAtMs: Date.parse(at), evseId, connectorId, remoteStartId };
  const attemptId = station && (await beginCharge(deps, station, charge, now));
  if (attemptId === undefined) return undefined;
  await deps.table.update({
    key: transactionKey(cpId, transactionId),
    update: "SET remoteStartAttemptId = :attemptId",
    values: { ":attemptId": attemptId },
  });
  return attemptId;
}

/**
 * Keeps what a station says of a transaction that it numbers itself. Its messages come in any order and more
 * than once (they are buffered offline, and repeated until answered), so each sets what is its own to say:
 * the first when and at what reading it started, the last when, how and why it ended. Who charges is said by
 * any of them but the last; the earliest that says it counts.
 *
 * @returns the transaction as it stands then
 */
async function keepReport(
  table: Table,
  speaker: Speaker,
  event: TransactionReportEvent,
): Promise<TransactionItem> {
  const names = event.idTag !== undefined && event.phase !== "Ended";
  try {
    return (await table.update<TransactionItem>(reportUpdate(speaker, event, names))) as TransactionItem;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return (await table.update<TransactionItem>(reportUpdate(speaker, event, false))) as TransactionItem;
  }
}

function reportUpdate({ cpId, networkId }: Speaker, event: TransactionReportEvent, names: boolean): Update {
  const { phase, transactionId, at, evseId, connectorId, idTag, meter, reason, seqNo } = event;
  const list = transactionListKey(cpId, at, transactionId);
  const own: Record<string, unknown> = {
    cpId,
    networkId,
    transactionId,
    gsi1pk: list.gsi1pk,
    ...(evseId !== undefined && { evseId }),
    ...(connectorId !== undefined && { connectorId }),
    ...(names && { idTag, idTagSeqNo: seqNo }),
    ...(phase === "Started" && { startedAt: at, gsi1sk: list.gsi1sk }),
    ...(phase === "Started" && meter !== undefined && { meterStart: meter }),
    ...(phase === "Ended" && { stoppedAt: at, reason: reason ?? "Local" }),
    ...(phase === "Ended" && meter !== undefined && { meterStop: meter }),
  };
  // one whose start has not reached us yet is known from what did
  const provisional: Record<string, unknown> =
    phase === "Started" ? {} : { startedAt: at, gsi1sk: list.gsi1sk };
  const set = [
    ...Object.keys(own).map((name) => `${name} = :${name}`),
    ...Object.keys(provisional).map((name) => `${name} = if_not_exists(${name}, :${name})`),
  ];
  return {
    key: transactionKey(cpId, transactionId),
    update: `SET ${set.join(", ")}`,
    ...(names && { condition: "attribute_not_exists(idTagSeqNo) OR idTagSeqNo >= :idTagSeqNo" }),
    values: Object.fromEntries(Object.entries({ ...own, ...provisional }).map(([k, v]) => [`:${k}`, v])),
    returning: "ALL_NEW",
  };
}
