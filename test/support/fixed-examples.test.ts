import { describe, expect, it } from "vitest";
import examples from "../../shared/http/openapi/examples.json" with { type: "json" };
import { fixedExamples } from "./fixed-examples.ts";

const answer = (id: string, at: string) => ({ 200: { commandId: id, sentAt: at, connectionId: at } });
const [first, second] = ["5b0f9a52-9d5e-4d4e-8a44-0c9e7f4f3b10", "a1f0c7a6-3e70-4a39-9d0f-6f0e3b1d2c33"];

describe("fixedExamples", () => {
  it("gives two recordings of the same answers the same ids and times", () => {
    const one = fixedExamples({ reset: answer(first, "2026-11-27T18:00:00.123Z") });
    const other = fixedExamples({ reset: answer(second, "2027-01-01T00:00:00.9Z") });

    expect(other).toEqual(one);
    expect(one.reset?.[200]).toMatchObject({ sentAt: "2026-11-20T12:00:00.120Z" });
  });

  it("gives numbers that come from random ids one value, and leaves those of requests and limits", () => {
    const numbers = (profileId: number) => ({ setChargingProfile: { 200: { profileId } } });

    expect(fixedExamples(numbers(1_257_626_760))).toEqual(fixedExamples(numbers(847_061_427)));
    for (const own of [7, 900_000_001]) expect(fixedExamples(numbers(own))).toEqual(numbers(own));
  });

  it("keeps the ids of other operations when an operation is added before them", () => {
    const alone = fixedExamples({ reset: answer(first, "2026-11-27T18:00:00Z") });
    const added = fixedExamples({
      clearCache: answer(second, "2026-11-27T18:00:00Z"),
      reset: answer(first, "2026-11-27T18:00:00Z"),
    });

    expect(added.reset).toEqual(alone.reset);
    expect(added.clearCache).not.toEqual(alone.reset);
  });

  it("names an id the same in every operation that returns it", () => {
    const { reset, getCommand } = fixedExamples({
      reset: { 202: { commandId: first } },
      getCommand: { 200: { commandId: first } },
    });

    expect(getCommand?.[200]).toEqual(reset?.[202]);
  });

  it("left no random id and no other time in the examples", () => {
    const once = fixedExamples(examples);

    expect(fixedExamples(once)).toEqual(once);
    // 2030 is the expiry that the requests of the examples give
    expect(JSON.stringify(examples).match(/"20(?!30-01-01)\d\d-\d\d-\d\dT(?!1[123]:)[^"]*"/g)).toBeNull();
  });
});
