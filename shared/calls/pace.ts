/** An answer has been to the station and through another function: to look earlier is in vain. */
export const FIRST_LOOK_MS = 6;

/**
 * When to look again for something that another function will write.
 *
 * The pause grows with the time already waited: an eighth of it, between 3 and 400 ms. So whoever waits
 * learns of an answer at most an eighth later than it took to come, a station of 20 ms costs about 5 reads,
 * one of 1 s about 35, and 25 s without an answer about 105 (0.01 cent per thousand strongly consistent
 * reads of a small item).
 */
export const paceMs = (waitedMs: number): number => Math.min(Math.max(waitedMs / 8, 3), 400);
