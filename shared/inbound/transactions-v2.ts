/** Transactions that the station numbers, as OCPP 2.x wants it. */

import { beginCharge } from "../attempts/begin.ts";
import { type AttemptDeps, readAttempt } from "../attempts/store.ts";
import { endCharge, endUnreported } from "../attempts/unreported.ts";
import type { TransactionReportEvent } from "../dialects/station-event.ts";
import type { Speaker } from "../handshake/authenticate.ts";
import { rawTokenOf } from "../stations/raw-starts.ts";
import type { StationItem, TransactionItem } from "../store/items.ts";
import {
  type Key,
  pastTransactionKey,
  stationKey,
  transactionKey,
  transactionListKey,
  transactionSearchKey,
} from "../store/keys.ts";
import { tryWrite, type Update } from "../store/table.ts";
import { meantCharge } from "./charge-identity.ts";
import type { Receipt } from "./receipt.ts";
import { takePlace } from "./transactions-v16.ts";

/**
 * Processes a report on a transaction, and its effect on the attempt that it belongs to.
 *
 * @returns the id of the attempt, if the transaction belongs to one
 */
export async function takeTransactionReport(
  deps: AttemptDeps,
  speaker: Speaker,
  event: TransactionReportEvent,
  receipt: Receipt,
): Promise<string | undefined> {
  const { now } = receipt;
  const key = transactionKey(speaker.cpId, event.transactionId);
  const current = await deps.table.get<TransactionItem>(key);
  const meant = meantCharge(current, event, now);
  if (current && meant === "past") return endPast(deps, current, event, now);
  if (current && meant === "next") await setAside(deps, current, event, now);
  const transaction = await keepReport(deps, speaker, event);
  const station = needsStation(transaction, event)
    ? await deps.table.get<StationItem>(stationKey(speaker.cpId))
    : undefined;
  if (station) await place(deps, station, transaction, event, receipt);
  const attemptId =
    transaction.remoteStartAttemptId ?? (station && (await beginAttempt(deps, station, event, receipt)));
  await endCharge(deps, { ...transaction, ...(attemptId && { remoteStartAttemptId: attemptId }) }, now);
  return attemptId;
}

const needsStation = (
  { remoteStartAttemptId }: TransactionItem,
  { phase, remoteStartId }: TransactionReportEvent,
): boolean => phase === "Started" || (remoteStartId !== undefined && remoteStartAttemptId === undefined);

/** A charge that begins ends the one that ran on its EVSE. */
async function place(
  deps: AttemptDeps,
  station: StationItem,
  { stoppedAt }: TransactionItem,
  { phase, transactionId, at, evseId, connectorId, idTag, remoteStartId }: TransactionReportEvent,
  { now, connectionId: reportedOn }: Receipt,
): Promise<void> {
  if (phase !== "Started" || stoppedAt !== undefined || evseId === undefined) return;
  const rawToken = rawTokenOf(station, { token: idTag, remoteStartId }, now);
  const charge = {
    transactionId,
    startedAtMs: Date.parse(at),
    connectionId: reportedOn,
    ...(connectorId !== undefined && { connectorId }),
    ...(rawToken !== undefined && { rawToken }),
  };
  await takePlace(deps, station, evseId, charge, now);
}

/**
 * The attempt starts before the transaction is marked as its own: a repetition finishes what was cut short. The
 * attempt's token is the transaction's, where the station has named none.
 */
async function beginAttempt(
  deps: AttemptDeps,
  station: StationItem,
  { transactionId, at, evseId, connectorId, remoteStartId }: TransactionReportEvent,
  { now, connectionId }: Receipt,
): Promise<string | undefined> {
  if (remoteStartId === undefined) return undefined;
  const charge = {
    transactionId,
    startedAtMs: Date.parse(at),
    connectionId,
    evseId,
    connectorId,
    remoteStartId,
  };
  const attemptId = await beginCharge(deps, station, charge, now);
  if (attemptId === undefined) return undefined;
  const attempt = await readAttempt(deps.table, attemptId);
  await deps.table.update({
    key: transactionKey(station.cpId, transactionId),
    update: `SET remoteStartAttemptId = :attemptId${attempt ? ", idTag = if_not_exists(idTag, :idTag)" : ""}`,
    values: { ":attemptId": attemptId, ...(attempt && { ":idTag": attempt.idTag }) },
  });
  return attemptId;
}

/**
 * Ends the charge that had a transaction's id before, where the station has not, and stores it under a key of its
 * own; the list of transactions goes on showing it. The next charge takes over the id's key.
 */
async function setAside(
  deps: AttemptDeps,
  current: TransactionItem,
  event: TransactionReportEvent,
  now: number,
): Promise<void> {
  const { cpId, transactionId, generation = 0, evseId = 0, stoppedAt, startedAt } = current;
  const { table } = deps;
  const key = transactionKey(cpId, transactionId);
  if (stoppedAt === undefined) {
    const charge = { transactionId, startedAtMs: Date.parse(startedAt) };
    await endUnreported(deps, { cpId, evseId, charge, atMs: Date.parse(event.at) }, now);
  }
  const ended = await table.get<TransactionItem & Key>(key);
  if (!ended || (ended.generation ?? 0) !== generation) return;
  const pastKey = pastTransactionKey(cpId, transactionId, generation);
  await table.put({ ...ended, ...pastKey });
  const { begin, remoteStartId, networkId } = ended;
  const next = {
    ...key,
    ...{ cpId, networkId, transactionId, generation: generation + 1 },
    past: {
      sk: pastKey.sk,
      ...(begin !== undefined && { begin }),
      ...(remoteStartId !== undefined && { remoteStartId }),
    },
  };
  await tryWrite(
    table.put(
      next,
      generation === 0 ? "attribute_not_exists(generation)" : "generation = :generation",
      generation === 0 ? undefined : { values: { ":generation": generation } },
    ),
  );
}

/** The station's late word about a charge whose id has another charge by now. */
async function endPast(
  deps: AttemptDeps,
  { cpId, transactionId, past }: TransactionItem,
  { phase, at, meter, reason, reasonText }: TransactionReportEvent,
  now: number,
): Promise<string | undefined> {
  if (!past) return undefined;
  const key = { ...transactionKey(cpId, transactionId), sk: past.sk };
  if (phase !== "Ended") return (await deps.table.get<TransactionItem>(key))?.remoteStartAttemptId;
  const { item: transaction } = await tryWrite<TransactionItem>(
    deps.table.update({
      key,
      update: `SET stoppedAt = :at, reason = :reason${meter === undefined ? "" : ", meterStop = :meter"}${reasonText === undefined ? "" : ", reasonText = :reasonText"} REMOVE unreported`,
      condition: "attribute_exists(unreported)",
      values: {
        ":at": at,
        ":reason": reason ?? "Local",
        ...(meter !== undefined && { ":meter": meter }),
        ...(reasonText !== undefined && { ":reasonText": reasonText }),
      },
      returning: "ALL_NEW",
    }),
  );
  if (!transaction) return undefined;
  // the charge that runs there is the next one
  const { evseId: _, ...ended } = transaction;
  await endCharge(deps, ended, now);
  return ended.remoteStartAttemptId;
}

/**
 * Stores a report on a transaction that the station itself numbers. Its messages arrive in any order and more than
 * once (they are buffered offline, and repeated until answered), so each sets only its own attributes: the first sets
 * time and meter of the start, the last sets time, meter and reason of the end. Any message but the last may contain
 * the idTag; the earliest one that does decides.
 *
 * @returns the transaction after the write
 */
async function keepReport(
  { table }: AttemptDeps,
  speaker: Speaker,
  event: TransactionReportEvent,
): Promise<TransactionItem> {
  const names = event.idTag !== undefined && event.phase !== "Ended";
  const { applied, item } = await tryWrite<TransactionItem>(
    table.update(reportUpdate(speaker, event, names)),
  );
  if (applied) return item as TransactionItem;
  return (await table.update<TransactionItem>(reportUpdate(speaker, event, false))) as TransactionItem;
}

function reportUpdate({ cpId, networkId }: Speaker, event: TransactionReportEvent, names: boolean): Update {
  const { phase, transactionId, at, evseId, connectorId, idTag, meter, reason, reasonText, seqNo } = event;
  const { begin, remoteStartId } = event;
  const list = transactionListKey(cpId, at, transactionId);
  const search = transactionSearchKey({ cpId, networkId }, at, transactionId);
  const places = { gsi1sk: list.gsi1sk, gsi2sk: search.gsi2sk };
  const own: Record<string, unknown> = {
    cpId,
    networkId,
    transactionId,
    gsi1pk: list.gsi1pk,
    gsi2pk: search.gsi2pk,
    ...(evseId !== undefined && { evseId }),
    ...(connectorId !== undefined && { connectorId }),
    ...(remoteStartId !== undefined && { remoteStartId }),
    ...(names && { idTag, idTagSeqNo: seqNo }),
    ...(phase === "Started" && { startedAt: at, ...places }),
    ...(begin !== undefined && { begin }),
    ...(phase === "Started" && meter !== undefined && { meterStart: meter }),
    ...(phase === "Ended" && { stoppedAt: at, reason: reason ?? "Local" }),
    ...(phase === "Ended" && reasonText !== undefined && { reasonText }),
    ...(phase === "Ended" && meter !== undefined && { meterStop: meter }),
  };
  // one whose start has not reached us yet is known from what did
  const provisional: Record<string, unknown> = phase === "Started" ? {} : { startedAt: at, ...places };
  const set = [
    ...Object.keys(own).map((name) => `#${name} = :${name}`),
    ...Object.keys(provisional).map((name) => `#${name} = if_not_exists(#${name}, :${name})`),
  ];
  const all = { ...own, ...provisional };
  return {
    key: transactionKey(cpId, transactionId),
    update: `SET ${set.join(", ")}${phase === "Ended" ? " REMOVE unreported" : ""}`,
    ...(names && { condition: "attribute_not_exists(idTagSeqNo) OR idTagSeqNo >= :idTagSeqNo" }),
    names: Object.fromEntries(Object.keys(all).map((name) => [`#${name}`, name])),
    values: Object.fromEntries(Object.entries(all).map(([name, value]) => [`:${name}`, value])),
    returning: "ALL_NEW",
  };
}
