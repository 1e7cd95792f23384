import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CommandDeps } from "../../../../shared/commands/request.ts";
import { runCommand } from "../../../../shared/commands/run.ts";
import { matchPassword } from "../../../../shared/handshake/password-hash.ts";
import { validPasswords } from "../../../../shared/handshake/password-rotation.ts";
import { cpIdOf } from "../../../../shared/ids.ts";
import { takeAnswer } from "../../../../shared/inbound/take-answer.ts";
import type { BasicAuth, StationItem } from "../../../../shared/store/items.ts";
import { stationKey } from "../../../../shared/store/keys.ts";
import { basicAuth, hashesOf } from "../../../support/passwords.ts";
import { newStation } from "../../../support/stations.ts";
import { startTable, type TestTable } from "../../../support/table.ts";
import { noTimers } from "../../../support/timers.ts";
import { VirtualClock } from "../../../support/virtual-clock.ts";

let store: TestTable;
let clock: VirtualClock;
let station: StationItem;
let count = 0;
/** The passwords that the station was sent. */
let sent: string[];

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(async () => {
  clock = new VirtualClock();
  sent = [];
  const connection = { connectionId: "c", protocol: "ocpp1.6", connectedAtMs: clock.now() - 60_000 } as const;
  const identity = `CP${++count}`;
  const auth = await basicAuth(store.passwords, cpIdOf("default", identity), "old-password-1234");
  station = newStation({ identity, connection, auth });
  await store.table.put({ ...stationKey(station.cpId), ...station });
});

const authOf = async () => (await store.table.get<StationItem>(stationKey(station.cpId)))?.auth as BasicAuth;
const isValid = async (password: string) => {
  const hashes = await hashesOf(store.passwords, station.cpId);
  const valid = validPasswords(await authOf()).map((id) => hashes.get(id) ?? "");
  return (await matchPassword(Buffer.from(password), valid)) >= 0;
};

/** Requests of one Idempotency-Key that come at once: the password of each. The station answers when all have been. */
async function atOnce(passwords: readonly string[], status: string) {
  const deps: CommandDeps = {
    table: store.table,
    passwords: store.passwords,
    connections: {
      post: async (_, frame) => {
        const [, , , { value }] = JSON.parse(frame) as [2, string, string, { value: string }];
        sent.push(Buffer.from(value, "hex").toString());
        return "sent";
      },
      close: async () => {},
    },
    clock,
    logDays: 30,
    newId: () => `m${count}`,
    runInBackground: () => Promise.reject(new Error("not here")),
  };
  const all = passwords.map((password) =>
    clock.track(
      runCommand(deps, {
        name: "setPassword",
        input: { password },
        cpId: station.cpId,
        networks: ["default"],
        waitMs: 25_000,
        idempotency: { id: `m${count}`, isRepeat: false },
      }),
    ),
  );
  await clock.settle();
  await takeAnswer({ table: store.table, timers: noTimers }, "ocpp1.6", {
    cpId: station.cpId,
    messageId: `m${count}`,
    messageType: "CALL_RESULT",
    response: { status },
    atMs: clock.now(),
  });
  while (clock.busy) await clock.advance(1_000);
  return Promise.all(all);
}

describe("requests of one Idempotency-Key that come at once", () => {
  it("leave the password that they all have valid, whichever of them sent it", async () => {
    const password = "chosen-password-1";

    const answers = await atOnce([password, password, password], "Accepted");

    expect(sent).toEqual([password]);
    expect(answers.map(({ sentBefore }) => sentBefore).toSorted()).toEqual([false, true, true]);
    expect(await isValid(password)).toBe(true);
    expect((await authOf()).pending).toHaveLength(1);
  });

  it("leave of those that each has made the one that was sent", async () => {
    await atOnce(["made-password-123", "made-password-456", "made-password-789"], "Accepted");

    expect(sent).toHaveLength(1);
    expect(await isValid(sent[0] as string)).toBe(true);
    expect((await authOf()).pending).toHaveLength(1);
  });

  it("leave none that the station has refused", async () => {
    const password = "chosen-password-1";

    await atOnce([password, password], "Rejected");

    expect(await isValid(password)).toBe(false);
    expect((await authOf()).pending).toBeUndefined();
  });
});
