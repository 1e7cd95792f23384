import { randomUUID } from "node:crypto";
import { openAttemptOf, readAttempt } from "../../shared/attempts/store.ts";
import type { Timers } from "../../shared/attempts/timers.ts";
import { storeSent } from "../../shared/calls/exchange.ts";
import { requestIdOf } from "../../shared/calls/ids.ts";
import { serveCall } from "../../shared/inbound/serve-call.ts";
import { takeAnswer } from "../../shared/inbound/take-answer.ts";
import { type CallFrame, parse } from "../../shared/ocpp/frame.ts";
import type { Protocol } from "../../shared/ocpp/protocols.ts";
import type { AttemptItem, StationItem, TransactionItem } from "../../shared/store/items.ts";
import { attemptKey, stationKey, transactionsOf } from "../../shared/store/keys.ts";
import { readList } from "../../shared/store/page.ts";
import type { Table } from "../../shared/store/table.ts";
import { newAttempt } from "./attempt-item.ts";
import { newStation } from "./stations.ts";

export interface Sending {
  /** @default the next number */
  readonly id?: string;
  /** When it is processed. @default when it was received */
  readonly now?: number;
}

/** A station that reports charges, and what the relay has stored of them. */
export class ChargingStation {
  readonly table: Table;
  readonly station: StationItem;
  readonly protocol: Protocol;
  readonly timers: { name: string; attemptId: string; atMs: number }[] = [];
  connectionId = "connection-1";
  /** When its next message is received. */
  now: number;
  #messages = 0;

  private constructor(table: Table, station: StationItem, protocol: Protocol, now: number) {
    this.table = table;
    this.station = station;
    this.protocol = protocol;
    this.now = now;
  }

  static async register(table: Table, protocol: Protocol, now: number): Promise<ChargingStation> {
    const station = newStation({ identity: "CP", networkId: randomUUID() });
    await table.put(station);
    return new ChargingStation(table, station, protocol, now);
  }

  get deps() {
    const timers: Timers = {
      set: async (name, attemptId, atMs) => {
        this.timers.push({ name, attemptId, atMs });
      },
      clear: async () => {},
    };
    return { table: this.table, timers };
  }

  /** Sends a CALL. @returns the payload of the CALLRESULT, or the code of the CALLERROR */
  async call<Answer = Record<string, unknown>>(
    action: string,
    payload: object,
    { id = String(++this.#messages), now = this.now }: Sending = {},
  ): Promise<Answer> {
    const { cpId, networkId, identity } = this.station;
    const { protocol, connectionId, now: receivedAtMs } = this;
    const call = parse(protocol, JSON.stringify([2, id, action, payload])) as CallFrame;
    const speaker = { cpId, networkId, identity, protocol, connectionId };
    const answer = await serveCall({ ...this.deps, now, receivedAtMs, logDays: 30 }, speaker, call);
    return JSON.parse(answer)[2];
  }

  /** Stores an attempt that the station has accepted on this connection. */
  async accepted(about: Partial<AttemptItem> = {}): Promise<AttemptItem> {
    const attempt: AttemptItem = {
      ...newAttempt(),
      attemptId: randomUUID(),
      cpId: this.station.cpId,
      networkId: this.station.networkId,
      state: "accepted",
      createdAtMs: this.now,
      sentAtMs: this.now,
      sentOn: this.connectionId,
      answeredAtMs: this.now,
      stationStatus: "Accepted",
      validUntilMs: this.now + 600_000,
      ...about,
    };
    await this.table.put({ ...attemptKey(attempt.attemptId), ...attempt });
    await this.table.update({
      key: stationKey(this.station.cpId),
      update: "SET openAttempts.#id = :open",
      names: { "#id": attempt.attemptId },
      values: { ":open": openAttemptOf(attempt) },
    });
    return attempt;
  }

  /** Stores an attempt whose start CALL the station has not answered, and that CALL. */
  async sent(about: Partial<AttemptItem> = {}): Promise<AttemptItem> {
    const {
      answeredAtMs: _,
      stationStatus: __,
      ...attempt
    } = await this.accepted({ state: "sent", ...about });
    await this.table.put({ ...attemptKey(attempt.attemptId), ...attempt });
    const { attemptId, cpId, networkId, createdAtMs } = attempt;
    const call = {
      ...{ messageId: attemptId, commandId: attemptId, command: "remote_start_attempt", cpId, networkId },
      ...{ action: "RemoteStartTransaction", request: { idTag: attempt.idTag } },
      ...{ requestedAtMs: createdAtMs, deadlineMs: createdAtMs + 25_000 },
    };
    const on = { connectionId: this.connectionId, protocol: this.protocol };
    await storeSent(this.table, call, on, this.now, 30);
    return attempt;
  }

  /** Stores when the station connected, and when its connection before had ended. */
  async connectedSince(connectedAtMs: number, lastSeenAtMs?: number): Promise<void> {
    const { connectionId, protocol } = this;
    await this.table.update({
      key: stationKey(this.station.cpId),
      update: `SET #connection = :connection${lastSeenAtMs === undefined ? "" : ", lastSeenAtMs = :seen"}`,
      names: { "#connection": "connection" },
      values: {
        ":connection": { connectionId, protocol, connectedAtMs },
        ...(lastSeenAtMs !== undefined && { ":seen": lastSeenAtMs }),
      },
    });
  }

  /** Answers the start CALL of an attempt. */
  async answer({ attemptId: messageId, cpId }: AttemptItem, status: string): Promise<void> {
    const { now: atMs } = this;
    const answer = { messageType: "CALL_RESULT", response: { status } } as const;
    await takeAnswer(this.deps, this.protocol, { cpId, messageId, atMs, ...answer });
  }

  remoteStartIdOf = ({ attemptId }: AttemptItem): number => requestIdOf(attemptId);

  readAttempt = async ({ attemptId }: AttemptItem) =>
    (await readAttempt(this.table, attemptId)) as AttemptItem;

  readStation = async () => (await this.table.get<StationItem>(stationKey(this.station.cpId))) as StationItem;

  /** Every charge, the oldest first. */
  async transactions(): Promise<TransactionItem[]> {
    const partition = transactionsOf(this.station.cpId);
    return (await readList<TransactionItem>(this.table, { partition, limit: 100 })).items;
  }
}
