/**
 * One clock for the services and every execution environment, so that a test can move all of them at once.
 * The offset is in shared memory: environments that already run see a move at once, future ones start with it.
 */
export interface Clock {
  /** Milliseconds since the epoch, moved by what `advance` was given. */
  now(): number;
  advance(ms: number): void;
  /** A Float64Array of one element over this buffer holds the offset in milliseconds. */
  readonly offset: SharedArrayBuffer;
}

export function createClock(): Clock {
  const offset = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  const milliseconds = new Float64Array(offset);
  return {
    offset,
    now: () => Date.now() + (milliseconds[0] ?? 0),
    advance(ms) {
      milliseconds[0] = (milliseconds[0] ?? 0) + ms;
    },
  };
}
