import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { hasWork, wantsStop } from "../../shared/attempts/attempt.ts";
import { createAttempt } from "../../shared/attempts/create.ts";
import type { AttemptJob, BackgroundJob } from "../../shared/attempts/jobs.ts";
import { failLocked } from "../../shared/attempts/lock.ts";
import { lookAtAttempt } from "../../shared/attempts/read.ts";
import { runAttemptJob, type SendDeps } from "../../shared/attempts/send.ts";
import { apply } from "../../shared/attempts/store.ts";
import type { TimerName } from "../../shared/attempts/timers.ts";
import { beginConnection, endConnection } from "../../shared/calls/connection.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import { serveCall } from "../../shared/inbound/serve-call.ts";
import { takeAnswer } from "../../shared/inbound/take-answer.ts";
import { type CallFrame, parse } from "../../shared/ocpp/frame.ts";
import { Problem } from "../../shared/problems.ts";
import { changeStation } from "../../shared/stations/change.ts";
import type { AttemptItem, AttemptState, Lock, NetworkItem, StationItem } from "../../shared/store/items.ts";
import { networkKey, stationKey } from "../../shared/store/keys.ts";
import type { Table } from "../../shared/store/table.ts";
import { newStation } from "./stations.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** A step of the world; `death`: after how many requests the process that takes it dies. */
export type Step =
  | { type: "create"; minutes: number; named: boolean; death: number }
  | { type: "job"; pick: number; death: number; twice: boolean }
  | { type: "answer"; pick: number; death: number; status: string }
  | { type: "begin"; connector: number; death: number }
  | { type: "repeat" | "end" | "cancel"; pick: number; death: number }
  | { type: "advance"; ms: number }
  | { type: "timer"; pick: number; death: number; again: boolean }
  | { type: "disconnect"; tells: boolean }
  | { type: "connect"; death: number }
  | { type: "lock"; lock: Lock; death: number };

/** The process has ended. */
class Killed extends Error {}

interface Timer {
  readonly name: TimerName;
  readonly attemptId: string;
  readonly atMs: number;
}

/** A CALL as the station got it. */
interface Received {
  readonly messageId: string;
  readonly action: string;
  readonly transactionId?: number;
  readonly connectionId: string;
  answer?: string;
}

/** A charge as the station knows it. */
interface Charge {
  readonly begin: { connectorId: number; idTag: string; meterStart: number; timestamp: string };
  transactionId?: number;
  /** The station has sent its end, received or not. */
  ended?: true;
  /** Its StopTransaction was answered. */
  endHeard?: true;
  /** Another one began on its connector, or the station refused to stop it. */
  left?: true;
}

const NEXT: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  pending: ["sent", "expired", "cancelled", "failed"],
  sent: ["accepted", "rejected", "started", "expired", "failed"],
  accepted: ["started", "expired"],
  started: ["stopping", "stopped"],
  stopping: ["stopped", "started"],
  expired: ["started"],
  rejected: [],
  stopped: [],
  cancelled: [],
  failed: [],
};

/** One station with its driver, and all of the relay that attempts have to do with. */
export class ChargingWorld {
  readonly clock = new VirtualClock();
  readonly #networkId: string;
  readonly #cpId: string;
  readonly #table: Table;
  readonly #attempts: string[] = [];
  readonly #received: Received[] = [];
  readonly #charges: Charge[] = [];
  readonly #working = new Set<Promise<void>>();
  #jobs: AttemptJob[] = [];
  #timers: Timer[] = [];
  #connectionId: string | undefined;
  #connections = 0;
  #messages = 0;

  constructor(table: Table, networkId: string) {
    this.#table = table;
    this.#networkId = networkId;
    this.#cpId = cpIdOf(networkId, "CP");
  }

  async start(): Promise<this> {
    const connectors = Object.fromEntries(
      [1, 2].map((n) => [`${n}/1`, { evseId: n, connectorId: 1, lock: "none" as const }]),
    );
    await this.#table.put(newStation({ networkId: this.#networkId, identity: "CP", connectors }));
    await this.#connect(this.#deps());
    return this;
  }

  /** What a process has: everything fails it after so many requests to the table. */
  #deps(death = Number.POSITIVE_INFINITY): SendDeps {
    let left = death;
    const alive = () => {
      if (left < 0) throw new Killed();
    };
    const spend = () => {
      left -= 1;
      alive();
    };
    const table = Object.fromEntries(
      Object.entries(this.#table).map(([name, method]) => [
        name,
        async (...args: unknown[]) => {
          spend();
          return (method as (...args: unknown[]) => unknown)(...args);
        },
      ]),
    ) as unknown as Table;
    return {
      table,
      clock: this.clock,
      logDays: 30,
      newId: () => {
        const id = randomUUID();
        this.#attempts.push(id);
        return id;
      },
      connections: {
        post: async (connectionId, frame) => {
          alive();
          if (connectionId !== this.#connectionId) return "gone";
          const [, messageId, action, payload] = JSON.parse(frame) as [2, string, string, object];
          this.#received.push({ messageId, action, connectionId, ...payload });
          return "sent";
        },
        close: async () => {},
      },
      timers: {
        set: async (name, attemptId, atMs) => {
          alive();
          if (
            !this.#timers.some((one) => one.name === name && one.attemptId === attemptId && one.atMs === atMs)
          )
            this.#timers.push({ name, attemptId, atMs });
        },
        clear: async (name, attemptId, atMs) => {
          alive();
          this.#timers = this.#timers.filter(
            (one) => one.name !== name || one.attemptId !== attemptId || one.atMs !== atMs,
          );
        },
      },
      runInBackground: async (job: BackgroundJob) => {
        alive();
        if ("job" in job) this.#jobs.push(job);
      },
    };
  }

  async do(step: Step): Promise<void> {
    try {
      await this.#take(step);
    } catch (error) {
      if (!(error instanceof Killed) && !(error instanceof Problem)) throw error;
    }
    await this.clock.settle();
  }

  async #take(step: Step): Promise<void> {
    switch (step.type) {
      case "create": {
        const named = step.named ? { connectorUuid: connectorUuidOf(this.#cpId, 1, 1) } : {};
        const stop = step.minutes > 0 ? { stopMinutes: step.minutes } : {};
        const wanted = { cpId: this.#cpId, networks: [this.#networkId], idTag: "TAG", ...named, ...stop };
        await createAttempt(this.#deps(step.death), wanted);
        return;
      }
      case "job": {
        const job = this.#jobs[step.pick % Math.max(this.#jobs.length, 1)];
        if (!job) return;
        this.#jobs = this.#jobs.filter((one) => one !== job);
        this.#run(job, step.death);
        if (step.twice) this.#run(job, Number.POSITIVE_INFINITY);
        return;
      }
      case "answer":
        return this.#answer(step.pick, step.status, step.death);
      case "begin": {
        // two charges of a connector never begin at one instant: only the order of receipt would be left
        if (this.#charges.length > 0) await this.clock.advance(1);
        const timestamp = new Date(this.clock.now()).toISOString();
        const begin = {
          connectorId: step.connector,
          idTag: "TAG",
          meterStart: this.#charges.length,
          timestamp,
        };
        const charge = { begin };
        for (const one of this.#charges) if (one.begin.connectorId === step.connector) one.left = true;
        this.#charges.push(charge);
        return this.#tellBegin(charge, step.death);
      }
      case "repeat": {
        // a station repeats what it has not ended
        const open = this.#charges.filter(({ ended }) => !ended);
        const charge = open[step.pick % Math.max(open.length, 1)];
        if (charge) await this.#tellBegin(charge, step.death);
        return;
      }
      case "end": {
        const running = this.#charges.filter(({ transactionId }) => transactionId !== undefined);
        const charge = running[step.pick % Math.max(running.length, 1)];
        if (charge) await this.#tellEnd(charge, step.death);
        return;
      }
      case "advance":
        return this.clock.advance(step.ms);
      case "timer":
        return this.#fire(step.pick, step.death, step.again);
      case "disconnect": {
        const connectionId = this.#connectionId;
        this.#connectionId = undefined;
        if (step.tells && connectionId) await endConnection(this.#deps(), this.#cpId, connectionId);
        return;
      }
      case "connect":
        return this.#connect(this.#deps(step.death));
      case "lock": {
        const deps = this.#deps(step.death);
        const station = (await this.#table.get<StationItem>(stationKey(this.#cpId))) as StationItem;
        await failLocked(
          deps,
          await changeStation(deps.table, station, { lock: step.lock }),
          this.clock.now(),
        );
        return;
      }
      case "cancel": {
        const id = this.#attempts[step.pick % Math.max(this.#attempts.length, 1)];
        if (id) await apply(this.#deps(step.death), id, { type: "cancel", atMs: this.clock.now() });
      }
    }
  }

  /** A job goes on beside what else happens; where its process dies, Lambda does it again. */
  #run(job: AttemptJob, death: number): void {
    const work = runAttemptJob(this.#deps(death), job).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
      this.#jobs.push(job);
    });
    this.#working.add(work);
    this.clock.track(work).then(
      () => this.#working.delete(work),
      () => {},
    );
  }

  async #connect(deps: SendDeps): Promise<void> {
    const connectionId = `connection-${++this.#connections}`;
    const connection = { connectionId, protocol: "ocpp1.6" as const, connectedAtMs: this.clock.now() };
    const station = await beginConnection(deps, this.#cpId, connection);
    if (station && hasWork(station, this.clock.now()))
      await deps.runInBackground({ job: "resume", cpId: this.#cpId });
    // a handshake that failed is no connection
    this.#connectionId = connectionId;
  }

  async #answer(pick: number, status: string, death: number): Promise<void> {
    const open = this.#received.filter(
      ({ answer, connectionId }) => answer === undefined && connectionId === this.#connectionId,
    );
    const call = open[pick % Math.max(open.length, 1)];
    if (!call) return;
    call.answer = status;
    const meant = this.#charges.find(({ transactionId }) => transactionId === call.transactionId);
    if (status === "Rejected" && call.transactionId !== undefined && meant) meant.left = true;
    const isError = status === "CALLERROR";
    const error = { errorCode: "InternalError", errorDescription: "", errorDetails: {} };
    await takeAnswer(this.#deps(death), "ocpp1.6", {
      cpId: this.#cpId,
      messageId: call.messageId,
      messageType: isError ? "CALL_ERROR" : "CALL_RESULT",
      response: isError ? error : { status },
      atMs: this.clock.now(),
    });
  }

  async #tell(action: string, payload: object, death: number): Promise<Record<string, unknown> | undefined> {
    if (!this.#connectionId) return undefined;
    const speaker = {
      cpId: this.#cpId,
      networkId: this.#networkId,
      identity: "CP",
      protocol: "ocpp1.6" as const,
      connectionId: this.#connectionId,
    };
    const call = parse(
      "ocpp1.6",
      JSON.stringify([2, String(++this.#messages), action, payload]),
    ) as CallFrame;
    const serving = { ...this.#deps(death), now: this.clock.now() };
    return JSON.parse(await serveCall(serving, speaker, call))[2];
  }

  async #tellBegin(charge: Charge, death: number): Promise<void> {
    const answer = await this.#tell("StartTransaction", charge.begin, death);
    if (!answer) return;
    // an equal start after its stop is another charge
    if (charge.transactionId !== undefined && !charge.ended)
      expect(answer.transactionId).toBe(charge.transactionId);
    charge.transactionId = answer.transactionId as number;
  }

  async #tellEnd(charge: Charge, death: number): Promise<void> {
    if (!this.#connectionId) return;
    charge.ended = true;
    const timestamp = new Date(this.clock.now()).toISOString();
    const { transactionId } = charge;
    const answer = await this.#tell("StopTransaction", { transactionId, meterStop: 1, timestamp }, death);
    if (answer) charge.endHeard = true;
  }

  async #fire(pick: number, death: number, again: boolean): Promise<void> {
    const due = this.#timers.filter(({ atMs }) => atMs <= this.clock.now());
    const timer = due[pick % Math.max(due.length, 1)];
    if (!timer) return;
    if (!again) this.#timers = this.#timers.filter((one) => one !== timer);
    const deps = this.#deps(death);
    const { name, attemptId } = timer;
    if (name === "expire") await apply(deps, attemptId, { type: "expire", atMs: this.clock.now() });
    else await deps.runInBackground({ job: "stop", attemptId });
  }

  /** No process dies any more: pending work is done, and the station repeats what was not answered. */
  async recover(): Promise<void> {
    await this.do({ type: "lock", lock: "none", death: Number.POSITIVE_INFINITY });
    for (const charge of this.#charges) {
      await this.#connectAgain();
      if (charge.transactionId === undefined) await this.#tellBegin(charge, Number.POSITIVE_INFINITY);
      if (charge.ended && !charge.endHeard) await this.#tellEnd(charge, Number.POSITIVE_INFINITY);
    }
    await this.clock.advance(31 * 60_000);
    await this.#connectAgain();
    for (let round = 0; round < 40 && (this.#jobs.length > 0 || this.clock.busy); round++) {
      for (const job of this.#jobs.splice(0)) this.#run(job, Number.POSITIVE_INFINITY);
      await this.clock.advance(2_000);
      for (let n = this.#received.length; n > 0; n--) {
        await this.#answer(0, "Accepted", Number.POSITIVE_INFINITY);
        await this.clock.advance(500);
      }
    }
    await Promise.all(this.#working);
  }

  async #connectAgain(): Promise<void> {
    await this.#connect(this.#deps());
    await this.clock.settle();
  }

  async #look(attemptId: string): Promise<AttemptItem | undefined> {
    try {
      return await lookAtAttempt(this.#deps(), attemptId, { networks: [this.#networkId] }, this.clock.now());
    } catch (error) {
      if (error instanceof Problem) return undefined; // its process died before it was stored
      throw error;
    }
  }

  /** What every reader may rely on at any moment. */
  async check(): Promise<void> {
    const transactions = new Set<string>();
    for (const attemptId of this.#attempts) {
      const attempt = await this.#look(attemptId);
      const starts = this.#received.filter(({ messageId }) => messageId === attemptId);
      expect(starts.length, "a start CALL went out twice").toBeLessThanOrEqual(1);
      if (!attempt) continue;
      const { state, transactionId, history, validUntilMs } = attempt;
      const charge = this.#charges.find((one) => String(one.transactionId) === transactionId);
      const said = starts[0]?.answer;

      history.slice(1).forEach(({ state: next }, n) => {
        expect(NEXT[history[n]?.state as AttemptState]).toContain(next);
      });
      expect(history.at(-1)?.state).toBe(state);
      if (state === "pending" || state === "cancelled") expect(starts).toEqual([]);
      if (state === "pending" || state === "sent" || state === "accepted")
        expect(this.clock.now()).toBeLessThan(validUntilMs);
      if (state === "accepted") expect(said).toBe("Accepted");
      if (state === "rejected") expect(said).toBe("Rejected");
      if (state === "failed" && starts.length > 0) expect(said).toBe("CALLERROR");
      if (state === "expired") expect(this.clock.now()).toBeGreaterThanOrEqual(validUntilMs);
      if (transactionId === undefined) continue;
      expect(transactions.has(transactionId), "two attempts with one transaction").toBe(false);
      transactions.add(transactionId);
      // if the answer to a start was lost, only the relay knows the charge by its transactionId
      const candidates = charge ? [charge] : this.#charges.filter((one) => one.transactionId === undefined);
      if (state === "stopped") expect(candidates.some(({ ended, left }) => ended || left)).toBe(true);
      if (charge?.endHeard) expect(state).toBe("stopped");
    }
  }

  /** What holds when everything has come to rest, half an hour later. */
  async checkEnd(): Promise<void> {
    const network = await this.#table.get<NetworkItem>(networkKey(this.#networkId));
    const held = Object.values(network?.leases ?? {}).filter((expiresAtMs) => expiresAtMs > this.clock.now());
    expect(held).toEqual([]);
    for (const attemptId of this.#attempts) {
      const attempt = await this.#look(attemptId);
      if (!attempt) continue;
      expect(["pending", "sent", "accepted"]).not.toContain(attempt.state);
      expect(wantsStop(attempt, this.clock.now()), "a stop that never went out").toBe(false);
    }
  }
}
