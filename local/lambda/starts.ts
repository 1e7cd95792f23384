/** When another execution environment starts, for all functions of the service. */
import { availableParallelism, cpus } from "node:os";

const PATIENCE_MS = 20;
const BUSY_PATIENCE_MS = 1_000;
/** The share of all cores' time from which on the process, or the machine, counts as busy. */
const BUSY = 0.85;
const SAMPLE_MS = 100;

/** What the decision is made from; a parameter for tests. */
export interface Processor {
  /** Milliseconds, of any origin. */
  now(): number;
  /** The processor time that was used so far, in milliseconds. */
  usedMs(): number;
  readonly cores: number;
}

const thisProcess: Processor = {
  now: () => performance.now(),
  usedMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  cores: availableParallelism(),
};

/** With all that runs beside this process: another test worker, a load generator. */
const thisMachine: Processor = {
  now: () => performance.now(),
  usedMs: () =>
    cpus().reduce(
      (sum, { times: { idle, ...used } }) => sum + Object.values(used).reduce((a, b) => a + b),
      0,
    ),
  cores: cpus().length,
};

/**
 * AWS starts an environment for every event that finds none idle. Here a start costs 0.2 to 0.3 s of a processor
 * before the environment is warm, time that the busy environments need. An event therefore waits for the first
 * environment that becomes free, and another one starts only after 20 ms. While all cores are busy, more environments
 * serve no event earlier: an event then waits up to a second. The wait has an end, because busy environments of a
 * function may all be waiting for stations while another function uses the processors.
 */
export class Starts {
  /** How many environments of all functions are starting. */
  now = 0;
  /** More at once would only all be late. */
  readonly max: number;
  readonly #samplers: readonly Sampler[];

  constructor(processors: readonly Processor[] = [thisProcess, thisMachine]) {
    this.#samplers = processors.map((processor) => new Sampler(processor));
    this.max = 2 * Math.min(...processors.map(({ cores }) => cores));
  }

  /** How long an event waits for a busy environment before another one starts. */
  patienceMs(): number {
    return this.#samplers.some((sampler) => sampler.isBusy()) ? BUSY_PATIENCE_MS : PATIENCE_MS;
  }
}

/** Whether a processor was busy in the last tenth of a second. */
class Sampler {
  readonly #processor: Processor;
  #sample: { readonly at: number; readonly usedMs: number };
  #isBusy = false;

  constructor(processor: Processor) {
    this.#processor = processor;
    this.#sample = { at: processor.now(), usedMs: processor.usedMs() };
  }

  isBusy(): boolean {
    const at = this.#processor.now();
    const passedMs = at - this.#sample.at;
    if (passedMs >= SAMPLE_MS) {
      const usedMs = this.#processor.usedMs();
      this.#isBusy = usedMs - this.#sample.usedMs >= BUSY * passedMs * this.#processor.cores;
      this.#sample = { at, usedMs };
    }
    return this.#isBusy;
  }
}
