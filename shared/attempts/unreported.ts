/** Charges that run, and the end of those whose station never reports one (contract §6). */

import type { RunningCharge, StationItem, TransactionItem } from "../store/items.ts";
import { stationKey, transactionKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { iso } from "../time.ts";
import { type AttemptDeps, apply } from "./store.ts";

/** The `reason` of a charge whose end was concluded from something else. */
const NOT_REPORTED = "NotReported";

/** No station has more EVSEs. */
const MAX_CHARGES = 256;

/** Stores that a charge runs on an EVSE, in place of the one before. */
export async function markRunning(
  table: Table,
  cpId: string,
  evseId: number,
  charge: RunningCharge,
): Promise<void> {
  const key = stationKey(cpId);
  const names = { "#evse": String(evseId) };
  const set = () =>
    table.update({
      key,
      update: "SET charges.#evse = :charge",
      condition: "attribute_exists(charges.#evse) OR size(charges) < :most",
      names,
      values: { ":charge": charge, ":most": MAX_CHARGES },
    });
  const { applied, item: station } = await tryWrite<StationItem>(set());
  if (applied || !station?.cpId || station.charges) return;
  // a station that was registered before charges were stored
  const update = "SET charges = if_not_exists(charges, :none)";
  await table.update({ key, update, condition: "attribute_exists(pk)", values: { ":none": {} } });
  await set();
}

/** Removes a charge from those that run, if it is still the one on its EVSE. */
async function clearRunning(
  table: Table,
  { cpId, evseId, transactionId }: Pick<TransactionItem, "cpId" | "evseId" | "transactionId">,
): Promise<void> {
  if (evseId === undefined) return;
  await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: "REMOVE charges.#evse",
      condition: "charges.#evse.transactionId = :id",
      names: { "#evse": String(evseId) },
      values: { ":id": transactionId },
    }),
  );
}

/** A charge that is over although the station did not report it, and when it must have ended. */
export interface Unreported {
  readonly cpId: string;
  readonly evseId: number;
  readonly charge: RunningCharge;
  readonly atMs: number;
}

/**
 * Ends a charge with the reason `NotReported`, and its attempt. The station's own word may still come, and
 * replaces this one.
 */
export async function endUnreported(
  deps: AttemptDeps,
  { cpId, evseId, charge, atMs }: Unreported,
  now: number,
): Promise<void> {
  const { transactionId, startedAtMs } = charge;
  const stoppedAt = iso(Math.max(atMs, startedAtMs));
  // a refused write still ends the charge: the process that wrote the end may have died right after
  const { item: transaction } = await tryWrite<TransactionItem>(
    deps.table.update({
      key: transactionKey(cpId, transactionId),
      update: "SET stoppedAt = :stoppedAt, reason = :reason, unreported = :true",
      condition: "attribute_exists(pk) AND attribute_not_exists(stoppedAt)",
      values: { ":stoppedAt": stoppedAt, ":reason": NOT_REPORTED, ":true": true },
      returning: "ALL_NEW",
    }),
  );
  if (transaction) await endCharge(deps, transaction, now);
  else await clearRunning(deps.table, { cpId, evseId, transactionId });
}

/** A transaction that is over runs no more and ends its attempt. */
export async function endCharge(deps: AttemptDeps, transaction: TransactionItem, now: number): Promise<void> {
  const { transactionId, stoppedAt, remoteStartAttemptId } = transaction;
  if (stoppedAt === undefined) return;
  await clearRunning(deps.table, transaction);
  if (remoteStartAttemptId === undefined) return;
  const event = { type: "stopped", transactionId, stoppedAtMs: Date.parse(stoppedAt), atMs: now } as const;
  await apply(deps, remoteStartAttemptId, event);
}
