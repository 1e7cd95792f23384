/**
 * The shapes of the table's items. Times: `…Ms` are epoch milliseconds and compared with the clock; `…At`
 * are ISO 8601 in UTC and shown to people; `expiresAt` is DynamoDB's TTL in epoch seconds, which may be two
 * days late, so that nothing relies on it.
 */

import type { TypeOnRequest } from "../event-types.ts";
import type { Protocol } from "../ocpp/protocols.ts";
import type { ProblemDetails } from "../problems.ts";
import type { PayloadText } from "./payload.ts";

/** A network (tenant) together with its semaphore of parallel commands: what must be atomic shares an item. */
export interface NetworkItem {
  networkId: string;
  name: string;
  parallelRequests: number;
  clients: string[];
  allowUnauthenticatedStations: boolean;
  authorization: AuthorizationPolicy;
  /** How messages that deviate from their schema are met; absent in items older than the setting. @default "liberal" */
  stationMessages?: StationMessages;
  /** The types of events that are published only where they are asked for. Absent in older items: none. */
  publish?: TypeOnRequest[];
  /** Seconds between the Heartbeats of its stations. @default the deployment's */
  heartbeatIntervalSeconds?: number;
  /** Of the default network: whether clients that no network has ever listed belong to it. @default true */
  openToUnlistedClients?: boolean;
  /** Counts what operators wrote; absent where the network was made by its first command. */
  revision?: number;
  /** Slots taken; always the size of `leases`. */
  inUse: number;
  /** Who holds a slot (a command id), and until when (epoch ms). */
  leases: Record<string, number>;
  /** When a caller was last refused; written only where the limit is 1, see `limits/spare-slot.ts`. */
  wantedAtMs?: number;
}

/**
 * Which tokens may charge: `acceptAll` all of them, `remoteStartOnly` those of remote starts, `listed` those of remote
 * starts and those that the network's token list accepts.
 */
export type AuthorizationPolicy = "acceptAll" | "remoteStartOnly" | "listed";

/**
 * `liberal`: a message is refused only where its effect cannot be read; `strict`: where it breaks its schema.
 */
export type StationMessages = "liberal" | "strict";

/** Who sent a command or made an attempt. */
export interface RequestedBy {
  clientId: string;
  /** The person, where the token is a user's. */
  user?: string;
}

export interface ClientItem {
  clientId: string;
  /** A set, so that networks are added and removed each by itself; absent where it would be empty. */
  networks?: Set<string>;
}

export type Link = "broker" | "legacy";
export type Lock = "none" | "permanent";

/** How a station proves who it is. */
export type StationAuth = BasicAuth | { type: "certificate" } | { type: "none" };

/**
 * By a password. The station's item decides which passwords are valid and names them by ids; the hashes are in the
 * table of passwords, where only the functions that need them can read: docs/passwords.md.
 */
export interface BasicAuth {
  type: "basic";
  passwordId: string;
  /** New passwords that the station may have by now, in the order in which they were sent. Absent: none. */
  pending?: PendingPassword[];
  /** Passwords that are no longer valid and whose hashes are still stored. Absent: none. */
  unused?: string[];
  /** Counts the changes; each change is conditional on it (optimistic locking). Absent: none. */
  revision?: number;
  /** The idempotency id of the registration, if the password was generated for it. */
  registrationId?: string;
}

/** A password that the station may have; see `shared/handshake/password-rotation.ts`. */
export interface PendingPassword {
  passwordId: string;
  /** The CALL that it was sent by. */
  messageId: string;
  /** The connection that the CALL went out on. */
  connectionId: string;
  /** The station accepted the password: valid from its next connection, or from its next boot. */
  accepted?: "now" | "atBoot";
}

/** A hash in the table of passwords, as `shared/handshake/password-hash.ts` writes it; its attribute is named by its id. */
export interface StoredHash {
  hash: string;
  addedAtMs: number;
}

export interface Connection {
  connectionId: string;
  protocol: Protocol;
  connectedAtMs: number;
}

/** One place in a station's lane; the head's CALL is the one on the wire. */
export interface LaneEntry {
  messageId: string;
  expiresAtMs: number;
  /** How many runs share it, where that is not one: requests of one Idempotency-Key have one message id. */
  users?: number;
  /** Marks the write that appended it: two entries of one write are one that the SDK sent twice. */
  mark?: string;
}

export interface ConnectorStatus {
  status: string;
  errorCode?: string;
  /** When it changed: the station's timestamp, otherwise the time of receipt. */
  atMs: number;
  /** `atMs` is the station's own time, and that time can be right. */
  isStated?: boolean;
  /** The place of its message in the order of receipt, as `shared/inbound/receipt.ts` writes it. */
  receipt?: string;
}

/** A charge that the station has not ended yet. */
export interface RunningCharge {
  transactionId: string;
  startedAtMs: number;
  /** Absent where the station named the EVSE only. */
  connectorId?: number;
  /** The connection on which the charge was last reported. */
  connectionId?: string;
  /** Its token, where it came of a raw remote start. */
  rawToken?: string;
}

/** How much a 2.x station takes in one message; each is absent until the station has reported it. */
export interface VariableLimits {
  getVariablesItems?: number;
  getVariablesBytes?: number;
  setVariablesItems?: number;
  setVariablesBytes?: number;
}

/** Where a station is, in degrees (WGS 84). */
export interface Location {
  latitude: number;
  longitude: number;
  address?: string;
}

export interface StationItem extends VariableLimits {
  cpId: string;
  networkId: string;
  identity: string;
  link: Link;
  auth: StationAuth;
  lock: Lock;
  defaultProtocol?: Protocol;
  rateId?: string;
  name?: string;
  /** Absent: none. */
  tags?: string[];
  location?: Location;
  /** The last display that the station accepted. */
  rateDisplay?: { state: "shown"; rateId: string; at: string } | { state: "disabled"; at: string };
  createdAt: string;
  /** Counts what callers wrote: `shared/stations/version.ts`. Absent: nothing since the registration. */
  revision?: number;
  connection?: Connection;
  lane: LaneEntry[];
  /** The connection before, and the CALL that was out on it; "" for none. Read by a write that was retried. */
  replaced?: string;
  replacedCall?: string;
  /** How long its last answers took, newest first, as `shared/limits/lane.ts` writes them. */
  roundTrip0?: number | null;
  roundTrip1?: number | null;
  roundTrip2?: number | null;
  roundTrip3?: number | null;
  /** CALLs of ours in a row that were not answered in time, on this connection. */
  timeoutsInRow?: number;
  /** Where its last connection came from, as `shared/handshake/throttle.ts` writes it. */
  lastSource?: string;
  /** When the last connection ended; while one is live, the communication log knows better. */
  lastSeenAtMs?: number;
  /** By `evseId/connectorId`: the connectors registered or reported. */
  connectors: Record<string, { evseId: number; connectorId: number; lock: Lock }>;
  /** By `evseId/connectorId`. */
  connectorStatus: Record<string, ConnectorStatus>;
  /** By attempt id. */
  openAttempts: Record<string, OpenAttempt>;
  /** Bulk commands that wait for its connection, as `shared/bulk/parked.ts` writes them. */
  waitingBulks?: Set<string>;
  /** Tokens of raw remote starts, as `shared/stations/raw-starts.ts` writes them. */
  rawStarts?: Set<string>;
  /** By EVSE: the transaction that runs there. Absent on a station that has had none since 0.1.0. */
  charges?: Record<string, RunningCharge>;
  /** The content of its last BootNotification, unchanged. */
  boot?: PayloadText;
  bootAt?: string;
  /** Messages that deviated from their schema, since the registration. */
  violationCount?: number;
  lastViolation?: { at: string; action: string };
  /** The kinds that were warned of on this connection, as `shared/inbound/deviations.ts` writes them. */
  violationKinds?: Set<string>;
  /** Boots and transactions that were refused in a row. */
  refusals?: { count: number; lastAt: string; lastAction: string; lastErrorCode: string };
  /** The last transaction id given out (OCPP 1.6: the CSMS's integers). */
  transactionCounter?: number;
}

/** A price as drivers read it, and as a station may reckon with it. */
export interface RateItem {
  rateId: string;
  networkId: string;
  /** ISO 4217. */
  currency: string;
  priceText: string;
  priceTextOffline?: string;
  /** The price text by language (RFC 5646). */
  translations?: Record<string, string>;
  chargingPrice?: { kWhPrice?: number; hourPrice?: number; flatFee?: number };
  /** Of the content, so that a write can be conditional on it. Absent in items older than the member. */
  version?: string;
}

export type TokenStatus = "Accepted" | "Blocked" | "Expired" | "Invalid";

/** A token of a network's list. */
export interface TokenItem {
  /** As it was last written; compared in any case. */
  idTag: string;
  networkId: string;
  /** Of OCPP 2.x; absent: any. */
  type?: string;
  status: TokenStatus;
  /** Until when it may charge, ISO 8601 in UTC. Not `expiresAt`, which is DynamoDB's TTL. */
  validUntil?: string;
  groupId?: string;
  note?: string;
  /** Of the content, so that a write can be conditional on it. */
  version: string;
}

export type AttemptState =
  | "pending"
  | "sent"
  | "accepted"
  | "rejected"
  | "started"
  | "stopping"
  | "stopped"
  | "expired"
  | "cancelled"
  | "failed";

/** A remote start attempt; `shared/attempts/attempt.ts` is its state machine. */
export interface AttemptItem {
  /** The OCPP message id of its start CALL, too. */
  attemptId: string;
  cpId: string;
  networkId: string;
  /** The connector that was named, or the one it started at. */
  evseId?: number;
  connectorId?: number;
  idTag: string;
  idTokenType?: string;
  groupIdTag?: string;
  /** As `shared/dialects/charging-profile.ts` describes it. */
  chargingProfile?: PayloadText;
  validUntilMs: number;
  stopMinutes?: number;
  state: AttemptState;
  /** Counts the writes; each write is conditional on it (optimistic locking). */
  version: number;
  /** The station's answer to the start CALL. */
  stationStatus?: string;
  transactionId?: string;
  createdAtMs: number;
  sentAtMs?: number;
  /** The connection that the start CALL went out on. */
  sentOn?: string;
  /**
   * OCPP 1.6: a transaction with its idTag that the station reported on the same connection before it answered the
   * start, by a clock that may be far behind. It is the attempt's if the answer is `Accepted`.
   */
  early?: string;
  answeredAtMs?: number;
  startedAtMs?: number;
  stopDueAtMs?: number;
  /** When the station last answered a stop CALL, in whatever way. */
  stopAnsweredAtMs?: number;
  /** OCPP 1.6: when the transaction's id was last answered to a station that had not heard it and a stop was due. */
  idAnsweredAtMs?: number;
  /** How often a due stop was made due again, because the station had not heard the transaction's id. */
  stopRound?: number;
  stoppedAtMs?: number;
  /** As text, since a CALLERROR's details may be in it; an object as 0.1.0 wrote it. */
  problem?: PayloadText | ProblemDetails;
  history: { state: AttemptState; atMs: number }[];
  /** Absent in attempts older than the member. */
  requestedBy?: RequestedBy;
  expiresAt: number;
}

/** What a station's item carries of an attempt that is not over: enough to know it by, and what is due. */
export interface OpenAttempt {
  idTag: string;
  evseId?: number;
  connectorId?: number;
  /** OCPP 2.x: what the station's transaction names it by. */
  remoteStartId: number;
  createdAtMs: number;
  validUntilMs: number;
  /** Once it has started. */
  transactionId?: string;
  stopDueAtMs?: number;
}

/** The value of a stored configuration key. */
export interface StoredConfigurationValue {
  value?: string;
  updatedAt: string;
}

/** A report in the making: which of its parts have come (OCPP 2.x NotifyReport). */
export interface ReportItem {
  cpId: string;
  /** The CALL that requested the report, and the deadline of the request that waits. */
  messageId: string;
  deadlineMs: number;
  /** The parts' numbers, from 0; absent before the first. */
  seen?: Set<number>;
  /** The last part's number, once that one has come. */
  last?: number;
  /** When all had come and were stored. */
  completedAtMs?: number;
  expiresAt: number;
}

/** The content of one part of a report. */
export interface ReportPartItem {
  /** Of `ReportedKey[]`, secrets masked. */
  keys: PayloadText;
  limits: VariableLimits;
  expiresAt: number;
}

/** One part of a list that a station sends after its answer. */
export interface ListPartItem {
  entries: PayloadText;
  /** When API Gateway received it. */
  receivedAtMs: number;
  expiresAt: number;
}

export type MessageType = "CALL_RESULT" | "CALL_ERROR";

/** What both kinds of exchange share: a row of the communication log. */
interface ExchangeBase {
  cpId: string;
  networkId: string;
  entryId: string;
  atMs: number;
  ocppMessageId: string;
  action: string;
  /** Secrets already masked. */
  request: PayloadText;
  /** The answer's payload, or `{errorCode, errorDescription, errorDetails}`; secrets already masked. */
  response?: PayloadText;
  messageType?: MessageType;
  answeredAtMs?: number;
  protocol?: Protocol;
  connectionId?: string;
  violations?: { pointer: string; detail: string }[];
  expiresAt: number;
  gsi1pk: string;
  gsi1sk: string;
}

/** The last Heartbeat of a station: the one log entry of all of them. */
export interface HeartbeatItem {
  networkId: string;
  /** How many there were since `sinceMs`; those that the log has as entries are not in it. */
  count: number;
  sinceMs: number;
  atMs: number;
  ocppMessageId: string;
  request: PayloadText;
  response: PayloadText;
  protocol: Protocol;
  connectionId: string;
  /** The station could not make sense of the answer. */
  violations?: { pointer: string; detail: string }[];
  expiresAt: number;
}

export type ExchangeState =
  | "queued"
  | "sent"
  | "answered"
  | "callError"
  | "timedOut"
  | "connectionLost"
  | "failed";

/**
 * A CALL to a station: communication log entry, correlation record and, for a command's first CALL, the
 * command resource. `commandId` is the id of the command's first CALL.
 */
export interface OutgoingItem extends ExchangeBase {
  direction: "toStation";
  commandId: string;
  command: string;
  state: ExchangeState;
  requestedAtMs: number;
  sentAtMs?: number;
  completedAtMs?: number;
  /** After this moment an exchange without an answer counts as timed out, even if no function has stored that. */
  deadlineMs: number;
  late?: true;
  /** Its answer has `violations`, and what was asked for can be read all the same. */
  usable?: true;
  /** It was answered in a network that takes no answer with violations. */
  strict?: true;
  /** Its request carried a secret, so that its answer may: see `shared/ocpp/mask-answer.ts`. */
  holdsSecret?: true;
  /** How many CALLs the command consists of; the n-th one's id follows from the command's. Default 1. */
  callCount?: number;
  /** The CALL asked for a report, and is answered in full only when that has come. */
  report?: "awaited" | "complete";
  /** Of a command's first CALL; absent where the system made it, and in items older than the member. */
  requestedBy?: RequestedBy;
  /** The bulk command that it is part of; of a command's first CALL. */
  bulkId?: string;
  /** The id of the request that made it, if that request carried an Idempotency-Key. */
  idempotencyId?: string;
  /** The same, as 0.1.0 named it. */
  onceId?: string;
  /** Marks the write that let it out: `shared/calls/exchange.ts`. */
  sendId?: string;
  /** What the station reported of work that goes on after its answer: see `shared/calls/work.ts`. */
  workHistory?: { status: string; atMs: number }[];
  workLast?: string;
  workNewsAtMs?: number;
  /** The firmware that the station booted with after it was updated. */
  bootedFirmware?: string;
  /** Why it was never sent, where `state` is `failed`. */
  problem?: ProblemDetails;
}

/** Number of failed handshakes in a window of time: see `shared/handshake/throttle.ts`. */
export interface FailedHandshakesItem {
  failures: number;
  expiresAt: number;
}

/** What is known of a request that carried an Idempotency-Key. */
export interface IdempotencyItem {
  /** Of what was asked for: route, path, query, body. */
  fingerprint: string;
  startedAtMs: number;
  /** The response, once there is one that counts. */
  outcome?: { status: number; headers: Record<string, string>; body?: string };
  expiresAt: number;
}

export interface IncomingItem extends ExchangeBase {
  direction: "fromStation";
  /** The station's, where the entry is an event: `shared/log/published.ts`. */
  identity?: string;
}

export type ExchangeItem = OutgoingItem | IncomingItem;

export interface TransactionItem {
  cpId: string;
  networkId: string;
  transactionId: string;
  evseId?: number;
  connectorId?: number;
  idTag?: string;
  startedAt: string;
  meterStart?: number;
  stoppedAt?: string;
  meterStop?: number;
  reason?: string;
  /** The station's own text, where its reason is none of its version. */
  reasonText?: string;
  /** The attempt that it belongs to. */
  remoteStartAttemptId?: string;
  /** Its end was concluded (`reason` is `NotReported`); the station's own word still counts. */
  unreported?: true;
  /** OCPP 2.x: the remoteStartId that the station gave it. */
  remoteStartId?: number;
  /** OCPP 2.x: the content of the first message, to distinguish a repetition from another charge with the same id. */
  begin?: string;
  /** OCPP 2.x: counts the charges that the station gave this id; absent for the first one. */
  generation?: number;
  /** OCPP 2.x: the charge before this one that had the same id. */
  past?: { sk: string; begin?: string; remoteStartId?: number };
  gsi1pk: string;
  gsi1sk: string;
}
