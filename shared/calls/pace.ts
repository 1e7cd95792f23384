const clamp = (ms: number, least: number, most: number): number => Math.min(Math.max(ms, least), most);

/**
 * How long to pause before the next read of an item that another function will write at an unknown time: an eighth of
 * the time already waited, between 3 and 400 ms.
 *
 * The change is therefore seen at most an eighth of the waiting time too late. An answer after 20 ms costs about 5
 * reads, after 1 s about 35, and 25 s without an answer about 105 (0.01 cent per thousand strongly consistent reads
 * of a small item).
 */
export const paceMs = (waitedMs: number): number => clamp(waitedMs / 8, 3, 400);

/** Where nothing is known of a station: an answer has been to it and through another function. */
const FIRST_LOOK_MS = 6;

/** What comes on top of a station's answer before it can be read: the other function writes it down. */
const WRITE_MS = 2;

/** As many stations are kept in mind. */
const MAX_STATIONS = 1_000;

/**
 * The last answer times of stations, as far as this environment has seen them. They only determine when to read: with
 * a missing or old value an answer is seen later, and nothing else changes.
 */
export class AnswerTimes {
  readonly #tookMs = new Map<string, number>();

  /** @param tookMs from when the CALL was posted */
  saw(cpId: string, tookMs: number): void {
    if (this.#tookMs.size >= MAX_STATIONS) this.#tookMs.clear();
    this.#tookMs.set(cpId, Math.max(tookMs, 0));
  }

  /**
   * How long to pause until the next look for the answer to a CALL that was posted so long ago. Looks are few
   * before the station's usual time (each pause doubles the time waited, so that an answer which comes sooner is
   * learned of after twice its time at most) and close right after it, less so the longer it is overdue.
   */
  untilLook(cpId: string, waitedMs: number): number {
    const tookMs = this.#tookMs.get(cpId);
    if (tookMs === undefined) return waitedMs === 0 ? FIRST_LOOK_MS : paceMs(waitedMs);
    const overdueMs = waitedMs - (tookMs + WRITE_MS);
    if (overdueMs < 0) return Math.min(clamp(waitedMs, FIRST_LOOK_MS, 400), -overdueMs);
    return clamp(Math.min(overdueMs / 2, waitedMs / 8), 1, 400);
  }
}
