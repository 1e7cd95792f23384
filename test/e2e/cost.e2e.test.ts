import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import counts from "../../bench/cost/counts.json" with { type: "json" };
import { fixedOf } from "../../bench/cost/fixed.ts";
import { type Counts, quiet, startCounting } from "../../bench/cost/measure.ts";
import { assumed } from "../../bench/cost/model.ts";
import {
  type Operation,
  type OperationName,
  operations,
  startWorld,
  type World,
} from "../../bench/cost/operations.ts";
import { answersByRoute } from "../support/relay.ts";

/** What docs/cost.md is computed from is what this stack does. After a change: `npm run cost -- --measure`. */

let world: World;
beforeAll(async () => {
  world = await startWorld(inject("assembly"), assumed.stationMs);
});
afterAll(() => world.close());

/** Without what differs from run to run: bytes of ids and times, and how a stream's changes are put together. */
function comparable({ dynamodb, capacity, posts, messages, functions, scheduler, sqs, events }: Counts) {
  const { storedBytes: _stored, indexBytes: _indexed, ...units } = capacity;
  const { "events-publish": _published, ...invoked } = functions;
  return { dynamodb, units, posts, messages, functions: invoked, scheduler, sqs, events };
}

/**
 * With as many reads as expected, if there are more: on a busy machine an answer misses the first looks for it.
 * test/e2e/counts.e2e.test.ts has how many there are at the least.
 */
function withoutMissedLooks(seen: Comparable, expected: Comparable): Comparable {
  const missed = Math.max(0, readsOf(seen) - readsOf(expected));
  if (missed === 0) return seen;
  return {
    ...seen,
    dynamodb: { ...seen.dynamodb, GetItem: readsOf(seen) - missed },
    units: { ...seen.units, readUnits: seen.units.readUnits - missed },
  };
}

type Comparable = ReturnType<typeof comparable>;
const readsOf = ({ dynamodb }: Comparable) => dynamodb.GetItem ?? 0;

const TRIES = 5;
const SETTLED_MS = 3_000;

// The counts are those of the default, in which answers are posts.
describe.skipIf(answersByRoute)("bench/cost/counts.json", () => {
  it.each<OperationName>([
    "Heartbeat",
    "reconnect",
    "Authorize",
    "StatusNotification",
    "StartTransaction",
    "get_configuration",
    "reset",
    "raw_request",
    "bulk_command",
    "DataTransfer_with_webhook",
  ])("has what %s is counted as", async (name) => {
    const operation: Operation = operations[name];
    const expected = comparable(counts.operations[name] as unknown as Counts);
    const run = async () => {
      const prepared = await operation.prepare?.(world);
      if (operation.prepare) await quiet(world);
      const counting = startCounting(world);
      await operation.run(world, prepared);
      const look = () => withoutMissedLooks(comparable(counting.read()), expected);
      // Events follow a second later.
      for (let waited = 0; waited < SETTLED_MS && !isDeepStrictEqual(look(), expected); waited += 20) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      counting.end();
      return look();
    };

    // The first one also reads and writes what is known from then on; and what belongs to an operation before may
    // still come in.
    let seen = await run();
    for (let tries = 1; tries < TRIES && !isDeepStrictEqual(seen, expected); tries += 1) seen = await run();

    expect(seen).toEqual(expected);
  });

  it("has what is paid for by the month", async () => {
    const template = JSON.parse(
      await readFile(join(inject("assembly"), "ocpp-relay-prod.template.json"), "utf8"),
    );

    expect(fixedOf(template)).toEqual(counts.fixed);
  });
});
