import { once } from "node:events";
import { setTimeout as startTimer } from "node:timers";
import { setTimeout } from "node:timers/promises";
import { RPCClient } from "ocpp-rpc";
import type { Behaviour, Device, Payload } from "./behaviour.ts";
import { NO_ANSWER, type StationOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { behaviours } from "./protocols.ts";
import { type ReceivedCall, Recorder } from "./recorder.ts";
import { validators } from "./validators.ts";

export { callError, NO_ANSWER, type StationOptions } from "./options.ts";
export type { Payload, ReceivedCall };

/** Connects a station and boots it; resolves when every connector is reported. */
export async function connectStation(options: StationOptions): Promise<Station> {
  const station = new Station(options);
  await station.connect();
  return station;
}

/**
 * A simulated charging station on an OCPP implementation that is not ours: it keeps to its version's schemas
 * in both directions. For one that does not, see the raw station of the tests, or `sendRaw`.
 */
export class Station {
  readonly identity: string;
  /** The driver at the connector. */
  readonly driver: Pick<Behaviour, "startCharging" | "stopCharging">;
  readonly #options: StationOptions;
  readonly #client: RPCClient;
  readonly #recorder: Recorder;
  readonly #outbox: Outbox;
  readonly #behaviour: Behaviour;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #log: (line: string) => void;
  #registered = false;
  #closed = false;

  constructor(options: StationOptions) {
    const { identity, protocol = "ocpp1.6", log = () => {} } = options;
    this.identity = identity;
    this.#options = options;
    this.#log = log;
    this.#client = new RPCClient({
      endpoint: options.url,
      identity,
      protocols: [protocol],
      strictMode: true,
      strictModeValidators: validators(),
      callTimeoutMs: 30_000,
      ...(options.password === undefined ? {} : { password: options.password }),
      ...(options.tls === undefined ? {} : { wsOpts: { ...options.tls } }),
      // Its typings demand every option, its code has defaults.
    } as ConstructorParameters<typeof RPCClient>[0]);
    this.#recorder = new Recorder(this.#client, log);
    this.#outbox = new Outbox(
      (action, payload) => this.call(action, payload),
      () => this.connected && this.#registered,
    );
    this.#client.handle((call) => this.#answer(call as RpcCall));
    this.#client.on("open", () => {
      log(`connected to ${options.url} as ${identity}, ${this.#client.protocol}`);
      void this.#outbox.flush();
    });
    this.#client.on("disconnect", ({ code, reason }: { code: number; reason: string }) =>
      log(`disconnected: ${code} ${reason}`),
    );
    this.#behaviour = behaviours[protocol](this.#device());
    this.driver = this.#behaviour;
  }

  /** Every CALL that came from the CSMS, over all connections. */
  get calls(): readonly ReceivedCall[] {
    return this.#recorder.calls;
  }

  /** The most CALLs of the CSMS that were unanswered on one connection at once. */
  get maxOutstanding(): number {
    return this.#recorder.maxOutstanding;
  }

  get connected(): boolean {
    return this.#client.state === RPCClient.OPEN;
  }

  /** Resolves with the n-th CALL of this action since the station was made, as soon as it has come. */
  received(action: string, n = 1): Promise<ReceivedCall> {
    return this.#recorder.received(action, n);
  }

  /** Connects and boots. */
  async connect(): Promise<void> {
    this.#registered = false;
    await this.#client.connect();
    if (this.#options.boot !== false) await this.#behaviour.register();
    this.#registered = true;
    void this.#outbox.flush();
    if (this.#options.boot !== false) await this.#behaviour.announce();
  }

  /** Connects again as after a network fault, without a boot. */
  async reconnect(): Promise<void> {
    await this.#client.connect();
  }

  /** Ends the connection and stays away. `abrupt`: without a closing handshake, as by a pulled plug. */
  async disconnect({ abrupt = false } = {}): Promise<void> {
    await this.#client.close({ code: 1000, reason: "", awaitPending: false, force: abrupt });
  }

  /** The station is gone for good. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#clearTimers();
    this.#outbox.drop();
    await this.disconnect({ abrupt: true });
  }

  /** Sends a CALL, whatever the station would do by itself; rejects with an RPCError for a CALLERROR. */
  async call(action: string, payload: Payload): Promise<Payload> {
    return (await this.#client.call(action, payload)) as Payload;
  }

  /** Sends this frame as it is: a wrong, late or repeated answer. */
  sendRaw(frame: string): void {
    this.#client.sendRaw(frame);
  }

  async #answer({ messageId, method: action, params: payload, signal }: RpcCall): Promise<Payload> {
    const { answerDelayMs, handlers } = this.#options;
    const standard = async () => this.#behaviour.answer(action, payload);
    const work = async () => {
      const delayMs =
        typeof answerDelayMs === "function" ? answerDelayMs({ action, payload }) : answerDelayMs;
      if (delayMs) await setTimeout(delayMs, undefined, { signal });
      const handler = handlers?.[action];
      return handler ? handler({ messageId, action, payload, standard }) : standard();
    };
    // An answer belongs to the connection of its CALL; a close would wait for it otherwise.
    const gone = once(signal, "abort").then(() => NO_ANSWER);
    const answer = work().catch((error: unknown) => {
      if (signal.aborted) return NO_ANSWER;
      throw error;
    });
    return Promise.race([answer, gone]);
  }

  #device(): Device {
    const { connectors = 2, faultyConnectors = [], configuration = {}, stepMs = 1000 } = this.#options;
    const { now = Date.now } = this.#options;
    return {
      identity: this.identity,
      connectors,
      faultyConnectors,
      configuration,
      stepMs,
      now: () => new Date(now()),
      call: (action, payload) => this.call(action, payload),
      report: (action, payload) => this.#outbox.report(action, payload),
      after: (ms, task) => this.#after(ms, task),
      reboot: () => {
        this.#clearTimers();
        this.#restart(() => this.connect());
      },
      reconnect: (password) => {
        this.#options.keepPassword?.(Buffer.from(password));
        this.#restart(() => this.reconnect(), password);
      },
    };
  }

  #after(ms: number, task: () => void | Promise<void>): () => void {
    const timer = startTimer(
      async () => {
        this.#timers.delete(timer);
        try {
          await task();
        } catch (error) {
          if (!this.#closed) this.#log(`failed: ${(error as Error).message}`);
        }
      },
      Math.min(ms, MAX_TIMER_MS),
    );
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** The pause before it lets the answer out that announced it. */
  #restart(connect: () => Promise<void>, password?: string | Buffer): void {
    const { stepMs = 1000 } = this.#options;
    const tryAgain = () => {
      this.#after(stepMs, () => connect().catch(tryAgain));
    };
    this.#after(stepMs, async () => {
      await this.disconnect();
      if (password !== undefined) this.#client.reconfigure({ password } as unknown as Reconfiguration);
      tryAgain();
    });
  }
}

/** What setTimeout can count to; past it, it fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

type Reconfiguration = Parameters<RPCClient["reconfigure"]>[0];

/** What ocpp-rpc hands to a handler. */
interface RpcCall {
  readonly messageId: string;
  readonly method: string;
  readonly params: Payload;
  /** Aborted when the connection ends. */
  readonly signal: AbortSignal;
}
