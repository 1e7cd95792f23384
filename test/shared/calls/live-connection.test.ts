import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { withLiveConnection } from "../../../shared/calls/live-connection.ts";
import type { StationItem } from "../../../shared/store/items.ts";
import { stationKey } from "../../../shared/store/keys.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 27, 12);

let store: TestTable;
let station: StationItem;
let count = 0;
let looks: string[];

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(() => {
  looks = [];
});

/** A station that connected so many minutes ago and was last heard of so many minutes ago. */
async function look({ connected, seen, gone }: { connected: number; seen: number; gone: boolean }) {
  const connection = {
    connectionId: "c",
    protocol: "ocpp1.6",
    connectedAtMs: NOW - connected * MINUTE,
  } as const;
  station = newStation({ identity: `CP${++count}`, connection });
  await store.table.put({ ...stationKey(station.cpId), ...station });
  const isGone = async (connectionId: string) => {
    looks.push(connectionId);
    return gone;
  };
  const clock = { now: () => NOW, sleep: async () => {} };
  const deps = { table: store.table, clock, connections: { isGone } };
  return withLiveConnection(deps, station, NOW - seen * MINUTE);
}

const stored = async () => (await store.table.get<StationItem>(stationKey(station.cpId))) as StationItem;

describe("withLiveConnection", () => {
  it("ends a connection that is older than two hours, without asking", async () => {
    expect(await look({ connected: 121, seen: 1, gone: false })).not.toHaveProperty("connection");
    expect(looks).toEqual([]);
    expect(await stored()).not.toHaveProperty("connection");
    expect((await stored()).lastSeenAtMs).toBe(NOW - MINUTE);
  });

  it("ends a connection that was silent for ten minutes and is gone", async () => {
    expect(await look({ connected: 60, seen: 11, gone: true })).not.toHaveProperty("connection");
    expect(await stored()).not.toHaveProperty("connection");
  });

  it("keeps a connection that was silent for ten minutes and is there", async () => {
    expect(await look({ connected: 60, seen: 11, gone: false })).toHaveProperty("connection");
    expect(looks).toEqual(["c"]);
    expect(await stored()).toHaveProperty("connection");
  });

  it.each([
    ["that was heard of within ten minutes", 60, 9],
    ["that is younger than ten minutes and silent so far", 9, 30],
  ])("does not ask about a connection %s", async (_, connected, seen) => {
    expect(await look({ connected, seen, gone: true })).toHaveProperty("connection");
    expect(looks).toEqual([]);
  });
});
