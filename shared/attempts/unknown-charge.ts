import { versionOf } from "../ocpp/versions.ts";
import { connectorKey } from "../stations/connectors.ts";
import type { OutgoingItem, StationItem, TransactionItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { type PayloadText, payloadOf } from "../store/payload.ts";
import { isOccupied } from "./occupied.ts";
import type { AttemptDeps } from "./store.ts";
import { endUnreported } from "./unreported.ts";

/**
 * Ends a charge whose station refuses to stop it because it does not know it. A 2.x station may give that as its
 * reason. Without a reason, a station that reports a car on the connector refuses for another one, and so may a
 * 1.6 station that has reconnected since its StartTransaction: it may not have heard the transaction's id yet.
 */
export async function endUnknown(
  deps: AttemptDeps,
  transaction: TransactionItem,
  stop: OutgoingItem,
  atMs: number,
): Promise<void> {
  const { cpId, evseId, connectorId, transactionId, stoppedAt } = transaction;
  if (stoppedAt !== undefined || evseId === undefined) return;
  const { statusInfo } = payloadOf<{ statusInfo?: { reasonCode?: string } }>(stop.response as PayloadText);
  const station = await deps.table.get<StationItem>(stationKey(cpId));
  const charge = station?.charges?.[evseId];
  if (!station || charge?.transactionId !== transactionId) return;
  if (!/not.?found|unknown|invalid/i.test(statusInfo?.reasonCode ?? "")) {
    const status = station.connectorStatus[connectorKey({ evseId, connectorId: connectorId ?? 1 })]?.status;
    const hasHeardItsId =
      !stop.protocol ||
      !versionOf(stop.protocol).csmsNumbersTransactions ||
      charge.connectionId === stop.connectionId;
    const hasLeft = status === "Available";
    if (isOccupied(status) || !(hasHeardItsId || hasLeft)) return;
  }
  await endUnreported(deps, { cpId, evseId, charge, atMs }, atMs);
}
