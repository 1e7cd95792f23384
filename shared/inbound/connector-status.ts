/** What stations report of their connectors. */

import { isOccupied } from "../attempts/occupied.ts";
import type { AttemptDeps } from "../attempts/store.ts";
import { endUnreported } from "../attempts/unreported.ts";
import type { ConnectorStatusEvent } from "../dialects/station-event.ts";
import type { Speaker } from "../handshake/authenticate.ts";
import type { ConnectorStatus, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { tryWrite, type Update } from "../store/table.ts";
import { type Receipt, receiptOrder } from "./receipt.ts";

/** No charging station has more; what reports them without end must not swell the station's item. */
const MAX_CONNECTORS = 256;

/**
 * Stores a connector's status unless a newer one is stored. A connector that was not registered is known from
 * its first report on. A connector that becomes `Available` ends the charge that ran on it.
 */
export async function applyConnectorStatus(
  deps: AttemptDeps,
  { cpId }: Speaker,
  event: ConnectorStatusEvent,
  receipt: Receipt,
): Promise<void> {
  const status = statusOf(event, receipt);
  const connector = `${event.evseId}/${event.connectorId}`;
  const { applied, item: station } = await tryWrite<StationItem>(
    deps.table.update(statusUpdate(cpId, event, connector, status)),
  );
  const other = station?.connectorStatus[connector];
  if (station && applied) await endLeft(deps, station, event, other, status, receipt);
  // refused: the newer status was processed first
  else if (station && other) await endLeft(deps, station, event, status, other, receipt);
}

function statusOf(event: ConnectorStatusEvent, receipt: Receipt): ConnectorStatus {
  const { status, errorCode, statedMs } = event;
  const isStated = statedMs !== undefined && statedMs <= receipt.receivedAtMs;
  return {
    status,
    ...(errorCode !== undefined && { errorCode }),
    atMs: isStated ? statedMs : receipt.receivedAtMs,
    receipt: receiptOrder(receipt, statedMs),
    ...(isStated && { isStated }),
  };
}

/**
 * The later of two times that a station states is the newer status. Where one of them is absent, ahead of our
 * clock or never set, or both are equal, the order of receipt decides.
 *
 * The condition is a list of cases without parentheses: the local engine's parser takes 200 ms for nested ones.
 */
function statusUpdate(
  cpId: string,
  { evseId, connectorId }: ConnectorStatusEvent,
  connector: string,
  status: ConnectorStatus,
): Update {
  const stored = "connectorStatus.#connector";
  const isFirst = `attribute_exists(pk) AND attribute_not_exists(${stored}) AND size(connectorStatus) < :most`;
  const hasNoReceipt = `attribute_exists(${stored}) AND attribute_not_exists(${stored}.receipt)`;
  const cameBefore = `${stored}.receipt <= :receipt`;
  const wasNotStated = `attribute_not_exists(${stored}.isStated)`;
  const isSameTime = `${stored}.atMs = :at`;
  const isOlder = `attribute_exists(${stored}.isStated) AND ${stored}.atMs < :at`;
  const cases = status.isStated
    ? [
        isFirst,
        isOlder,
        `${hasNoReceipt} AND ${wasNotStated}`,
        `${cameBefore} AND ${wasNotStated}`,
        `${hasNoReceipt} AND ${isSameTime}`,
        `${cameBefore} AND ${isSameTime}`,
      ]
    : [isFirst, hasNoReceipt, cameBefore];
  return {
    key: stationKey(cpId),
    update: `SET ${stored} = :status, connectors.#connector = if_not_exists(connectors.#connector, :connector)`,
    condition: cases.join(" OR "),
    names: { "#connector": connector },
    values: {
      ":most": MAX_CONNECTORS,
      ":receipt": status.receipt,
      ...(status.isStated && { ":at": status.atMs }),
      ":status": status,
      ":connector": { evseId, connectorId, lock: "none" },
    },
    returning: "ALL_OLD",
  };
}

/** Ends the charge on a connector that the car has left, where the station did not report the end. */
async function endLeft(
  deps: AttemptDeps,
  { cpId, charges }: StationItem,
  { evseId, connectorId }: ConnectorStatusEvent,
  before: ConnectorStatus | undefined,
  after: ConnectorStatus,
  { now }: Receipt,
): Promise<void> {
  const charge = charges?.[evseId];
  if (!charge || after.status !== "Available" || !before) return;
  if ((charge.connectorId ?? connectorId) !== connectorId) return;
  const isSince = before.atMs >= charge.startedAtMs && before.status !== "Available";
  if (!isOccupied(before.status) && !isSince) return;
  if (after.atMs < charge.startedAtMs) return;
  await endUnreported(deps, { cpId, evseId, charge, atMs: after.atMs }, now);
}
