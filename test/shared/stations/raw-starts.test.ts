import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { expectStart, forgetStart, rawTokenOf } from "../../../shared/stations/raw-starts.ts";
import type { StationItem } from "../../../shared/store/items.ts";
import { stationKey } from "../../../shared/store/keys.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";

const now = Date.parse("2026-11-27T10:00:00Z");
const MINUTE = 60_000;

let store: TestTable;
let cpId: string;
let count = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(async () => {
  const station = newStation({ identity: `R${++count}` });
  cpId = station.cpId;
  await store.table.put({ ...stationKey(cpId), ...station });
});

const station = async () => (await store.table.get<StationItem>(stationKey(cpId))) as StationItem;

const startOf = (idTag: unknown, atMs = now, messageId = "message id#1") => ({
  messageId,
  requestedAtMs: atMs,
  action: "RemoteStartTransaction",
  payload: { idTag },
});

const expectToken = async (idTag: unknown, atMs?: number, messageId?: string) =>
  expectStart(store.table, await station(), startOf(idTag, atMs, messageId), atMs ?? now);

const isRawStart = (known: StationItem, token: string, atMs: number): boolean =>
  rawTokenOf(known, { token }, atMs) !== undefined;

describe("a raw remote start", () => {
  it("is known by its token, in any case, for ten minutes", async () => {
    await expectToken("Tag 1");

    const known = await station();
    expect(isRawStart(known, "tAG 1", now + 10 * MINUTE - 1)).toBe(true);
    expect(isRawStart(known, "tAG 1", now + 10 * MINUTE)).toBe(false);
    expect(isRawStart(known, "1", now)).toBe(false);
  });

  it("of OCPP 2.x is known by its idToken, an empty one too", async () => {
    const call = (idToken: string) => ({
      ...startOf(undefined),
      action: "RequestStartTransaction",
      payload: { idToken: { idToken, type: "Central" } },
    });
    await expectStart(store.table, await station(), call("TAG"), now);
    await expectStart(store.table, await station(), call(""), now);

    const known = await station();
    expect([isRawStart(known, "TAG", now), isRawStart(known, "", now)]).toEqual([true, true]);
  });

  it("of OCPP 2.x is known by its remoteStartId, where the charge names no token yet", async () => {
    const call = (remoteStartId: unknown, token: string) => ({
      ...startOf(undefined),
      action: "RequestStartTransaction",
      payload: { idToken: { idToken: token, type: "Central" }, remoteStartId },
    });
    await expectStart(store.table, await station(), call(7, "A 1"), now);
    await expectStart(store.table, await station(), call("8", "B"), now);

    const known = await station();
    expect([7, 8].map((remoteStartId) => rawTokenOf(known, { remoteStartId }, now))).toEqual([
      "A 1",
      undefined,
    ]);
    expect(rawTokenOf(known, { remoteStartId: 7 }, now + 10 * MINUTE)).toBeUndefined();
  });

  it("that was not sent, or that the station refuses, is known no more", async () => {
    await (await expectToken("A", now, "1"))?.();
    await expectToken("B", now, "2");
    await forgetStart(store.table, cpId, startOf("B", now, "2"));

    const known = await station();
    expect([isRawStart(known, "A", now), isRawStart(known, "B", now)]).toEqual([false, false]);
  });

  it.each([
    ["another action", { ...startOf("TAG"), action: "Reset" }],
    ["a token that is no text", startOf(17)],
    ["no payload", { ...startOf("TAG"), payload: null }],
  ])("with %s is none", async (_, call) => {
    expect(await expectStart(store.table, await station(), call, now)).toBeUndefined();
  });

  it("of a station that is not registered any more stores nothing", async () => {
    const removed = { ...(await station()), cpId: "gone" };

    await expectStart(store.table, removed, startOf("TAG"), now);

    expect(await store.table.get(stationKey("gone"))).toBeUndefined();
  });

  it("is one of at most 50; what is over, and then the oldest, makes room", async () => {
    for (let n = 0; n < 10; n++) await expectToken(`OLD${n}`, now - 11 * MINUTE, `old${n}`);
    for (let n = 0; n < 55; n++) await expectToken(`NEW${n}`, now + n, `new${n}`);

    const { rawStarts = new Set() } = await station();
    expect(rawStarts.size).toBeLessThanOrEqual(50);
    const known = await station();
    expect([4, 5, 54].map((n) => isRawStart(known, `NEW${n}`, now + n))).toEqual([false, true, true]);
  });
});
