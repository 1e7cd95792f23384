import type { AttemptItem, OutgoingItem, StationItem, TransactionItem } from "../store/items.ts";
import { stationKey, transactionKey } from "../store/keys.ts";
import { type PayloadText, payloadOf } from "../store/payload.ts";
import { beginCharge } from "./begin.ts";
import type { AttemptDeps } from "./store.ts";

/**
 * A start that was accepted for a car that was plugged in before: the answer names the transaction that is
 * running already (OCPP 2.x part 2, F02), and it starts the attempt where the station has reported it. One
 * that has not been reported yet will name the attempt itself, by its remoteStartId.
 */
export async function startAnnounced(
  deps: AttemptDeps,
  { cpId, commandId: attemptId, response, answeredAtMs = 0 }: OutgoingItem,
): Promise<void> {
  const { status, transactionId } = payloadOf<{ status?: string; transactionId?: string }>(
    response as PayloadText,
  );
  if (status !== "Accepted" || transactionId === undefined) return;
  const { table } = deps;
  const key = transactionKey(cpId, transactionId);
  const transaction = await table.get<TransactionItem>(key);
  if (!transaction || transaction.stoppedAt || transaction.remoteStartAttemptId) return;
  const station = await table.get<StationItem>(stationKey(cpId));
  const open = station?.openAttempts[attemptId];
  if (!station || !open) return;
  const { evseId, connectorId } = transaction;
  const { remoteStartId } = open;
  const charge = { transactionId, startedAtMs: answeredAtMs, evseId, connectorId, remoteStartId };
  if ((await beginCharge(deps, station, charge, answeredAtMs)) === undefined) return;
  await table.update({
    key,
    update: "SET remoteStartAttemptId = :attemptId, idTag = if_not_exists(idTag, :idTag)",
    values: { ":attemptId": attemptId, ":idTag": open.idTag },
  });
}

/**
 * Starts an attempt with the transaction that a 1.6 station reported before it accepted the start, on the same
 * connection, by a clock that is far behind. Called after either of the two is stored: the second one finds the first.
 */
export async function startEarly(
  deps: AttemptDeps,
  attempt: AttemptItem | undefined,
  now: number,
): Promise<string | undefined> {
  if (attempt?.early === undefined || attempt.state !== "accepted") return undefined;
  const { attemptId, cpId, early: transactionId, sentOn: connectionId } = attempt;
  const { table } = deps;
  const key = transactionKey(cpId, transactionId);
  const transaction = await table.get<TransactionItem>(key);
  if (!transaction || transaction.stoppedAt || transaction.remoteStartAttemptId) return undefined;
  const station = await table.get<StationItem>(stationKey(cpId));
  const { evseId, connectorId, idTag, startedAt } = transaction;
  const charge = {
    transactionId,
    startedAtMs: Date.parse(startedAt),
    connectionId,
    evseId,
    connectorId,
    idTag,
  };
  if (!station || (await beginCharge(deps, station, charge, now)) !== attemptId) return undefined;
  await table.update({
    key,
    update: "SET remoteStartAttemptId = :attemptId",
    values: { ":attemptId": attemptId },
  });
  return attemptId;
}
