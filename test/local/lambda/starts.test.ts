import { describe, expect, it } from "vitest";
import { Starts } from "../../../local/lambda/starts.ts";

/** A machine with two cores whose time the test sets. */
function machine() {
  const state = { atMs: 0, usedMs: 0 };
  return {
    processor: { now: () => state.atMs, usedMs: () => state.usedMs, cores: 2 },
    pass(ms: number, usedMs: number) {
      state.atMs += ms;
      state.usedMs += usedMs;
    },
  };
}

describe("Starts", () => {
  it("lets an event wait 20 ms for a busy environment", () => {
    const { processor, pass } = machine();
    const starts = new Starts([processor]);

    pass(500, 500);

    expect(starts.patienceMs()).toBe(20);
  });

  it("lets an event wait a second while the process keeps all cores busy, and no longer afterwards", () => {
    const { processor, pass } = machine();
    const starts = new Starts([processor]);

    pass(100, 190);
    expect(starts.patienceMs()).toBe(1_000);
    pass(100, 20);

    expect(starts.patienceMs()).toBe(20);
  });

  it("lets an event wait a second while other processes keep all cores busy", () => {
    const [own, all] = [machine(), machine()];
    const starts = new Starts([own.processor, all.processor]);

    own.pass(100, 60);
    all.pass(100, 190);

    expect(starts.patienceMs()).toBe(1_000);
  });

  it("judges by a tenth of a second at least", () => {
    const { processor, pass } = machine();
    const starts = new Starts([processor]);

    pass(5, 10);

    expect(starts.patienceMs()).toBe(20);
  });

  it("allows two starts per core at once", () => {
    expect(new Starts([machine().processor]).max).toBe(4);
  });
});
