import {
  AlreadySent,
  type AnswerPayload,
  awaitAnswer,
  awaitEnd,
  type Call,
  type CallDeps,
  exchangeOf,
  frameOf,
  sendCall,
} from "../calls/call.ts";
import { countCalls, type NewExchange, readExchange } from "../calls/exchange.ts";
import { callIdOf, requestIdOf } from "../calls/ids.ts";
import { problemOf } from "../calls/outcome.ts";
import { awaitReport, configurationReport, listReport, type ReportKind } from "../calls/report.ts";
import { abandonLane, type ConnectedStation, type LaneRequest, waitForLane } from "../calls/wait-for-lane.ts";
import { expectWork, firmwareOf, type WorkKind } from "../calls/work.ts";
import { openReport } from "../configuration/report-parts.ts";
import type { ReportedKey } from "../configuration/stored.ts";
import { expectPassword } from "../handshake/expect-password.ts";
import { passwordIn } from "../handshake/sent-password.ts";
import { addLogKeys } from "../logger.ts";
import { csmsMaySend } from "../ocpp/actions.ts";
import type { Protocol } from "../ocpp/protocols.ts";
import { validatePayload } from "../ocpp/schemas.ts";
import { Problem } from "../problems.ts";
import { listed } from "../schema/validate.ts";
import { expectStart } from "../stations/raw-starts.ts";
import type { OutgoingItem, RequestedBy, StationItem } from "../store/items.ts";
import { payloadOf } from "../store/payload.ts";
import type { CommandRow } from "./command.ts";
import { notSupported } from "./not-supported.ts";

/** The station's answer to one CALL of a command. */
export interface Answer {
  readonly ocppMessageId: string;
  /** Undefined for a legacy station: no request waits for its answer. */
  readonly payload: AnswerPayload | undefined;
  /** Whether it was sent before, by another request of the same Idempotency-Key. */
  readonly sentBefore: boolean;
}

/** What came of a CALL that asks for a report of the configuration. */
export interface ReportAnswer extends Answer {
  /** The keys of the report; undefined if the station refused it, and for a legacy station. */
  readonly keys: readonly ReportedKey[] | undefined;
}

/** What came of a CALL that asks for a list. */
export interface ListAnswer extends Answer {
  /** As the station sent them; undefined if it did not accept the request, and for a legacy station. */
  readonly entries: readonly unknown[] | undefined;
}

/** What came of a CALL, whatever the station answered. */
export interface Reply {
  readonly ocppMessageId: string;
  /** Undefined for a legacy station. */
  readonly exchange: AnsweredExchange | undefined;
}

export type AnsweredExchange = OutgoingItem &
  Required<Pick<OutgoingItem, "messageType" | "response" | "answeredAtMs">>;

const isAnswered = (exchange: OutgoingItem): exchange is AnsweredExchange =>
  exchange.messageType !== undefined;

/** Work that the station goes on with after its answer, and reports by status notifications. */
export interface GoesOn {
  readonly kind: WorkKind;
  /** Whether the CALL carries `ownNumber` as its `requestId`. */
  readonly isNumbered: boolean;
}

/** What a dialect's command works with: the station as it stood at the first CALL, and a way to call it. */
export interface Session {
  readonly station: ConnectedStation;
  readonly protocol: Protocol;
  /** The same number in every run of the command: for a profile or a reservation that the caller does not number. */
  readonly ownNumber: number;
  /** When the command was requested; the same in every run of it. */
  readonly requestedAtMs: number;
  /**
   * Refuses payloads that violate the schema of the station's version, before anything is sent.
   *
   * @throws Problem `payload-violates-schema`, `not-supported-by-protocol`
   */
  check(action: string, payload: object): Promise<void>;
  /**
   * Checks, sends, waits. CALLs of one command go one after the other; each enters the lane anew.
   *
   * @param goesOn for a CALL whose work the station reports on later
   * @throws Problem whatever keeps the station's answer away
   */
  call(action: string, payload: object, goesOn?: GoesOn): Promise<Answer>;
  /**
   * Sends unchecked, waits, and takes whatever the station answers, a CALLERROR too.
   *
   * @throws Problem whatever keeps the station's answer away
   */
  callUnchecked(action: string, payload: object): Promise<Reply>;
  /**
   * As `call`, for one that the station answers by a status and, where that is `Accepted`, by messages of its
   * own that carry our `requestId`, which is added to the payload. Waits for all of them.
   *
   * @throws Problem whatever keeps the answer away; `station-timeout` where the report does not come whole
   */
  report(action: string, payload: object): Promise<ReportAnswer>;
  /** As `report`, for a list of something else than configuration keys. */
  list(action: string, payload: object): Promise<ListAnswer>;
  /** Stores the number of CALLs of the command, if the `callCount` of its row could not know it. */
  expectCalls(callCount: number): Promise<void>;
}

/** What all CALLs of a command have in common. */
export interface CommandRun {
  readonly commandId: string;
  readonly command: string;
  readonly cpId: string;
  readonly networks: readonly string[];
  /** Who holds the network's slot. @default the command, where its id is not of the caller's choice */
  readonly holder?: string;
  /** Stored with its CALLs, so that a repeat of the request recognizes them. */
  readonly idempotencyId?: string;
  /** The bulk command that it is part of. */
  readonly bulkId?: string;
  /** Who sent the command; absent if the system did. */
  readonly requestedBy?: RequestedBy;
  readonly requestedAtMs: number;
  readonly deadlineMs: number;
  /** How many CALLs it will take. @default 1 */
  readonly callCount?: number;
  /** True if no request waits for the station's answers, as with a legacy station. */
  readonly unawaited?: true;
}

/** The number of CALLs that a row makes of a command. */
export const callCountOf = <Input>(
  row: Pick<CommandRow<Input, unknown>, "callCount">,
  input: Input,
  station: StationItem,
): number => row.callCount?.(input, station) ?? 1;

async function check(protocol: Protocol, action: string, payload: object): Promise<void> {
  if (!csmsMaySend(protocol, action)) throw notSupported(protocol, action, `action ${action}`);
  const errors = await validatePayload(protocol, action, "request", payload);
  if (errors.length === 0) return;
  throw new Problem(
    "payload-violates-schema",
    `The ${action} payload violates its ${protocol} schema. Nothing was sent.`,
    { errors: listed(errors), protocol, action },
  );
}

const callOf = (run: CommandRun, n: number, action: string, payload: object, report?: "awaited"): Call => ({
  messageId: callIdOf(run.commandId, n),
  commandId: run.commandId,
  command: run.command,
  action,
  payload,
  requestedAtMs: run.requestedAtMs,
  deadlineMs: run.deadlineMs,
  ...(run.idempotencyId && { idempotencyId: run.idempotencyId }),
  ...(n === 0 && run.callCount !== undefined && { callCount: run.callCount }),
  ...(n === 0 && run.requestedBy && { requestedBy: run.requestedBy }),
  ...(n === 0 && run.bulkId !== undefined && { bulkId: run.bulkId }),
  ...(report && { report }),
});

const laneRequestOf = (run: CommandRun, n: number): LaneRequest => ({
  cpId: run.cpId,
  networks: run.networks,
  messageId: callIdOf(run.commandId, n),
  deadlineMs: run.deadlineMs,
});

/**
 * How a session finds things: nothing stored, its first CALL stored as queued, or CALLs made already by an
 * earlier run.
 */
export type SessionStart = "new" | "queued" | "resumed";

/** How a CALL is sent, where that is not how most are. */
interface SendOptions {
  readonly report?: "awaited";
  readonly prepare?: typeof expectStart;
}

/** @param sentBy whether the CALL went out for another request of the same Idempotency-Key, or for none */
type TakeBack = (sentBy: "none" | "another") => Promise<void>;

/** A CALL that went out. */
interface Sent {
  readonly call: Call;
  readonly station: ConnectedStation;
  readonly sentBefore: boolean;
}

/**
 * A session that sends. Its first CALL is at the head of the lane when the session begins: entering the lane
 * returned the station and its OCPP version. If no CALL is made, the caller of the session leaves the lane.
 */
export class LiveSession implements Session {
  readonly station: ConnectedStation;
  readonly protocol: Protocol;
  #calls = 0;
  #isOut = false;
  #isAnothers = false;
  #lastEnd: "answered" | "callError" | "sent" = "answered";
  readonly #deps: CallDeps;
  readonly #run: CommandRun;
  readonly #start: SessionStart;

  constructor(deps: CallDeps, run: CommandRun, station: ConnectedStation, start: SessionStart) {
    this.#deps = deps;
    this.#run = run;
    this.#start = start;
    this.station = station;
    this.protocol = station.connection.protocol;
  }

  /** Whether a CALL was made; until then, the function that waited for the lane must leave it. */
  get hasCalled(): boolean {
    return this.#calls > 0;
  }

  /** Whether a CALL of this run went out: then the command must not be run again. */
  get isOut(): boolean {
    return this.#isOut;
  }

  /** Whether another request of the same Idempotency-Key sent the first CALL. */
  get isAnothers(): boolean {
    return this.#isAnothers;
  }

  /** What the last CALL came to, if no error was thrown. */
  get lastEnd(): "answered" | "callError" | "sent" {
    return this.#lastEnd;
  }

  get ownNumber(): number {
    return requestIdOf(this.#run.commandId);
  }

  get requestedAtMs(): number {
    return this.#run.requestedAtMs;
  }

  check(action: string, payload: object): Promise<void> {
    return check(this.protocol, action, payload);
  }

  async call(action: string, payload: object, goesOn?: GoesOn): Promise<Answer> {
    await this.check(action, payload);
    return this.#answer(await this.#send(action, payload, goesOn && { prepare: this.#expecting(goesOn) }));
  }

  #expecting({ kind, isNumbered }: GoesOn): typeof expectStart {
    return (table, { cpId, boot }, { messageId }) => {
      const firmwareBefore = boot && firmwareOf(payloadOf(boot));
      const work = {
        messageId,
        requestId: this.ownNumber,
        isNumbered,
        ...(firmwareBefore && { firmwareBefore }),
      };
      return expectWork(table, cpId, kind, work);
    };
  }

  async callUnchecked(action: string, payload: object): Promise<Reply> {
    const { call, station } = await this.#send(action, payload, { prepare: expectStart });
    const ocppMessageId = call.messageId;
    if (!this.#awaits(station)) {
      this.#lastEnd = "sent";
      return { ocppMessageId, exchange: undefined };
    }
    const exchange = await awaitEnd(this.#deps, station, call);
    if (!isAnswered(exchange)) throw problemOf(exchange, this.#deps.clock.now());
    this.#lastEnd = exchange.messageType === "CALL_ERROR" ? "callError" : "answered";
    return { ocppMessageId, exchange };
  }

  async report(action: string, payload: object): Promise<ReportAnswer> {
    const { entries: keys, ...answer } = await this.#reported(action, payload, configurationReport);
    return { ...answer, keys };
  }

  list(action: string, payload: object): Promise<ListAnswer> {
    return this.#reported(action, payload, listReport);
  }

  async #reported<Entry>(
    action: string,
    payload: object,
    kind: ReportKind<Entry>,
  ): Promise<Answer & { readonly entries: readonly Entry[] | undefined }> {
    const requestId = requestIdOf(this.#run.commandId);
    const request = { ...payload, requestId };
    await this.check(action, request);
    const { cpId, commandId: messageId, deadlineMs } = this.#run;
    await openReport(this.#deps.table, requestId, { cpId, messageId, deadlineMs }, this.#deps.clock.now());
    const sent = await this.#send(action, request, { report: "awaited" });
    const answer = await this.#answer(sent);
    const promised = answer.payload?.status === "Accepted";
    const { call, station } = sent;
    const entries = promised ? await awaitReport(this.#deps, station, call, requestId, kind) : undefined;
    return { ...answer, entries };
  }

  async expectCalls(callCount: number): Promise<void> {
    const { cpId, commandId: messageId } = this.#run;
    if (callCount !== this.#run.callCount) await countCalls(this.#deps.table, { cpId, messageId }, callCount);
  }

  async #send(action: string, payload: object, { report, prepare }: SendOptions = {}): Promise<Sent> {
    const n = this.#calls++;
    const call = callOf(this.#run, n, action, payload, report);
    if (this.#start === "resumed" && (await this.#isMade(call)))
      return { call, station: this.station, sentBefore: true };
    const isQueued = this.#start === "queued" && n === 0;
    const holdsLane = this.#start !== "resumed" && n === 0;
    const station = holdsLane ? this.station : await waitForLane(this.#deps, laneRequestOf(this.#run, n));
    addLogKeys({ ocppMessageId: call.messageId, connectionId: station.connection.connectionId });
    const takeBack = await this.#prepared(station, call, prepare);
    try {
      await sendCall(this.#deps, station, call, isQueued);
    } catch (error) {
      if (error instanceof Problem) await takeBack?.("none");
      if (error instanceof AlreadySent) await takeBack?.("another");
      // a repeat of the same request was faster: its CALL is this one's
      if (!(error instanceof AlreadySent) || isQueued) throw error;
      this.#isAnothers ||= n === 0;
      return { call, station, sentBefore: true };
    }
    this.#isOut = true;
    return { call, station, sentBefore: false };
  }

  /** Stores what must be known before the CALL goes out: a password in it, and what `prepare` stores. */
  async #prepared(
    station: ConnectedStation,
    call: Call,
    prepare: SendOptions["prepare"],
  ): Promise<TakeBack | undefined> {
    const { auth } = station;
    const { table, passwords, clock } = this.#deps;
    const password = auth.type === "basic" ? passwordIn(call) : undefined;
    try {
      if (auth.type === "basic" && password !== undefined) {
        if (!passwords) throw new Error(`${call.action} with a password: this function stores none`);
        return await expectPassword(
          { table, passwords, clock },
          { ...station, auth },
          password,
          call.messageId,
        );
      }
      const forget = await prepare?.(table, station, call, clock.now());
      return forget && ((sentBy) => (sentBy === "none" ? forget() : Promise.resolve()));
    } catch (error) {
      await abandonLane(table, station.cpId, call.messageId);
      throw error;
    }
  }

  async #isMade({ messageId }: Call): Promise<boolean> {
    const exchange = await readExchange(this.#deps.table, this.station.cpId, messageId);
    return exchange !== undefined && exchange.state !== "failed";
  }

  async #answer({ call, station, sentBefore }: Sent): Promise<Answer> {
    const awaits = this.#awaits(station);
    const payload = awaits ? await awaitAnswer(this.#deps, station, call) : undefined;
    this.#lastEnd = awaits ? "answered" : "sent";
    return { ocppMessageId: call.messageId, payload, sentBefore };
  }

  #awaits({ link }: ConnectedStation): boolean {
    return link !== "legacy" && !this.#run.unawaited;
  }
}

/**
 * A session that sends nothing: it checks the CALLs, returns the results of a legacy station, and keeps the first
 * CALL so that it can be stored.
 */
export class DrySession implements Session {
  readonly station: ConnectedStation;
  readonly protocol: Protocol;
  #holdsSecret = false;
  #first: NewExchange | undefined;
  #calls = 0;
  readonly #run: CommandRun;

  constructor(run: CommandRun, station: ConnectedStation) {
    this.#run = run;
    this.station = station;
    this.protocol = station.connection.protocol;
  }

  get ownNumber(): number {
    return requestIdOf(this.#run.commandId);
  }

  get requestedAtMs(): number {
    return this.#run.requestedAtMs;
  }

  check(action: string, payload: object): Promise<void> {
    return check(this.protocol, action, payload);
  }

  call(action: string, payload: object): Promise<Answer> {
    return this.#checked(action, payload);
  }

  async #checked(action: string, payload: object, report?: "awaited"): Promise<Answer> {
    await this.check(action, payload);
    return { ocppMessageId: this.#keep(action, payload, report), payload: undefined, sentBefore: false };
  }

  async callUnchecked(action: string, payload: object): Promise<Reply> {
    return { ocppMessageId: this.#keep(action, payload), exchange: undefined };
  }

  #keep(action: string, payload: object, report?: "awaited"): string {
    const call = callOf(this.#run, this.#calls++, action, payload, report);
    frameOf(call);
    const exchange = exchangeOf(call, this.station);
    this.#first ??= exchange;
    this.#holdsSecret ||= exchange.holdsSecret ?? false;
    return call.messageId;
  }

  async report(action: string, payload: object): Promise<ReportAnswer> {
    const request = { ...payload, requestId: requestIdOf(this.#run.commandId) };
    return { ...(await this.#checked(action, request, "awaited")), keys: undefined };
  }

  async list(action: string, payload: object): Promise<ListAnswer> {
    const { keys: entries, ...answer } = await this.report(action, payload);
    return { ...answer, entries };
  }

  async expectCalls(): Promise<void> {}

  /** Whether any of the CALLs would carry a secret. */
  get holdsSecret(): boolean {
    return this.#holdsSecret;
  }

  get firstCall(): NewExchange {
    if (!this.#first) throw new Error(`the command ${this.#run.command} makes no CALL`);
    return this.#first;
  }
}
