/** What a change of an item means to those outside. */

import { attemptResource } from "../attempts/resource.ts";
import { storedCallCount } from "../calls/exchange.ts";
import { stateOf } from "../calls/outcome.ts";
import { type CommandResource, commandResource, readCommand } from "../commands/resource.ts";
import { transactionResource } from "../stations/list-transactions.ts";
import type { AttemptItem, OutgoingItem, StationItem, TransactionItem } from "../store/items.ts";
import type { Key } from "../store/keys.ts";
import type { Table } from "../store/table.ts";
import { iso } from "../time.ts";
import type { DetailType } from "./schemas.ts";

export interface OutgoingEvent {
  readonly detailType: DetailType;
  readonly detail: { readonly networkId: string; readonly cpId: string } & Readonly<Record<string, unknown>>;
}

/** An item before and after a write; absent where it was made or deleted. */
export interface Change<Item = object> {
  readonly before?: Item | undefined;
  readonly after?: Item | undefined;
}

/** @param now what counts as past, for a command that has CALLs it did not make */
export async function eventsOf(
  table: Table,
  { pk, sk }: Key,
  change: Change,
  now: number,
): Promise<OutgoingEvent[]> {
  if (pk.startsWith("CALL#")) return exchangeEvents(table, change as Change<OutgoingItem>, now);
  if (pk.startsWith("ATTEMPT#")) return attemptEvents(change as Change<AttemptItem>);
  if (sk === "STATION") return stationEvents(change as Change<StationItem>);
  if (sk.startsWith("TRANSACTION#")) return transactionEvents(change as Change<TransactionItem>);
  return [];
}

/** The state as stored, whether or not its deadline has passed: an event needs a change of the item. */
const written = (exchange: OutgoingItem) => stateOf(exchange, 0);

const isOpen = (state: OutgoingItem["state"]): boolean => state === "queued" || state === "sent";

async function exchangeEvents(
  table: Table,
  { before, after }: Change<OutgoingItem>,
  now: number,
): Promise<OutgoingEvent[]> {
  if (!after || isOpen(written(after)) || (before && written(before) === written(after))) return [];
  const isAlone = after.commandId === after.ocppMessageId && storedCallCount(after) === 1;
  const command = isAlone
    ? commandResource([after], now)
    : await readCommand(table, after.commandId, { networks: [after.networkId] }, now);
  // of a command's CALLs the last one completes it
  if (isOpen(command.state) || command.calls.at(-1)?.ocppMessageId !== after.ocppMessageId) return [];
  return [{ detailType: "Command Completed", detail: { networkId: after.networkId, ...summary(command) } }];
}

/** Without payloads, which may be larger than an event. */
const summary = ({ calls: _, ...command }: CommandResource) => command;

function attemptEvents({ before, after }: Change<AttemptItem>): OutgoingEvent[] {
  if (!after || before?.state === after.state) return [];
  const { networkId } = after;
  const detail = { networkId, ...attemptResource(after), ...(before && { previousState: before.state }) };
  return [{ detailType: "Remote Start Attempt Changed", detail }];
}

function stationEvents({ before, after }: Change<StationItem>): OutgoingEvent[] {
  if (before?.connection?.connectionId === after?.connection?.connectionId) return [];
  return [
    ...(before?.connection ? [connectionEvent("Station Disconnected", before)] : []),
    ...(after?.connection ? [connectionEvent("Station Connected", after)] : []),
  ];
}

function connectionEvent(detailType: DetailType, station: StationItem): OutgoingEvent {
  const { networkId, cpId, identity, connection } = station;
  const { connectionId, protocol, connectedAtMs = 0 } = connection ?? {};
  const connectedAt = iso(connectedAtMs);
  return { detailType, detail: { networkId, cpId, identity, connectionId, protocol, connectedAt } };
}

function transactionEvents({ before: stored, after }: Change<TransactionItem>): OutgoingEvent[] {
  // while the key of a charge is handed over to the next one, it holds no charge
  if (!after || after.startedAt === undefined) return [];
  const before = stored?.startedAt === undefined ? undefined : stored;
  const detail = { networkId: after.networkId, ...transactionResource(after) };
  const hasEnded = before?.stoppedAt === undefined && after.stoppedAt !== undefined;
  return [
    ...(before ? [] : [{ detailType: "Transaction Started", detail } as const]),
    ...(hasEnded ? [{ detailType: "Transaction Ended", detail } as const] : []),
  ];
}
