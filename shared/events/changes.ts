/** What a change of an item means to those outside. */

import { attemptResource } from "../attempts/resource.ts";
import { bulkResource } from "../bulk/resource.ts";
import { storedCallCount } from "../calls/exchange.ts";
import { stateOf } from "../calls/outcome.ts";
import { type CommandResource, commandResource, readCommand } from "../commands/resource.ts";
import type { EventType } from "../event-types.ts";
import { connectorUuidOf } from "../ids.ts";
import { kindParts } from "../inbound/deviations.ts";
import { maskSecrets } from "../ocpp/secrets.ts";
import { transactionResource } from "../stations/list-transactions.ts";
import type { BulkItem } from "../store/bulk.ts";
import type {
  AttemptItem,
  ConnectorStatus,
  IncomingItem,
  OutgoingItem,
  StationItem,
  TransactionItem,
} from "../store/items.ts";
import type { Key } from "../store/keys.ts";
import { payloadOf } from "../store/payload.ts";
import type { Table } from "../store/table.ts";
import type { WebhookItem } from "../store/webhooks.ts";
import { iso } from "../time.ts";
import { messageEvents } from "./message-events.ts";

/** An event without what its stream record adds: `eventId`. */
export interface OutgoingEvent {
  readonly type: EventType;
  /** Without `cpId` where the event is about a network. */
  readonly data: { readonly networkId: string; readonly cpId?: string } & Readonly<Record<string, unknown>>;
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
  if (pk.startsWith("BULK#")) return bulkEvents(change as Change<BulkItem>);
  if (sk === "STATION") return stationEvents(change as Change<StationItem>);
  if (pk.startsWith("WEBHOOK#")) return webhookEvents(change as Change<WebhookItem>);
  if (sk.startsWith("TRANSACTION#")) return transactionEvents(change as Change<TransactionItem>);
  if (sk.startsWith("IN#")) return messageEvents(change as Change<IncomingItem>);
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
  return [{ type: "command.completed", data: { networkId: after.networkId, ...summary(command) } }];
}

/** Without payloads, which may be larger than an event. */
const summary = ({ calls: _, ...command }: CommandResource) => command;

function attemptEvents({ before, after }: Change<AttemptItem>): OutgoingEvent[] {
  if (!after || before?.state === after.state) return [];
  const { networkId } = after;
  const data = { networkId, ...attemptResource(after), ...(before && { previousState: before.state }) };
  return [{ type: "attempt.changed", data }];
}

/** Its last write: no worker is at a station any more. */
function bulkEvents({ before, after }: Change<BulkItem>): OutgoingEvent[] {
  if (after?.completedAtMs === undefined || before?.completedAtMs !== undefined) return [];
  return [{ type: "bulk.completed", data: { networkId: after.networkId, ...bulkResource(after) } }];
}

function stationEvents({ before, after }: Change<StationItem>): OutgoingEvent[] {
  return [...connectionEvents(before, after), ...reportedEvents(before, after)];
}

function connectionEvents(before: StationItem | undefined, after: StationItem | undefined): OutgoingEvent[] {
  if (before?.connection?.connectionId === after?.connection?.connectionId) return [];
  return [
    ...(before?.connection ? [connectionEvent("station.disconnected", before)] : []),
    ...(after?.connection ? [connectionEvent("station.connected", after)] : []),
  ];
}

/** What a station said of itself, where it is stored in the station's item: no other write is needed for these. */
function reportedEvents(before: StationItem | undefined, after: StationItem | undefined): OutgoingEvent[] {
  if (!before || !after) return [];
  const { networkId, cpId, identity, boot, bootAt } = after;
  const about = { networkId, cpId, identity };
  const hasBooted = boot !== undefined && bootAt !== before.bootAt;
  const bootData = hasBooted && {
    ...about,
    bootAt,
    boot: maskSecrets("BootNotification", payloadOf<object>(boot)),
  };
  return [
    ...(bootData ? [{ type: "station.boot", data: bootData } as const] : []),
    ...Object.entries(after.connectorStatus).flatMap(([key, status]) =>
      statusEvent(about, after.connectors[key], before.connectorStatus[key], status),
    ),
    ...violationEvents(about, before, after),
  ];
}

/** The kinds of violations that its connection did not have: docs/stations.md. */
function violationEvents(
  about: About,
  before: StationItem,
  { violationKinds = new Set(), lastViolation, connection }: StationItem,
): OutgoingEvent[] {
  const fresh = [...violationKinds].filter((kind) => !before.violationKinds?.has(kind));
  if (!lastViolation || fresh.length === 0) return [];
  const { at, action } = lastViolation;
  const data = {
    ...about,
    ...(connection && { connectionId: connection.connectionId }),
    action,
    violations: fresh.sort().map((kind) => kindParts(action, kind)),
    at,
  };
  return [{ type: "station.violation", data }];
}

type About = Pick<StationItem, "networkId" | "cpId" | "identity">;

/** A station repeats the status of its connectors at each boot: only another one is an event. */
function statusEvent(
  about: About,
  connector: StationItem["connectors"][string] | undefined,
  before: ConnectorStatus | undefined,
  { status, errorCode, atMs }: ConnectorStatus,
): OutgoingEvent[] {
  if (!connector || (before?.status === status && before.errorCode === errorCode)) return [];
  const { evseId, connectorId } = connector;
  const data = {
    ...about,
    connectorUuid: connectorUuidOf(about.cpId, evseId, connectorId),
    evseId,
    connectorId,
    status,
    ...(errorCode !== undefined && { errorCode }),
    ...(before && { previousStatus: before.status }),
    at: iso(atMs),
  };
  return [{ type: "connector.status", data }];
}

function connectionEvent(type: EventType, station: StationItem): OutgoingEvent {
  const { networkId, cpId, identity, connection } = station;
  const { connectionId, protocol, connectedAtMs = 0 } = connection ?? {};
  const connectedAt = iso(connectedAtMs);
  return { type, data: { networkId, cpId, identity, connectionId, protocol, connectedAt } };
}

function transactionEvents({ before: stored, after }: Change<TransactionItem>): OutgoingEvent[] {
  // while the key of a charge is handed over to the next one, it holds no charge
  if (!after || after.startedAt === undefined) return [];
  const before = stored?.startedAt === undefined ? undefined : stored;
  const data = { networkId: after.networkId, ...transactionResource(after) };
  const hasEnded = before?.stoppedAt === undefined && after.stoppedAt !== undefined;
  return [
    ...(before ? [] : [{ type: "transaction.started", data } as const]),
    ...(hasEnded ? [{ type: "transaction.ended", data } as const] : []),
  ];
}

/** A webhook that a caller switches off is no event. */
function webhookEvents({ before, after }: Change<WebhookItem>): OutgoingEvent[] {
  if (!before || !after?.disabled || before.disabled?.atMs === after.disabled.atMs) return [];
  const { networkId, webhookId, disabled } = after;
  const data = { networkId, webhookId, reason: disabled.reason, at: iso(disabled.atMs) };
  return [{ type: "webhook.disabled", data }];
}
