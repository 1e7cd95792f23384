import { describe, expect, it } from "vitest";
import { type Belief, beliefs, NotTried } from "../../../local/verify/beliefs.ts";
import { rows, verify } from "../../../local/verify/run.ts";
import { type Target, waitsOnAws } from "../../../local/verify/target.ts";

const target: Target = {
  name: "nothing",
  apiUrl: "http://127.0.0.1:9",
  stationUrl: "ws://127.0.0.1:9",
  token: "token",
  schedules: { tryAt: async () => "kept" },
  waits: waitsOnAws(false),
};
const belief = (trial: Belief["trial"], rest: Partial<Belief> = {}): Belief => ({
  belief: "It works",
  ifWrong: "It does not.",
  trial,
  ...rest,
});

describe("verify", () => {
  it("reports a trial that passes, one that fails, and one that was not tried", async () => {
    const findings = await verify(target, [
      belief(async () => {}),
      belief(async () => {
        throw new Error("the status: 500, expected 401");
      }),
      belief(async () => {
        throw new NotTried("needs --long");
      }),
    ]);

    expect(findings.map(({ result, detail }) => [result, detail])).toEqual([
      ["holds", undefined],
      ["differs", "the status: 500, expected 401"],
      ["not tried", "needs --long"],
    ]);
  });

  it("starts long trials when all others have ended, and side by side", async () => {
    const events: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();

    await verify(target, [
      belief(() => promise.then(() => void events.push("first long")), { isLong: true }),
      belief(
        async () => {
          events.push("second long");
          resolve();
        },
        { isLong: true },
      ),
      belief(async () => void events.push("short")),
    ]);

    expect(events).toEqual(["short", "second long", "first long"]);
  });

  it("prints what a wrong belief means, and nothing of the kind for one that holds", () => {
    const finding = { belief: "It works", ifWrong: "It does not.", seconds: 1.24 };

    expect(rows({ ...finding, result: "holds" })).toEqual(["holds      It works  (1.2 s)"]);
    expect(rows({ ...finding, result: "differs", detail: "500" })).toEqual([
      "differs    It works  (1.2 s)",
      "           500",
      "           This means: It does not.",
    ]);
  });

  it("takes a schedule that is kept for a wrong belief", async () => {
    const ofSchedules = beliefs.filter(({ belief: text }) => text.includes("schedule"));

    expect(ofSchedules).toHaveLength(1);
    expect((await verify(target, ofSchedules)).map(({ result }) => result)).toEqual(["differs"]);
  });

  it("tries the long beliefs and profile 3 on AWS only where it is given what they need", async () => {
    const findings = await verify(
      { ...target, waits: waitsOnAws(false) },
      beliefs.filter(({ isLong, belief: text }) => isLong || text.includes("profile 3")),
    );

    expect(findings.map(({ result }) => result)).toEqual(["not tried", "not tried", "not tried"]);
  });
});
