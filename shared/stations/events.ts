/** What a station's message means, whatever version of OCPP it was said in. Times: as the message itself says. */

/** The station started, and said what it is. */
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
  readonly atMs: number;
}

export interface TransactionStartedEvent {
  readonly type: "transactionStarted";
  readonly evseId: number;
  readonly connectorId: number;
  readonly idTag: string;
  /** Wh. */
  readonly meterStart: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The same for a retransmission, which must be given the same transaction id; different for any other. */
  readonly content: string;
}

export interface TransactionEndedEvent {
  readonly type: "transactionEnded";
  readonly transactionId: string;
  /** Wh. */
  readonly meterStop: number;
  /** ISO 8601, UTC. */
  readonly stoppedAt: string;
  readonly reason: string;
  /** Who stopped it, where that was said. */
  readonly idTag?: string;
}

/** Somebody showed a token: may they charge? */
export interface AuthorizeEvent {
  readonly type: "authorize";
  readonly idTag: string;
}

export type StationEvent =
  | BootEvent
  | ConnectorStatusEvent
  | TransactionStartedEvent
  | TransactionEndedEvent
  | AuthorizeEvent;
