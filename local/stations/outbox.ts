import { isCallError, type Payload } from "./behaviour.ts";

interface Report {
  readonly action: string;
  readonly payload: Payload;
  readonly resolve: (answer: Payload) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Messages that outlive a connection, sent one after the other. A station must keep those of a transaction
 * until they are answered (OCPP 1.6 §3.7.1 and §4.8); a CALLERROR is an answer, silence is none.
 */
export class Outbox {
  readonly #reports: Report[] = [];
  readonly #call: (action: string, payload: Payload) => Promise<Payload>;
  readonly #isOpen: () => boolean;
  #flushing = false;

  constructor(call: (action: string, payload: Payload) => Promise<Payload>, isOpen: () => boolean) {
    this.#call = call;
    this.#isOpen = isOpen;
  }

  report(action: string, payload: Payload): Promise<Payload> {
    return new Promise((resolve, reject) => {
      this.#reports.push({ action, payload, resolve, reject });
      void this.flush();
    });
  }

  /** To be called whenever the connection is open again. */
  async flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    for (let report = this.#reports[0]; report && this.#isOpen(); report = this.#reports[0]) {
      try {
        report.resolve(await this.#call(report.action, report.payload));
      } catch (error) {
        if (!isCallError(error)) continue;
        report.reject(error);
      }
      this.#reports.shift();
    }
    this.#flushing = false;
  }

  drop(): void {
    for (const { reject } of this.#reports.splice(0)) reject(new Error("the station is closed"));
  }
}
