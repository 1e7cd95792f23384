import { describe, expect, it } from "vitest";
import { AnswerTimes } from "../../../shared/calls/pace.ts";

/** When a caller looks, in whole milliseconds after the post, until it has seen an answer of that time. */
function looksUntil(answerTimes: AnswerTimes, cpId: string, readableAfterMs: number): number[] {
  const looks: number[] = [];
  for (let waitedMs = 0; waitedMs < readableAfterMs; looks.push(Math.round(waitedMs))) {
    waitedMs += answerTimes.untilLook(cpId, waitedMs);
  }
  return looks;
}

describe("looking for an answer", () => {
  it("goes by the time already waited where nothing is known of the station", () => {
    const answerTimes = new AnswerTimes();

    expect(looksUntil(answerTimes, "CP", 22)).toEqual([6, 9, 12, 15, 18, 21, 24]);
  });

  it("is done at once where the station takes as long as the last time", () => {
    const answerTimes = new AnswerTimes();
    answerTimes.saw("CP", 20);
    answerTimes.saw("other", 1000);

    expect(looksUntil(answerTimes, "CP", 22)).toEqual([6, 12, 22]);
  });

  it("goes on closely where the answer is a little late", () => {
    const answerTimes = new AnswerTimes();
    answerTimes.saw("CP", 20);

    expect(looksUntil(answerTimes, "CP", 25)).toEqual([6, 12, 22, 23, 24, 25]);
  });

  it.each([20, 100, 1000, 10_000])(
    "finds an answer of %d ms that came sooner after twice its time",
    (usual) => {
      const answerTimes = new AnswerTimes();
      answerTimes.saw("CP", usual);

      for (let readable = 6; readable < usual; readable *= 1.5) {
        expect(looksUntil(answerTimes, "CP", readable).at(-1)).toBeLessThanOrEqual(2 * readable + 1);
      }
    },
  );

  it("finds one that is long overdue after an eighth more", () => {
    const answerTimes = new AnswerTimes();
    answerTimes.saw("CP", 20);

    expect(looksUntil(answerTimes, "CP", 3000).at(-1)).toBeLessThanOrEqual(3000 * 1.125);
    expect(looksUntil(answerTimes, "CP", 25_000).length).toBeLessThan(120);
  });

  it("forgets stations rather than to grow without end", () => {
    const answerTimes = new AnswerTimes();
    answerTimes.saw("CP", 20);

    for (let index = 0; index < 1000; index += 1) answerTimes.saw(`CP${index}`, 20);

    expect(answerTimes.untilLook("CP", 9)).toBe(3);
  });
});
