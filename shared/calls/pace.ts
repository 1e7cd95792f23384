/**
 * When a function looks for what another function will write. Each look is a read of an item; nothing wakes a Lambda
 * function that waits. docs/waiting.md has the reasons and the figures.
 */

const clamp = (ms: number, least: number, most: number): number => Math.min(Math.max(ms, least), most);

/**
 * How much later than it could be read an answer is learned of at most, in milliseconds: 40, and a fiftieth of its time
 * where it takes more than two seconds, so that a station that never answers costs a third of the looks.
 */
export const maxLateMs = (waitedMs: number): number => clamp(waitedMs / 50, 40, 400);

/** What comes on top of a station's answer before it can be read: the message function writes it down. */
const WRITE_MS = 4;

/** A pause that is shorter than a read takes gains nothing. */
const LEAST_PAUSE_MS = 3;

/** The first look for the answer of a station that has never answered: a fast one has answered by then. */
const FIRST_LOOK_MS = 6;

/** As long after the fastest of the remembered round trips, the first look finds most of the answers. */
const MARGIN_MS = 15;

/** An answer sooner than all remembered ones is looked for from here on, at intervals that grow threefold. */
const EARLIEST_LOOK_MS = 60;
const EARLY_FACTOR = 3;

/**
 * How long to pause before the next look for an answer.
 *
 *     posted ······│···············│·············[fastest ··│·····│····│··· slowest]··│······│ …
 *                 early looks, each at            first look      closer where the four lie close,
 *                 three times the time before     after fastest   at most 40 ms apart (later 2 %)
 *
 * An answer that takes as long as the fastest of the remembered ones, or longer, is learned of at most 40 ms
 * (2 %) after it can be read. One that comes sooner is learned of after three times its own time, or 180 ms.
 *
 * @param roundTrips how long the station's last answers took, in milliseconds; none where it never answered
 * @param waitedMs how long the CALL has been out, counted as the round trips are
 */
export function untilLook(roundTrips: readonly number[], waitedMs: number): number {
  if (roundTrips.length === 0) return Math.ceil(clamp(waitedMs / 2, FIRST_LOOK_MS, maxLateMs(waitedMs)));
  const fastest = Math.min(...roundTrips);
  const spread = Math.max(...roundTrips) - fastest;
  const first = Math.ceil(fastest + WRITE_MS + Math.min(spread, MARGIN_MS));
  if (waitedMs < first) return earlyLook(first, waitedMs) - waitedMs;
  return Math.ceil(clamp(Math.max(spread / 4, (waitedMs - first) / 2), LEAST_PAUSE_MS, maxLateMs(waitedMs)));
}

/** The next time for a look up to the first one that the remembered round trips give. */
function earlyLook(first: number, waitedMs: number): number {
  let next = first;
  for (let ms = Math.ceil(first / EARLY_FACTOR); ms >= EARLIEST_LOOK_MS; ms = Math.ceil(ms / EARLY_FACTOR))
    if (ms > waitedMs) next = ms;
  return next;
}

/**
 * How long a CALL pauses before it looks again whether it is at the head of the lane. As soon as the CALL on the wire
 * is answered, the next one must learn of it; those behind it have as many answers more to wait for.
 *
 * @param place how many CALLs are before it
 * @param waitedMs how long the CALL on the wire has been out
 */
export function untilTurn(roundTrips: readonly number[], waitedMs: number, place: number): number {
  const untilNext = untilLook(roundTrips, waitedMs);
  return untilNext + Math.min((place - 1) * untilNext, 400);
}

/**
 * How long to pause before the next look for a report's parts, whose number and times are unknown: an eighth of the
 * time already waited, between 3 and 400 ms.
 */
export const untilReport = (waitedMs: number): number => clamp(waitedMs / 8, 3, 400);
