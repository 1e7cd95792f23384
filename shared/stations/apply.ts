/**
 * What a station's message changes here. API Gateway promises no order between messages and stations repeat
 * what was not answered, so each change is one that may come late or twice: guarded by the message's own
 * time, or made once by its content.
 */

import { createHash } from "node:crypto";
import type { Outcome } from "../ocpp/station-call.ts";
import type { NetworkItem, StationItem, TransactionItem } from "../store/items.ts";
import {
  networkKey,
  stationKey,
  transactionKey,
  transactionListKey,
  transactionStartKey,
} from "../store/keys.ts";
import { ConditionFailed, type Table, type Update } from "../store/table.ts";
import type { Speaker } from "./authenticate.ts";
import type {
  BootEvent,
  ConnectorStatusEvent,
  StationEvent,
  TransactionEndedEvent,
  TransactionStartedEvent,
} from "./events.ts";

/** Applies an event, and tells what its answer needs to know. */
export async function applyEvent(
  table: Table,
  speaker: Speaker,
  event: StationEvent,
  now: number,
): Promise<Outcome> {
  switch (event.type) {
    case "boot":
      await applyBoot(table, speaker, event, now);
      return {};
    case "connectorStatus":
      await applyConnectorStatus(table, speaker, event);
      return {};
    case "transactionStarted": {
      const transactionId = await startTransaction(table, speaker, event);
      return { transactionId, authorization: await authorizationOf(table, speaker) };
    }
    case "transactionEnded":
      await endTransaction(table, speaker, event);
      return event.idTag === undefined ? {} : { authorization: await authorizationOf(table, speaker) };
    case "authorize":
      return { authorization: await authorizationOf(table, speaker) };
  }
}

/** A change of a station that is still registered and fits what is known; otherwise nothing. */
async function changeStation(
  table: Table,
  { condition, ...change }: Omit<Update, "key" | "returning"> & { cpId: string },
): Promise<void> {
  const { cpId, ...update } = change;
  const isRegistered = "attribute_exists(pk)";
  try {
    await table.update({
      ...update,
      key: stationKey(cpId),
      condition: condition ? `${isRegistered} AND (${condition})` : isRegistered,
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

const applyBoot = (table: Table, { cpId }: Speaker, { boot }: BootEvent, now: number): Promise<void> =>
  changeStation(table, {
    cpId,
    update: "SET boot = :boot, bootAt = :now",
    condition: "attribute_not_exists(bootAt) OR bootAt <= :now",
    values: { ":boot": boot, ":now": new Date(now).toISOString() },
  });

/** No charging station has more; what reports them without end must not swell the station's item. */
const MOST_CONNECTORS = 256;

/** A connector that was not registered is known from its first report on. */
function applyConnectorStatus(table: Table, { cpId }: Speaker, event: ConnectorStatusEvent): Promise<void> {
  const { evseId, connectorId, status, errorCode, atMs } = event;
  const isFirst = "attribute_not_exists(connectorStatus.#connector) AND size(connectorStatus) < :most";
  const isNewer = "connectorStatus.#connector.atMs <= :at";
  return changeStation(table, {
    cpId,
    update:
      "SET connectorStatus.#connector = :status, connectors.#connector = if_not_exists(connectors.#connector, :connector)",
    condition: `(${isFirst}) OR ${isNewer}`,
    names: { "#connector": `${evseId}/${connectorId}` },
    values: {
      ":most": MOST_CONNECTORS,
      ":at": atMs,
      ":status": { status, atMs, ...(errorCode !== undefined && { errorCode }) },
      ":connector": { evseId, connectorId, lock: "none" },
    },
  });
}

/**
 * Gives a transaction its id: an integer, unique for the station, and the same again for the same
 * StartTransaction (OCPP 1.6 §3.7.1: it is repeated until it is answered). Which id a content has is settled
 * by one conditional write; a number that was drawn in vain is never used.
 */
async function startTransaction(
  table: Table,
  { cpId, networkId }: Speaker,
  event: TransactionStartedEvent,
): Promise<number> {
  const startKey = transactionStartKey(cpId, createHash("sha256").update(event.content).digest("base64url"));
  const transactionId =
    (await table.get<{ transactionId: number }>(startKey))?.transactionId ??
    (await claimTransactionId(table, cpId, startKey));
  const { evseId, connectorId, idTag, meterStart, startedAt } = event;
  const id = String(transactionId);
  const transaction: TransactionItem = {
    cpId,
    networkId,
    transactionId: id,
    evseId,
    connectorId,
    idTag,
    startedAt,
    meterStart,
    ...transactionListKey(cpId, startedAt, id),
  };
  await unlessThere(table.put({ ...transactionKey(cpId, id), ...transaction }, "attribute_not_exists(pk)"));
  return transactionId;
}

async function claimTransactionId(
  table: Table,
  cpId: string,
  startKey: ReturnType<typeof transactionStartKey>,
): Promise<number> {
  const station = await table.update<StationItem>({
    key: stationKey(cpId),
    update: "ADD transactionCounter :one",
    values: { ":one": 1 },
    returning: "ALL_NEW",
  });
  const transactionId = station?.transactionCounter as number;
  const earlier = await unlessThere(table.put({ ...startKey, transactionId }, "attribute_not_exists(pk)"));
  return (earlier?.transactionId as number | undefined) ?? transactionId;
}

/** Ends a transaction once; one whose start never reached us is known from its end. */
async function endTransaction(
  table: Table,
  { cpId, networkId }: Speaker,
  { transactionId, meterStop, stoppedAt, reason }: TransactionEndedEvent,
): Promise<void> {
  const isRunning = "attribute_not_exists(stoppedAt)";
  const list = transactionListKey(cpId, stoppedAt, transactionId);
  await unlessThere(
    table.update({
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
    }),
  );
}

/** Waits for a conditional write. @returns what stood there already, if anything did */
async function unlessThere(write: Promise<unknown>): Promise<Record<string, unknown> | undefined> {
  try {
    await write;
    return undefined;
  } catch (error) {
    if (error instanceof ConditionFailed) return error.item;
    throw error;
  }
}

/**
 * Whether somebody may charge, by the network's policy. Where only remote starts may, a token at the
 * station proves nothing.
 */
async function authorizationOf(
  table: Table,
  { networkId }: Speaker,
): Promise<NonNullable<Outcome["authorization"]>> {
  const network = await table.get<NetworkItem>(networkKey(networkId));
  return network?.authorization === "remoteStartOnly" ? "Invalid" : "Accepted";
}
