import type { RPCClient } from "ocpp-rpc";
import type { Payload } from "./behaviour.ts";

/** A CALL as it came from the CSMS, and what went back; times by `performance.now()`. */
export interface ReceivedCall {
  readonly messageId: string;
  readonly action: string;
  readonly payload: Payload;
  readonly receivedAtMs: number;
  answeredAtMs?: number;
  /** The CALLRESULT's payload, or `[errorCode, errorDescription, errorDetails]` of a CALLERROR. */
  answer?: unknown;
}

interface Waiter {
  readonly isDue: () => boolean;
  readonly resolve: () => void;
}

/**
 * Writes down the CALLs of the CSMS from the frames themselves, so that what is counted is what was on the
 * wire.
 */
export class Recorder {
  readonly calls: ReceivedCall[] = [];
  /** The most CALLs of the CSMS that were unanswered on one connection at once. */
  maxOutstanding = 0;
  readonly #open = new Map<string, ReceivedCall>();
  #waiters: Waiter[] = [];
  readonly #log: (line: string) => void;

  constructor(client: RPCClient, log: (line: string) => void) {
    this.#log = log;
    client.on("message", ({ message, outbound }: { message: string; outbound: boolean }) => {
      const frame = parse(message);
      if (outbound) this.#sent(frame);
      else this.#received(frame);
    });
    client.on("disconnect", () => this.#open.clear());
  }

  /** Resolves with the n-th CALL of this action, as soon as it has come. */
  async received(action: string, n = 1): Promise<ReceivedCall> {
    const find = () => this.calls.filter((call) => call.action === action)[n - 1];
    await this.#until(() => find() !== undefined);
    return find() as ReceivedCall;
  }

  #until(isDue: () => boolean): Promise<void> {
    if (isDue()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ isDue, resolve }));
  }

  #received([type, messageId, action, payload]: unknown[]): void {
    if (type === 2) {
      const call: ReceivedCall = {
        messageId: String(messageId),
        action: String(action),
        payload: payload as Payload,
        receivedAtMs: performance.now(),
      };
      this.#log(`← ${call.action} ${shown(call.payload)}`);
      this.calls.push(call);
      this.#open.set(call.messageId, call);
      this.maxOutstanding = Math.max(this.maxOutstanding, this.#open.size);
      const due = this.#waiters.filter(({ isDue }) => isDue());
      this.#waiters = this.#waiters.filter((waiter) => !due.includes(waiter));
      for (const { resolve } of due) resolve();
    } else if (type === 3) {
      this.#log(`  answered ${JSON.stringify(action)}`);
    } else if (type === 4) {
      this.#log(`  refused: ${action} ${payload}`);
    }
  }

  #sent([type, messageId, ...rest]: unknown[]): void {
    if (type === 2) {
      this.#log(`→ ${rest[0]} ${JSON.stringify(rest[1])}`);
      return;
    }
    const call = this.#open.get(String(messageId));
    if (!call) return;
    this.#open.delete(call.messageId);
    call.answeredAtMs = performance.now();
    call.answer = type === 3 ? rest[0] : rest;
    this.#log(`  answered ${call.action} after ${Math.round(call.answeredAtMs - call.receivedAtMs)} ms`);
  }
}

/** A payload for the log, which never shows a password. */
const shown = (payload: Payload) =>
  JSON.stringify(payload?.key === "AuthorizationKey" ? { ...payload, value: "***" } : payload);

function parse(message: string): unknown[] {
  try {
    const frame: unknown = JSON.parse(message);
    return Array.isArray(frame) ? frame : [];
  } catch {
    return [];
  }
}
