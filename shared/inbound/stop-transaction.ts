/** The end of transactions that are numbered here, as OCPP 1.6 stations report it. */

import { createHash } from "node:crypto";
import type { AttemptDeps } from "../attempts/store.ts";
import { endCharge } from "../attempts/unreported.ts";
import type { TransactionEndedEvent } from "../dialects/station-event.ts";
import type { Speaker } from "../handshake/authenticate.ts";
import type { StationItem, TransactionItem } from "../store/items.ts";
import {
  stationKey,
  strayStopKey,
  transactionKey,
  transactionListKey,
  transactionSearchKey,
} from "../store/keys.ts";
import { tryWrite } from "../store/table.ts";
import { iso } from "../time.ts";

/** What stations send that never heard, or lost, the id of their transaction. */
const NO_ID: ReadonlySet<string> = new Set(["0", "-1"]);

/** As much a station's clock may be set back during a charge of no length. */
const TOLERANCE_MS = 10_000;

/**
 * Ends a transaction once, and with it the attempt it belongs to. One whose start never reached us is known from
 * its end. A stop without an id ends the only charge that runs on the station. A stop that is older than the
 * start belongs to another transaction, and is stored beside it.
 */
export async function endTransaction(
  deps: AttemptDeps,
  speaker: Speaker,
  event: TransactionEndedEvent,
  now: number,
): Promise<void> {
  if (!NO_ID.has(event.transactionId)) return stop(deps, speaker, event, now);
  const { table } = deps;
  const stray = strayKey(speaker, event);
  const before = await table.get<TransactionItem & { meant?: string }>(stray);
  if (before && before.meant === undefined) return;
  const meant = before?.meant ?? (await onlyCharge(deps, speaker, event));
  if (meant === undefined) return keepStray(deps, speaker, event);
  // a repetition must not end the charge that runs by then
  await tryWrite(table.put({ ...stray, meant }, "attribute_not_exists(pk)"));
  return stop(deps, speaker, { ...event, transactionId: meant }, now);
}

/** @returns the id of the one charge that runs on the station, unless the stop is older */
async function onlyCharge(
  { table }: AttemptDeps,
  { cpId }: Speaker,
  { stoppedAt }: TransactionEndedEvent,
): Promise<string | undefined> {
  const station = await table.get<StationItem>(stationKey(cpId));
  const [charge, ...more] = Object.values(station?.charges ?? {});
  if (!charge || more.length > 0) return undefined;
  return charge.startedAtMs <= Date.parse(stoppedAt) + TOLERANCE_MS ? charge.transactionId : undefined;
}

async function stop(
  deps: AttemptDeps,
  speaker: Speaker,
  event: TransactionEndedEvent,
  now: number,
): Promise<void> {
  const { cpId, networkId } = speaker;
  const { transactionId, meterStop, stoppedAt, reason, reasonText } = event;
  const list = transactionListKey(cpId, stoppedAt, transactionId);
  const search = transactionSearchKey(speaker, stoppedAt, transactionId);
  const { applied, item: transaction } = await tryWrite<TransactionItem>(
    deps.table.update({
      key: transactionKey(cpId, transactionId),
      update: [
        "SET stoppedAt = :stoppedAt, reason = :reason, cpId = :cpId",
        ...(meterStop === undefined ? [] : ["meterStop = :meterStop"]),
        ...(reasonText === undefined ? [] : ["reasonText = :reasonText"]),
        "networkId = :networkId, transactionId = :transactionId",
        "startedAt = if_not_exists(startedAt, :stoppedAt)",
        "gsi1pk = if_not_exists(gsi1pk, :gsi1pk), gsi1sk = if_not_exists(gsi1sk, :gsi1sk)",
        "gsi2pk = if_not_exists(gsi2pk, :gsi2pk), gsi2sk = if_not_exists(gsi2sk, :gsi2sk) REMOVE unreported",
      ].join(", "),
      condition:
        "(attribute_not_exists(stoppedAt) OR attribute_exists(unreported)) AND (attribute_not_exists(startedAt) OR startedAt <= :latestStart)",
      values: {
        ":stoppedAt": stoppedAt,
        ":latestStart": iso(Date.parse(stoppedAt) + TOLERANCE_MS),
        ...(meterStop !== undefined && { ":meterStop": meterStop }),
        ...(reasonText !== undefined && { ":reasonText": reasonText }),
        ":reason": reason,
        ":cpId": cpId,
        ":networkId": networkId,
        ":transactionId": transactionId,
        ":gsi1pk": list.gsi1pk,
        ":gsi1sk": list.gsi1sk,
        ":gsi2pk": search.gsi2pk,
        ":gsi2sk": search.gsi2sk,
      },
      returning: "ALL_NEW",
    }),
  );
  if (!applied && transaction && isOlder(event, transaction)) return keepStray(deps, speaker, event);
  if (transaction) await endCharge(deps, transaction, now);
}

const isOlder = ({ stoppedAt }: TransactionEndedEvent, { startedAt }: TransactionItem): boolean =>
  Date.parse(startedAt) > Date.parse(stoppedAt) + TOLERANCE_MS;

function strayKey({ cpId }: Speaker, { transactionId, meterStop, stoppedAt }: TransactionEndedEvent) {
  const content = JSON.stringify([meterStop, stoppedAt]);
  const hash = createHash("sha256").update(content).digest("base64url");
  return strayStopKey(cpId, transactionId, hash);
}

/** Stores the end of a charge that is not known here. */
async function keepStray(
  { table }: AttemptDeps,
  speaker: Speaker,
  event: TransactionEndedEvent,
): Promise<void> {
  const { cpId, networkId } = speaker;
  const { transactionId, meterStop, stoppedAt, reason, reasonText } = event;
  const transaction: TransactionItem = {
    ...{ cpId, networkId, transactionId, startedAt: stoppedAt, stoppedAt, reason },
    ...(meterStop !== undefined && { meterStop }),
    ...(reasonText !== undefined && { reasonText }),
    ...transactionListKey(cpId, stoppedAt, transactionId),
    ...transactionSearchKey(speaker, stoppedAt, transactionId),
  };
  await tryWrite(table.put({ ...strayKey(speaker, event), ...transaction }, "attribute_not_exists(pk)"));
}
