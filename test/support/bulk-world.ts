import { randomUUID } from "node:crypto";
import { acceptBulk } from "../../shared/bulk/accept.ts";
import { end } from "../../shared/bulk/head.ts";
import type { BulkMessage, BulkQueue } from "../../shared/bulk/messages.ts";
import { hasBulkWork, resumeBulks } from "../../shared/bulk/parked.ts";
import { type BulkResult, bulkResource, listResults } from "../../shared/bulk/resource.ts";
import { runBulkMessage } from "../../shared/bulk/run.ts";
import type { BulkDeps } from "../../shared/bulk/snapshot.ts";
import { beginConnection, endConnection } from "../../shared/calls/connection.ts";
import type { Connections } from "../../shared/calls/post.ts";
import { cpIdOf } from "../../shared/ids.ts";
import { takeAnswer } from "../../shared/inbound/take-answer.ts";
import { newNetwork } from "../../shared/limits/semaphore.ts";
import { type BulkItem, bulkKey } from "../../shared/store/bulk.ts";
import type { Link, NetworkItem } from "../../shared/store/items.ts";
import { networkKey, networkListKey, stationKey } from "../../shared/store/keys.ts";
import { dying, Killed } from "./mortal.ts";
import { newStation } from "./stations.ts";
import type { TestTable } from "./table.ts";
import { noTimers } from "./timers.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** How a station of the world behaves. */
export const habits = [
  "accepts",
  "refuses",
  "errs",
  "silent",
  "late",
  "twice",
  "hangsUp",
  "offline",
  "comesLater",
  "unstable",
  "unknown",
  "legacy",
] as const;
export type Habit = (typeof habits)[number];

interface WorldStation {
  readonly identity: string;
  readonly cpId: string;
  readonly habit: Habit;
  connectionId?: string;
  /** The payload of each CALL that reached it. */
  readonly calls: string[];
}

interface Queued {
  readonly id: number;
  readonly message: BulkMessage;
  visibleAt: number;
  receives: number;
}

/** What happens to the function that is given a message. */
export type Fate = "lives" | "loses" | { readonly diesAfter: number };

const VISIBILITY_MS = 360_000;

/** As the function behind the queue: its 60 s less the 30 s of one station. */
const TURN_MS = 30_000;

type Store = Pick<TestTable, "table" | "losing">;

let worlds = 0;

/** One bulk command, its stations, its queue, and the functions that the queue invokes. */
export class BulkWorld {
  readonly clock = new VirtualClock();
  readonly networkId = `bulk-${++worlds}`;
  readonly bulkId = randomUUID();
  readonly stations: readonly WorldStation[];
  readonly messages: Queued[] = [];
  /** Of functions that were not killed. */
  readonly errors: unknown[] = [];
  readonly #store: Store;
  readonly #answerMs: number;
  /** By the ids of the connections that they have or had. */
  readonly #connected = new Map<string, WorldStation>();
  #ids = 0;

  /** @param answerMs how long stations take that answer in time */
  constructor(store: Store, of: readonly Habit[], answerMs = 200) {
    this.#store = store;
    this.#answerMs = answerMs;
    this.stations = of.map((habit, n) => {
      const identity = `CP${n}`;
      return { identity, cpId: cpIdOf(this.networkId, identity), habit, calls: [] };
    });
  }

  readonly #queue: BulkQueue = {
    send: async (messages, delaySeconds = 0) => {
      for (const message of messages)
        this.messages.push({
          id: ++this.#ids,
          message,
          visibleAt: this.clock.now() + delaySeconds * 1000,
          receives: 0,
        });
    },
  };

  readonly #connections: Connections = {
    post: async (connectionId, frame) => {
      const station = this.#connected.get(connectionId);
      if (station?.connectionId !== connectionId) return "gone";
      const [, messageId, , payload] = JSON.parse(frame);
      station.calls.push(JSON.stringify(payload));
      this.#react(station, connectionId, messageId);
      return "sent";
    },
    close: async (connectionId) => {
      const station = this.#connected.get(connectionId);
      if (station?.connectionId === connectionId) delete station.connectionId;
    },
  };

  deps(fate: Fate = "lives"): BulkDeps {
    const ports = {
      table: fate === "loses" ? this.#store.losing : this.#store.table,
      connections: this.#connections,
      queue: this.#queue,
    };
    const life = typeof fate === "object" ? { left: fate.diesAfter } : undefined;
    return {
      ...(life
        ? {
            table: dying(ports.table, life),
            connections: dying(ports.connections, life),
            queue: dying(ports.queue, life),
          }
        : ports),
      clock: this.clock,
      logDays: 30,
      newId: randomUUID,
      runInBackground: () => Promise.reject(new Error("nothing is handed over here")),
    };
  }

  /** Registers the stations and connects those that are there from the beginning. */
  async start(parallelRequests = 10): Promise<this> {
    const { networkId } = this;
    const { table } = this.#store;
    const network = { ...newNetwork(networkId), parallelRequests };
    await table.put({ ...networkKey(networkId), ...networkListKey(networkId), ...network });
    for (const { identity, habit } of this.stations) {
      if (habit === "unknown") continue;
      const link: Link = habit === "legacy" ? "legacy" : "broker";
      await table.put(newStation({ networkId, identity, link }));
    }
    for (const [n, { habit }] of this.stations.entries())
      if (!["offline", "comesLater", "unstable", "unknown"].includes(habit)) await this.connect(n);
    return this;
  }

  /** Accepts a bulk command for all stations. */
  async accept(about: Partial<Parameters<typeof acceptBulk>[1]> = {}, fate?: Fate): Promise<void> {
    const { networkId, bulkId } = this;
    await acceptBulk(this.deps(fate), {
      ...{ bulkId, networkId, command: "clear_cache", input: {} },
      cpIds: this.stations.map(({ cpId }) => cpId),
      ...{ limit: 10, parallel: 3, offline: "skip" },
      ...about,
    });
    for (const [n, { habit }] of this.stations.entries()) {
      if (habit === "comesLater") this.#later(90_000, () => this.connect(n));
      if (habit === "unstable") {
        this.#later(20_000, () => this.connect(n));
        this.#later(21_000, () => this.disconnect(n));
        this.#later(420_000, () => this.connect(n));
      }
    }
  }

  async connect(n: number): Promise<void> {
    const station = this.stations[n];
    if (!station || station.habit === "unknown") return;
    const connectionId = randomUUID();
    station.connectionId = connectionId;
    this.#connected.set(connectionId, station);
    const connection = { connectionId, protocol: "ocpp1.6", connectedAtMs: this.clock.now() } as const;
    const before = await beginConnection(this.deps(), station.cpId, connection);
    if (before && hasBulkWork(before)) await resumeBulks(this.deps(), station.cpId);
  }

  async disconnect(n: number): Promise<void> {
    const station = this.stations[n];
    const { connectionId } = station ?? {};
    if (!station || !connectionId) return;
    delete station.connectionId;
    await endConnection(this.deps(), station.cpId, connectionId);
  }

  cancel = (): Promise<void> => end(this.#store.table, this.bulkId, "cancelled");

  /**
   * Gives the oldest messages that are visible to functions.
   *
   * @param copies how often the queue delivers each
   */
  deliver(most: number, fate: Fate = "lives", copies = 1): void {
    const now = this.clock.now();
    const visible = this.messages.filter(({ visibleAt }) => visibleAt <= now);
    for (const queued of visible.slice(0, most)) {
      queued.visibleAt = now + VISIBILITY_MS;
      queued.receives += 1;
      for (let copy = 0; copy < copies; copy++) this.clock.track(this.#handle(queued, fate));
    }
  }

  /** Lets everything run, without further faults, until the queue is empty. */
  async finish(): Promise<void> {
    for (let turns = 0; this.messages.length > 0 || this.clock.busy; turns++) {
      if (turns > 5_000) throw new Error(`never ends: ${JSON.stringify(this.messages)}`);
      if (this.errors.length > 0) throw this.errors[0];
      this.deliver(Number.POSITIVE_INFINITY);
      const next = Math.min(...this.messages.map(({ visibleAt }) => visibleAt));
      const idle = Math.max(next - this.clock.now(), 250);
      await this.clock.advance(this.clock.busy ? Math.min(idle, 1_000) : idle);
    }
  }

  async read() {
    const { table } = this.#store;
    const bulk = await table.get<BulkItem>(bulkKey(this.bulkId));
    if (!bulk) return undefined;
    const { items: rows } = await listResults(table, bulk, { limit: 500, after: 0 });
    const network = await table.get<NetworkItem>(networkKey(this.networkId));
    return { bulk, counts: bulkResource(bulk).counts, rows: rows as BulkResult[], network };
  }

  stationItem = (n: number) =>
    this.#store.table.get<{ waitingBulks?: Set<string> }>(stationKey(this.stations[n]?.cpId ?? ""));

  async #handle(queued: Queued, fate: Fate): Promise<void> {
    const startedAt = this.clock.now();
    const mayGoOn = () => this.clock.now() - startedAt < TURN_MS;
    try {
      await runBulkMessage(this.deps(fate), queued.message, mayGoOn);
    } catch (error) {
      if (!(error instanceof Killed)) this.errors.push(error);
      return;
    }
    const place = this.messages.indexOf(queued);
    if (place >= 0) this.messages.splice(place, 1);
  }

  /** What the station does about a CALL: after how long, and what. */
  #react(station: WorldStation, connectionId: string, messageId: string): void {
    const n = this.stations.indexOf(station);
    const answer = (response: object, messageType: "CALL_RESULT" | "CALL_ERROR" = "CALL_RESULT") =>
      takeAnswer({ table: this.#store.table, timers: noTimers }, "ocpp1.6", {
        ...{ cpId: station.cpId, messageId, messageType, response, atMs: this.clock.now() },
      });
    const accept = () => answer({ status: "Accepted" });
    const error = { errorCode: "InternalError", errorDescription: "", errorDetails: {} };
    const hangUp = async () => {
      if (station.connectionId !== connectionId) return;
      await this.disconnect(n);
      this.#later(60_000, () => this.connect(n));
    };
    const answerMs = this.#answerMs;
    const reactions: Partial<Record<Habit, readonly (readonly [number, () => Promise<unknown>])[]>> = {
      silent: [],
      refuses: [[answerMs, () => answer({ status: "Rejected" })]],
      errs: [[answerMs, () => answer(error, "CALL_ERROR")]],
      late: [[40_000, accept]],
      twice: [
        [answerMs, accept],
        [2 * answerMs, accept],
      ],
      hangsUp: [[answerMs, hangUp]],
    };
    for (const [ms, work] of reactions[station.habit] ?? [[answerMs, accept]]) this.#later(ms, work);
  }

  #later(ms: number, work: () => Promise<unknown>): void {
    this.clock.track(this.clock.sleep(ms).then(work)).catch(() => {});
  }
}
