import { MINUTE_MS } from "../time.ts";
/**
 * Recognizes a connection that sends the same protocol error again and again, such as a station that answers
 * each frame it cannot read by a CALLERROR, which makes the next such frame (docs/empty-frames.md).
 *
 * The counts are in the memory of one execution environment: a write for each error would cost more than the
 * errors. A fleet's messages are spread over several environments, so one of them sees only a share; a loop of
 * some 10 frames a second still reaches the limit in each of 60 environments.
 */

/** So many in a row, with no other message of the connection between them ... */
export const MAX_IN_A_ROW = 100;

/** ... and within this time, in milliseconds. A station whose every MeterValues is malformed stays below. */
const WITHIN_MS = 10 * MINUTE_MS;

/** The connections that are remembered; the one that erred longest ago is forgotten first. */
const MAX_CONNECTIONS = 1_000;

interface Row {
  readonly error: string;
  readonly sinceMs: number;
  readonly length: number;
}

export class RepeatedErrors {
  readonly #rows = new Map<string, Row>();

  /**
   * Notes a message of a connection.
   *
   * @param error what is wrong with it; equal for equal errors; undefined for a message in order
   * @returns whether the connection is to be closed
   */
  note(connectionId: string, error: string | undefined, nowMs: number): boolean {
    const before = this.#rows.get(connectionId);
    this.#rows.delete(connectionId);
    if (error === undefined) return false;
    const goesOn = before?.error === error && nowMs - before.sinceMs <= WITHIN_MS;
    const row = goesOn ? { ...before, length: before.length + 1 } : { error, sinceMs: nowMs, length: 1 };
    if (row.length >= MAX_IN_A_ROW) return true;
    this.#rows.set(connectionId, row);
    const [oldest] = this.#rows.keys();
    if (this.#rows.size > MAX_CONNECTIONS && oldest !== undefined) this.#rows.delete(oldest);
    return false;
  }
}
