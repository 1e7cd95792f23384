/** One function: its environments, and who is served by which. */
import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { type Environment, type Outcome, startEnvironment } from "./environment.ts";
import type { EnvironmentData, FunctionError } from "./messages.ts";
import type { Starts } from "./starts.ts";

export interface FunctionDefinition {
  /** The construct id: the name in metrics and logs. */
  readonly id: string;
  /** The physical name, by which callers know it. */
  readonly name: string;
  readonly arn: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly reservedConcurrency?: number;
  /** How often an event that was sent asynchronously is tried again after a failure. */
  readonly asyncRetries: number;
}

export interface FunctionMetrics {
  invocations: number;
  /** Environments alive now, busy or idle. */
  environments: number;
  /** One figure for each environment started since the last reset. */
  initMs: number[];
  /** Processor time of the environments' threads, start and init among it. */
  processorMs: number;
  errors: number;
}

export interface FunctionOptions {
  readonly definition: FunctionDefinition;
  readonly data: EnvironmentData;
  /** Read when an environment starts. */
  readonly variables: () => Readonly<Record<string, string>>;
  readonly onOutput: (text: string) => void;
  readonly onFailure: (requestId: string, error: FunctionError) => void;
  /** Events beyond wait for one that becomes free. */
  readonly mostEnvironments: number;
  /** Shared by all functions of the service. */
  readonly starts: Starts;
}

export interface LocalFunction {
  readonly definition: FunctionDefinition;
  invoke(event: string, traceId?: string): Promise<Outcome>;
  /**
   * Ends environments that served nothing for so long.
   *
   * @param spareMs for those beside which the function has another one
   */
  endIdle(idleMs: number, spareMs: number): void;
  /** Ends all environments as a crash would. */
  kill(): Promise<void>;
  /** Ends all environments for good: nothing is served afterwards. */
  close(): Promise<void>;
  metrics(): FunctionMetrics;
  resetMetrics(): void;
}

/**
 * A function that may run for more than 10 s waits for stations and needs no processor meanwhile. A short one has at
 * most two environments per core: with 41 for 50 frames on two busy cores, starts took 2 to 3 s and invocations ran
 * into their timeouts.
 */
const SHORT_TIMEOUT_MS = 10_000;
const SHORT_ENVIRONMENTS = 2 * availableParallelism();
/** How often a queue looks whether an environment may start. */
const LOOK_MS = 20;

/** Lambda's limit on what a function returns. */
const maxPayloadBytes = 6 * 1024 * 1024;

interface Waiting {
  readonly event: string;
  readonly traceId: string;
  readonly requestId: string;
  /** `performance.now()` */
  readonly since: number;
  readonly resolve: (outcome: Outcome) => void;
}

export function createFunction(options: FunctionOptions): LocalFunction {
  const { definition, data, variables, onOutput, onFailure, starts } = options;
  const { timeoutMs, memoryMb, reservedConcurrency = Number.POSITIVE_INFINITY } = definition;
  const isShort = timeoutMs <= SHORT_TIMEOUT_MS;
  const mostEnvironments = isShort
    ? Math.min(options.mostEnvironments, SHORT_ENVIRONMENTS)
    : options.mostEnvironments;
  const alive = new Set<Environment>();
  /** The most recently used one last. */
  const idle: { readonly environment: Environment; readonly since: number }[] = [];
  const queue: Waiting[] = [];
  let closed = false;
  let starting = 0;
  let inFlight = 0;
  let invocations = 0;
  let errors = 0;
  let initMs: number[] = [];
  let processorMs = 0;
  let nextLook: NodeJS.Timeout | undefined;

  function start(): void {
    let isReady = false;
    starting += 1;
    starts.now += 1;
    const environment = startEnvironment({
      name: definition.id,
      data,
      variables: variables(),
      memoryMb,
      onOutput,
      onUsed(ms) {
        processorMs += ms;
      },
      onReady(ms) {
        isReady = true;
        started();
        initMs.push(ms);
        free(environment);
        startForWaiting();
      },
      onGone(error) {
        alive.delete(environment);
        const place = idle.findIndex((one) => one.environment === environment);
        if (place >= 0) idle.splice(place, 1);
        // A place below the maximum became free.
        if (isReady) return startForWaiting();
        started();
        const waiting = queue.shift();
        if (waiting !== undefined) conclude(waiting, { status: "failed", error });
        startForWaiting();
      },
    });
    alive.add(environment);
  }

  function started(): void {
    starting -= 1;
    starts.now -= 1;
  }

  function startForWaiting(): void {
    while (mayStart()) start();
    if (closed || starting >= queue.length || nextLook !== undefined) return;
    nextLook = setTimeout(() => {
      nextLook = undefined;
      startForWaiting();
    }, LOOK_MS);
  }

  function mayStart(): boolean {
    if (closed || starting >= queue.length || alive.size >= mostEnvironments) return false;
    if (starts.now >= starts.max) return false;
    return alive.size === 0 || performance.now() - (queue[0]?.since ?? 0) >= starts.patienceMs();
  }

  function free(environment: Environment): void {
    const next = queue.shift();
    if (next === undefined) idle.push({ environment, since: performance.now() });
    else void serve(environment, next);
  }

  async function serve(environment: Environment, waiting: Waiting): Promise<void> {
    const { requestId, traceId, event } = waiting;
    const outcome = await environment.serve({ requestId, traceId, event, timeoutMs });
    if (alive.has(environment)) free(environment);
    conclude(waiting, withinPayloadLimit(outcome));
  }

  function conclude({ requestId, resolve }: Waiting, outcome: Outcome): void {
    inFlight -= 1;
    if (outcome.status === "failed") {
      errors += 1;
      onFailure(requestId, outcome.error);
    }
    resolve(outcome);
  }

  async function kill(): Promise<void> {
    await Promise.all([...alive].map((environment) => environment.kill()));
  }

  return {
    definition,
    invoke(event, traceId = "") {
      if (inFlight >= reservedConcurrency) return Promise.resolve({ status: "throttled" });
      inFlight += 1;
      invocations += 1;
      return new Promise((resolve) => {
        const waiting = { event, traceId, requestId: randomUUID(), since: performance.now(), resolve };
        const environment = idle.pop()?.environment;
        if (environment !== undefined) return void serve(environment, waiting);
        queue.push(waiting);
        startForWaiting();
      });
    },
    endIdle(idleMs, spareMs) {
      const now = performance.now();
      for (const { environment, since } of [...idle]) {
        const isSpare = alive.size > 1;
        if (now - since >= (isSpare ? spareMs : idleMs)) void environment.kill();
      }
    },
    kill,
    close() {
      closed = true;
      clearTimeout(nextLook);
      return kill();
    },
    metrics: () => ({ invocations, environments: alive.size, initMs: [...initMs], processorMs, errors }),
    resetMetrics() {
      invocations = 0;
      errors = 0;
      initMs = [];
      processorMs = 0;
    },
  };
}

function withinPayloadLimit(outcome: Outcome): Outcome {
  if (outcome.status !== "ok" || outcome.payload.length * 3 <= maxPayloadBytes) return outcome;
  const bytes = Buffer.byteLength(outcome.payload);
  if (bytes <= maxPayloadBytes) return outcome;
  const errorMessage = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${maxPayloadBytes} bytes).`;
  return { status: "failed", error: { errorType: "Function.ResponseSizeTooLarge", errorMessage } };
}
