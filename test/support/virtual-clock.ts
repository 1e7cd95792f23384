import type { Clock } from "../../shared/clock.ts";

interface Sleeper {
  readonly wakesAt: number;
  wake(): void;
}

/**
 * A clock that stands still until it is driven. `settle` waits until everything that was started either has
 * ended or sleeps; then `advance` moves time and wakes who is due, in order.
 */
export class VirtualClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];
  #running = 0;

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ wakesAt: this.#now + ms, wake: resolve });
    });
  }

  /** Keeps an eye on something that may sleep on this clock. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#running++;
    const done = () => {
      this.#running--;
    };
    work.then(done, done);
    return work;
  }

  /** Resolves when all tracked work has ended or sleeps. */
  async settle(): Promise<void> {
    while (this.#running > this.#sleepers.length) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Moves time on, and stops at each sleeper that wakes. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await this.settle();
      const [next] = this.#sleepers.sort((a, b) => a.wakesAt - b.wakesAt);
      if (!next || next.wakesAt > until) break;
      this.#sleepers.shift();
      this.#now = Math.max(this.#now, next.wakesAt);
      next.wake();
    }
    this.#now = until;
  }

  /** Whether any tracked work has not ended. */
  get busy(): boolean {
    return this.#running > 0;
  }
}
