/** Transactions that are numbered here, as OCPP 1.6 wants it. */

import { createHash } from "node:crypto";
import { startEarly } from "../attempts/announced.ts";
import { beginCharge } from "../attempts/begin.ts";
import { tellIdAgain } from "../attempts/stop-again.ts";
import { type AttemptDeps, readAttempt } from "../attempts/store.ts";
import { endUnreported, markRunning } from "../attempts/unreported.ts";
import type { TransactionStartedEvent } from "../dialects/station-event.ts";
import type { Speaker } from "../handshake/authenticate.ts";
import { rawTokenOf } from "../stations/raw-starts.ts";
import type { RunningCharge, StationItem, TransactionItem } from "../store/items.ts";
import {
  type Key,
  stationKey,
  transactionKey,
  transactionListKey,
  transactionSearchKey,
  transactionStartKey,
} from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import type { Receipt } from "./receipt.ts";

export interface StartedTransaction {
  readonly transactionId: number;
  /** The attempt it belongs to. */
  readonly attemptId?: string | undefined;
}

/** Which transaction id a content was given. */
interface GivenId {
  readonly transactionId: number;
}

/**
 * Gives a transaction its id: an integer, unique for the station, and the same again for the same
 * StartTransaction (OCPP 1.6 §3.7.1: it is repeated until it is answered). A station that has stopped a
 * transaction repeats its start no more, so that an equal one is another charge. Which id a content has is
 * settled by one conditional write; a number that was drawn in vain is never used. The attempt that it belongs to
 * is started before the transaction is stored, so that a repetition finishes what was cut short.
 */
export async function startTransaction(
  deps: AttemptDeps,
  speaker: Speaker,
  event: TransactionStartedEvent,
  receipt: Receipt,
): Promise<StartedTransaction> {
  const { table } = deps;
  const { cpId } = speaker;
  const hash = createHash("sha256").update(event.content).digest("base64url");
  const startKey = transactionStartKey(cpId, hash);
  const before = await table.get<GivenId>(startKey);
  const stored =
    before && (await table.get<TransactionItem>(transactionKey(cpId, String(before.transactionId))));
  if (!stored || isOver(stored, event, receipt)) {
    const { transactionId, station } =
      before && !stored
        ? { ...before, station: await table.get<StationItem>(stationKey(cpId)) }
        : await claimTransactionId(table, cpId, { startKey, before, firstId: firstIdOf(cpId, event) });
    return {
      transactionId,
      attemptId: await begin(deps, speaker, event, receipt, { transactionId, station }),
    };
  }
  const { remoteStartAttemptId: attemptId } = stored;
  const attempt = attemptId === undefined ? undefined : await readAttempt(table, attemptId);
  if (attempt) await tellIdAgain(deps, attempt, receipt.now);
  return { transactionId: Number(stored.transactionId), attemptId };
}

/**
 * Whether a transaction was stopped before its start came again. An end that was only concluded counts where
 * the start states no time: a station with a clock sends an equal start for the same charge only.
 */
function isOver(
  { stoppedAt, unreported }: TransactionItem,
  { startedAt }: TransactionStartedEvent,
  { now }: Receipt,
): boolean {
  return stoppedAt !== undefined && (!unreported || Date.parse(startedAt) === now);
}

/**
 * Where a station's transaction ids begin: somewhere among the upper integers of 32 bits, another place for each
 * registration. A number that an earlier backend gave out must not meet a charge of ours.
 */
function firstIdOf(cpId: string, { content }: TransactionStartedEvent): number {
  const hash = createHash("sha256").update(cpId).update(content).digest();
  return FIRST_IDS + (hash.readUInt32BE(0) % FIRST_IDS);
}
const FIRST_IDS = 1_000_000_000;

async function begin(
  deps: AttemptDeps,
  { cpId, networkId }: Speaker,
  event: TransactionStartedEvent,
  { now, connectionId: reportedOn }: Receipt,
  { transactionId, station }: GivenId & { readonly station: StationItem | undefined },
): Promise<string | undefined> {
  const id = String(transactionId);
  const { evseId, connectorId, idTag, meterStart, startedAt, hasNoZone } = event;
  const startedAtMs = Date.parse(startedAt);
  const place = { transactionId: id, startedAtMs, connectionId: reportedOn, connectorId };
  const attemptId =
    station && (await beginCharge(deps, station, { ...place, evseId, idTag, hasNoZone }, now));
  if (station) {
    const rawToken = attemptId === undefined ? rawTokenOf(station, { token: idTag }, now) : undefined;
    await takePlace(deps, station, evseId, { ...place, ...(rawToken !== undefined && { rawToken }) }, now);
  }
  const transaction: TransactionItem = {
    cpId,
    networkId,
    transactionId: id,
    evseId,
    connectorId,
    idTag,
    startedAt,
    ...(meterStart !== undefined && { meterStart }),
    ...(attemptId !== undefined && { remoteStartAttemptId: attemptId }),
    ...transactionListKey(cpId, startedAt, id),
    ...transactionSearchKey({ cpId, networkId }, startedAt, id),
  };
  await tryWrite(deps.table.put({ ...transactionKey(cpId, id), ...transaction }, "attribute_not_exists(pk)"));
  return attemptId ?? (station && beganEarly(deps, station, { idTag, transactionId: id }, now));
}

/** @returns the attempt that has remembered the transaction and was accepted before the transaction was stored */
async function beganEarly(
  deps: AttemptDeps,
  { openAttempts }: StationItem,
  { idTag, transactionId }: { readonly idTag: string; readonly transactionId: string },
  now: number,
): Promise<string | undefined> {
  for (const [attemptId, open] of Object.entries(openAttempts)) {
    if (open.idTag.toLowerCase() !== idTag.toLowerCase()) continue;
    const attempt = await readAttempt(deps.table, attemptId);
    const begun = attempt?.early === transactionId && (await startEarly(deps, attempt, now));
    if (begun) return begun;
  }
  return undefined;
}

/** A charge that begins on an EVSE ends the one that ran there, unless it is an older one that is reported late. */
export async function takePlace(
  deps: AttemptDeps,
  { cpId, charges }: StationItem,
  evseId: number,
  charge: RunningCharge,
  now: number,
): Promise<void> {
  const before = charges?.[evseId];
  if (before && before.transactionId !== charge.transactionId) {
    if (charge.startedAtMs < before.startedAtMs) return;
    await endUnreported(deps, { cpId, evseId, charge: before, atMs: charge.startedAtMs }, now);
  }
  await markRunning(deps.table, cpId, evseId, charge);
}

/** @returns the station too, as it stands now */
async function claimTransactionId(
  table: Table,
  cpId: string,
  { startKey, before, firstId }: { startKey: Key; before: GivenId | undefined; firstId: number },
): Promise<{ transactionId: number; station: StationItem | undefined }> {
  const station = await table.update<StationItem>({
    key: stationKey(cpId),
    update: "SET transactionCounter = if_not_exists(transactionCounter, :first) + :one",
    values: { ":one": 1, ":first": firstId },
    returning: "ALL_NEW",
  });
  const transactionId = station?.transactionCounter as number;
  const isMine = before
    ? { condition: "transactionId = :before", values: { ":before": before.transactionId } }
    : { condition: "attribute_not_exists(pk)", values: undefined };
  const { item: earlier } = await tryWrite<GivenId>(
    table.put({ ...startKey, transactionId }, isMine.condition, isMine.values && { values: isMine.values }),
  );
  return { transactionId: earlier?.transactionId ?? transactionId, station };
}
