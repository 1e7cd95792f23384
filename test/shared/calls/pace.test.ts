import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxLateMs, untilLook, untilReport, untilTurn } from "../../../shared/calls/pace.ts";

/** When a function looks, in milliseconds from when the CALL was at the head, until an answer can be read. */
function looksFor(roundTrips: readonly number[], readableMs: number, postedMs = 0): number[] {
  const looks: number[] = [];
  for (let ms = postedMs; ms < readableMs; looks.push(ms)) ms += untilLook(roundTrips, ms);
  return looks;
}

const ms = fc.integer({ min: 0, max: 25_000 });
const remembered = fc.array(ms, { minLength: 1, maxLength: 4 });

/** The same numbers from 0 to 1 in every run. */
function numbers(): () => number {
  let state = 7;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Sends many CALLs to a station, and remembers the last four round trips as the station's item does. */
function simulate(answerMs: (random: () => number) => number) {
  const random = numbers();
  const calls = 2_000;
  let roundTrips: number[] = [];
  let [looks, late] = [0, 0];
  for (let n = 0; n < calls; n++) {
    const postedMs = 5 + 6 * random();
    const answeredMs = postedMs + answerMs(random);
    const readableMs = answeredMs + 4;
    const seen = looksFor(roundTrips, readableMs, postedMs);
    looks += seen.length;
    late += (seen.at(-1) as number) - readableMs;
    roundTrips = [Math.round(answeredMs), ...roundTrips].slice(0, 4);
  }
  return { looks: looks / calls, lateMs: late / calls };
}

describe("looking for the answer of a station", () => {
  it("that has never answered learns of it 40 ms or 2 % late at most", () => {
    fc.assert(
      fc.property(ms, (readable) => {
        expect((looksFor([], readable).at(-1) ?? readable) - readable).toBeLessThanOrEqual(
          maxLateMs(readable) + 1,
        );
      }),
    );
  });

  it("learns of an answer that is not sooner than the fastest that is remembered 40 ms or 2 % late at most", () => {
    fc.assert(
      fc.property(remembered, ms, (roundTrips, longer) => {
        const readable = Math.min(...roundTrips) + longer;
        expect((looksFor(roundTrips, readable).at(-1) ?? readable) - readable).toBeLessThanOrEqual(
          maxLateMs(readable) + 1,
        );
      }),
    );
  });

  it("learns of a sooner answer after three times its time, or 180 ms", () => {
    fc.assert(
      fc.property(remembered, fc.double({ min: 0.01, max: 1, noNaN: true }), (roundTrips, part) => {
        const readable = Math.min(...roundTrips) * part;
        const learned = looksFor(roundTrips, readable).at(-1) ?? 0;
        expect(learned).toBeLessThanOrEqual(Math.max(3 * readable + 3, 199));
      }),
    );
  });

  it("that never answers costs 200 looks until the deadline", () => {
    expect(looksFor([], 25_000).length).toBeLessThan(200);
    expect(looksFor([20, 500], 25_000).length).toBeLessThan(200);
  });

  it("pauses whole milliseconds, and at least one", () => {
    fc.assert(
      fc.property(fc.array(ms, { maxLength: 4 }), ms, (roundTrips, waited) => {
        const pause = untilLook(roundTrips, waited);
        expect(pause).toBeGreaterThanOrEqual(1);
        expect(Number.isInteger(pause)).toBe(true);
      }),
    );
  });

  it.each([
    ["2 ms", () => 2, 2, 3],
    ["20 ms, give or take 2", (random: () => number) => 18 + 4 * random(), 2, 3],
    ["100 ms, give or take 10", (random: () => number) => 90 + 20 * random(), 2.5, 8],
    ["500 ms", () => 500, 3, 3],
    ["500 ms, give or take 50", (random: () => number) => 450 + 100 * random(), 4, 15],
    ["3 s, give or take 60 ms", (random: () => number) => 2_940 + 120 * random(), 7, 18],
  ])("finds an answer after %s in few looks, and soon", (_, answerMs, mostLooks, maxLateMs) => {
    const { looks, lateMs } = simulate(answerMs);

    expect(looks).toBeLessThanOrEqual(mostLooks);
    expect(lateMs).toBeLessThanOrEqual(maxLateMs);
  });

  it("is done with one look where the station takes as long as always", () => {
    expect(looksFor([20, 20, 20, 20], 24)).toEqual([24]);
    expect(looksFor([500, 500], 504)).toEqual([168, 504]);
  });
});

describe("waiting for the head of the lane", () => {
  it("looks as soon as the CALL on the wire is usually answered, and later where more are before it", () => {
    expect(untilTurn([20, 20], 0, 1)).toBe(24);
    expect(untilTurn([20, 20], 0, 3)).toBe(72);
  });

  it("adds 400 ms at most for the CALLs before it", () => {
    fc.assert(
      fc.property(
        fc.array(ms, { maxLength: 4 }),
        ms,
        fc.integer({ min: 1, max: 9 }),
        (trips, waited, place) => {
          expect(untilTurn(trips, waited, place) - untilLook(trips, waited)).toBeLessThanOrEqual(400);
        },
      ),
    );
  });
});

describe("waiting for a report", () => {
  it("looks after an eighth of the time waited, between 3 and 400 ms", () => {
    expect([0, 80, 10_000].map(untilReport)).toEqual([3, 10, 400]);
  });
});
