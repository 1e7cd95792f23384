import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import { ChargingWorld } from "../../support/charging-world.ts";
import { runs } from "../../support/property-limits.ts";
import { startTable, type TestTable } from "../../support/table.ts";

/**
 * Attempts, one station and its driver in a random world: answers, transactions, timers, locks and connections
 * come in any order, twice or never, and processes die between any two of their requests.
 */

let store: TestTable;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

/** After how many requests to the table the process that does something dies. */
const death = fc.option(fc.nat(9), { freq: 3, nil: Number.POSITIVE_INFINITY });
const pick = fc.nat(5);

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("create" as const),
      minutes: fc.constantFrom(0, 1, 30),
      named: fc.boolean(),
      death,
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({ type: fc.constant("job" as const), pick, death, twice: fc.boolean() }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("answer" as const),
      pick,
      death,
      status: fc.constantFrom("Accepted", "Accepted", "Rejected", "CALLERROR"),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant("begin" as const), connector: fc.constantFrom(1, 2), death }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("repeat" as const), pick, death }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("end" as const), pick, death }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("advance" as const),
      ms: fc.constantFrom(300, 300, 2_000, 5_000, 31_000, 70_000, 1_900_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("timer" as const), pick, death, again: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("disconnect" as const), tells: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("connect" as const), death }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("lock" as const),
      lock: fc.constantFrom("none" as const, "permanent" as const),
      death,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("cancel" as const), pick, death }) },
);

describe("attempts in a random world", () => {
  it.each([
    ["never contradict the station, send no start twice, and stop in the end what is due", "table", 24],
    ["do so too when the response to every write is lost once and the SDK retries", "losing", 10],
  ] as const)("%s", async (_, table, few) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 40 }), async (steps) => {
        const world = await new ChargingWorld(store[table], randomUUID()).start();
        for (const action of steps) {
          await world.do(action);
          await world.check();
        }
        await world.recover();
        await world.check();
        await world.checkEnd();
      }),
      runs(few),
    );
  });
});
