/** The meaning of a station's message, independent of the OCPP version. Times are those of the message. */

import type { ReportedKey } from "../configuration/stored.ts";
import type { VariableLimits } from "../store/items.ts";

/** The station started and sent its description. */
export interface BootEvent {
  readonly type: "boot";
  /** In the station's own words. */
  readonly boot: Readonly<Record<string, unknown>>;
}

export interface ConnectorStatusEvent {
  readonly type: "connectorStatus";
  readonly evseId: number;
  readonly connectorId: number;
  readonly status: string;
  readonly errorCode?: string;
  /** When it changed, by the station's word where that can be. */
  readonly atMs: number;
  /** The station's word as it is, where its clock was ever set; it may be ahead of ours. */
  readonly statedMs?: number | undefined;
}

/** One message about several connectors. */
export interface ConnectorStatusesEvent {
  readonly type: "connectorStatuses";
  readonly statuses: readonly ConnectorStatusEvent[];
}

export interface TransactionStartedEvent {
  readonly type: "transactionStarted";
  readonly evseId: number;
  readonly connectorId: number;
  readonly idTag: string;
  /** Wh, where the station reports it. */
  readonly meterStart?: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The station stated its time without a zone: it may be local time. */
  readonly hasNoZone?: boolean;
  /** The same for a retransmission, which must be given the same transaction id; different for any other. */
  readonly content: string;
}

export interface TransactionEndedEvent {
  readonly type: "transactionEnded";
  readonly transactionId: string;
  /** Wh, where the station reports it. */
  readonly meterStop?: number;
  /** ISO 8601, UTC. */
  readonly stoppedAt: string;
  readonly reason: string;
  /** The station's own text, where the reason is none of the version's list. */
  readonly reasonText?: string;
  /** The token that stopped the transaction, if the message names one. */
  readonly idTag?: string;
}

/** A driver presented a token: authorized to charge? */
export interface AuthorizeEvent {
  readonly type: "authorize";
  readonly idTag: string;
  /** OCPP 2.x. */
  readonly idTokenType?: string;
}

/**
 * A report on a transaction that the station itself numbers (OCPP 2.x TransactionEvent). Such reports arrive in any
 * order, and are repeated until they are answered.
 */
export interface TransactionReportEvent {
  readonly type: "transactionReport";
  readonly phase: "Started" | "Updated" | "Ended";
  readonly transactionId: string;
  /** Counts a transaction's messages from 0. */
  readonly seqNo: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly evseId?: number;
  readonly connectorId?: number;
  /** Who charges; in the last message: who ended it. */
  readonly idTag?: string;
  readonly idTokenType?: string;
  /** The energy register, in Wh, where the message has it. */
  readonly meter?: number;
  /** Why it ended. */
  readonly reason?: string;
  /** The station's own text, where the reason is none of the version's list. */
  readonly reasonText?: string;
  /** The start that was asked for from here. */
  readonly remoteStartId?: number;
  /** Of the first message: the same for a repetition, different for another charge of the same id. */
  readonly begin?: string;
}

/** One part of a report that was asked for. */
export interface ReportPartEvent {
  readonly type: "reportPart";
  readonly requestId: number;
  /** Counts the parts from 0. */
  readonly seqNo: number;
  readonly isLast: boolean;
  readonly keys: readonly ReportedKey[];
  /** The limits on messages to the station that this part contains. */
  readonly limits: VariableLimits;
}

/** One part of a list that was asked for. Parts of a list carry no numbers. */
export interface ListPartEvent {
  readonly type: "listPart";
  readonly requestId: number;
  readonly isLast: boolean;
  /** As the station sent them, secrets masked. */
  readonly entries: readonly unknown[];
}

/** A station reports on an upload of its log or an update of its firmware. */
export interface WorkStatusEvent {
  readonly type: "workStatus";
  readonly kind: "log" | "firmware";
  readonly status: string;
  /** Which CALL asked for it, where the message names it. */
  readonly requestId?: number;
}

export type StationEvent =
  | BootEvent
  | ConnectorStatusEvent
  | ConnectorStatusesEvent
  | TransactionStartedEvent
  | TransactionEndedEvent
  | TransactionReportEvent
  | ReportPartEvent
  | ListPartEvent
  | WorkStatusEvent
  | AuthorizeEvent;
