import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  CALL_EXPIRES_MS,
  enterLane,
  leaveLane,
  leaveLaneAnswered,
  promote,
  removeExpired,
  roundTripsOf,
} from "../../../shared/limits/lane.ts";
import type { LaneEntry, StationItem } from "../../../shared/store/items.ts";
import { stationKey } from "../../../shared/store/keys.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;
let cpId: string;
let count = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(async () => {
  cpId = await stationWith([]);
});

async function stationWith(lane: LaneEntry[]): Promise<string> {
  const connection = { connectionId: "c", protocol: "ocpp1.6", connectedAtMs: 0 } as const;
  const station = newStation({ identity: `CP${++count}`, connection, lane });
  await store.table.put({ ...stationKey(station.cpId), ...station });
  return station.cpId;
}

const enter = (messageId: string, expiresAtMs = 1_000) =>
  enterLane(store.table, cpId, ["default"], { messageId, expiresAtMs });
const leave = (messageId: string) => leaveLane(store.table, cpId, messageId);
/** The entries without the marks of their last writes, which are random. */
const lane = async () =>
  (await store.table.get<StationItem>(stationKey(cpId)))?.lane.map(({ mark: _, ...entry }) => entry);

describe("runs of one message id", () => {
  it("share an entry, which stands as long as the last of them wants it", async () => {
    await enter("x", 1_000);
    await enter("y", 1_000);

    const again = await enter("x", 2_000);

    const x = { messageId: "x", expiresAtMs: 2_000, users: 2 };
    expect(again).toMatchObject({ outcome: "entered", station: { lane: [x, { messageId: "y" }] } });
    expect(await lane()).toEqual([x, { messageId: "y", expiresAtMs: 1_000 }]);
  });

  it("leave it to each other", async () => {
    for (const messageId of ["x", "x", "x"]) await enter(messageId);

    await leave("x");
    expect(await lane()).toEqual([{ messageId: "x", expiresAtMs: 1_000, users: 2 }]);
    await leave("x");
    expect(await lane()).toEqual([{ messageId: "x", expiresAtMs: 1_000 }]);
    await leave("x");
    expect(await lane()).toEqual([]);
    await leave("x");
    expect(await lane()).toEqual([]);
  });

  it("are counted when they come and go at once", async () => {
    await Promise.all(Array.from({ length: 6 }, () => enter("x")));
    expect(await lane()).toEqual([{ messageId: "x", expiresAtMs: 1_000, users: 6 }]);

    await Promise.all(Array.from({ length: 5 }, () => leave("x")));
    expect(await lane()).toEqual([{ messageId: "x", expiresAtMs: 1_000 }]);
  });

  it("need no room of their own where the lane is full", async () => {
    const others = Array.from({ length: 9 }, (_, n) => ({ messageId: `m${n}`, expiresAtMs: 1_000 }));
    cpId = await stationWith([...others, { messageId: "x", expiresAtMs: 1_000 }]);

    expect(await enter("z")).toMatchObject({ outcome: "full" });
    expect(await enter("x", 2_000)).toMatchObject({ outcome: "entered" });

    expect((await lane())?.at(-1)).toEqual({ messageId: "x", expiresAtMs: 2_000, users: 2 });
  });

  it("have all lost it when the station has answered one of them", async () => {
    await enter("x");
    await enter("x");

    expect(await leaveLaneAnswered(store.table, cpId, "x", 1_000)).toBe(true);

    expect(await lane()).toEqual([]);
  });
});

describe("a station's round trips", () => {
  const answered = async (afterMs: number) => {
    await enter("x", 50_000 + CALL_EXPIRES_MS);
    await leaveLaneAnswered(store.table, cpId, "x", 50_000 + afterMs);
  };
  const remembered = async () => {
    const entered = await enterLane(store.table, cpId, ["default"], { messageId: "y", expiresAtMs: 1_000 });
    await leave("y");
    return entered.outcome === "entered" && roundTripsOf(entered.station);
  };

  it("are none before its first answer", async () => {
    expect(await remembered()).toEqual([]);
  });

  it("are those of its last four answers, newest first, returned to the next CALL that enters", async () => {
    await answered(20);
    await answered(500);
    expect(await remembered()).toEqual([500, 20]);

    await answered(3);
    await answered(4);
    await answered(5);
    expect(await remembered()).toEqual([5, 4, 3, 500]);
  });

  it("begin when a CALL that waited is promoted", async () => {
    await enter("x", 50_000 + CALL_EXPIRES_MS);
    await promote(store.table, cpId, "x", 60_000 + CALL_EXPIRES_MS);
    await leaveLaneAnswered(store.table, cpId, "x", 60_070);

    expect(await remembered()).toEqual([70]);
  });

  it("are not negative where the clocks of two functions differ", async () => {
    await answered(-3);

    expect(await remembered()).toEqual([0]);
  });

  it("take nothing from an answer that is not to the CALL on the wire", async () => {
    await enter("x", 50_000);
    await leaveLaneAnswered(store.table, cpId, "late", 50_000);
    await leave("x");

    expect(await remembered()).toEqual([]);
  });
});

describe("a head whose time is over", () => {
  it("is removed, but not one that was promoted meanwhile", async () => {
    await enter("x", 1_000);
    const seen = { messageId: "x", expiresAtMs: 1_000 };
    await promote(store.table, cpId, "x", 5_000);

    expect(await removeExpired(store.table, cpId, seen)).toBe(false);
    expect(await removeExpired(store.table, cpId, { ...seen, expiresAtMs: 5_000 })).toBe(true);

    expect(await lane()).toEqual([]);
  });
});
