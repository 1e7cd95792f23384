import { afterAll, beforeAll, expect, it } from "vitest";
import { LIMITS, WINDOW_MS } from "../../shared/handshake/throttle.ts";
import { cpIdOf } from "../../shared/ids.ts";
import { stationKey } from "../../shared/store/keys.ts";
import type { UpgradeRefused } from "../support/raw-station.ts";
import { type RelayUnderTest, startRelay } from "../support/relay.ts";

let relay: RelayUnderTest;
const logs: string[] = [];

beforeAll(async () => {
  relay = await startRelay({ onLog: ({ text }) => logs.push(text) });
  // counters begin anew on the quarter hour, which is not to come in the middle of a test
  relay.local.advanceClock(WINDOW_MS - (Date.now() % WINDOW_MS));
});
afterAll(() => relay.stop());

/** How the station endpoint answers, and what that took of the table. */
async function handshake(identity: string, password: string) {
  relay.local.resetMetrics();
  const answer = await relay.connectRaw(identity, password).then(
    async (station) => {
      await station.close();
      return { status: 101, body: "" };
    },
    (error: UpgradeRefused) => ({ status: error.status, body: Object.keys(JSON.parse(error.body)).join() }),
  );
  return { ...answer, ...relay.local.metrics().dynamodb.operations };
}

const refusals = () =>
  logs.flatMap((text) => [...text.matchAll(/"refusal":"(\w+)"/g)].map(([, reason]) => reason));

it("somebody who is nobody is answered, counted and held back like a station", async () => {
  const first = await handshake("nobody", "a-password");
  const answers = [];
  for (let n = 1; n <= LIMITS.pair; n++) answers.push(await handshake("nobody", "a-password"));
  const { status, body } = first;
  const looked = { status, body, BatchGetItem: 1, UpdateItem: 3 };
  expect(status).toBe(401);
  expect(answers).toEqual([...Array(LIMITS.pair - 1).fill(looked), { status, body, BatchGetItem: 1 }]);
});

it("a station whose password is guessed is looked at ten times in a quarter of an hour", async () => {
  const password = await relay.register("guessed");
  const wrong = await handshake("guessed", "not-its-password");
  expect(wrong).toMatchObject({ status: 401, BatchGetItem: 1, UpdateItem: 3 });
  for (let n = 1; n < LIMITS.pair; n++) await handshake("guessed", `not-its-password-${n}`);

  // the same answer, unseen and uncounted, also to the right one
  for (const shown of ["not-its-password", password])
    expect(await handshake("guessed", shown)).toEqual({ status: 401, body: wrong.body, BatchGetItem: 1 });
  // other stations are not affected
  const other = await relay.register("not-guessed");
  expect((await handshake("not-guessed", other)).status).toBe(101);

  relay.local.advanceClock(15 * 60_000);
  expect((await handshake("guessed", password)).status).toBe(101);
  expect(refusals().slice(LIMITS.pair + 1)).toEqual([
    ...Array(LIMITS.pair).fill("wrongPassword"),
    "heldBack",
    "heldBack",
  ]);
  expect(logs.join("")).not.toContain("not-its-password");
  expect(logs.join("")).toContain('"heldBackBy":"pair"');
});

it("a station that is known from here gets in, whoever fails here", async () => {
  const password = await relay.register("regular");
  expect((await handshake("regular", password)).status).toBe(101);
  const cpId = cpIdOf("default", "regular");
  expect(await relay.table.get(stationKey(cpId))).toMatchObject({ lastSource: "127.0.0.1" });

  for (let n = 0; n <= LIMITS.pair; n++)
    expect(await handshake("regular", "not-its-password")).toMatchObject({ status: 401 });
  expect((await handshake("regular", password)).status).toBe(101);
});
