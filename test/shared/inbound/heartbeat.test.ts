import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { logResultError } from "../../../shared/inbound/log-entry.ts";
import { serveCall } from "../../../shared/inbound/serve-call.ts";
import { lastSeenAt } from "../../../shared/log/last-seen.ts";
import { type LogEntry, listLog, readLogEntry, searchLog } from "../../../shared/log/read.ts";
import { type CallErrorFrame, type CallFrame, parse } from "../../../shared/ocpp/frame.ts";
import { removeStation } from "../../../shared/stations/remove.ts";
import type { HeartbeatItem, StationItem } from "../../../shared/store/items.ts";
import { heartbeatKey, stationKey } from "../../../shared/store/keys.ts";
import { runs } from "../../support/property-limits.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { noTimers } from "../../support/timers.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
const at = (ms: number) => new Date(ms).toISOString();

let store: TestTable;
let station: StationItem;
let stations = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(() => register());

async function register(): Promise<void> {
  const identity = `BEATING${++stations}`;
  station = newStation({
    identity,
    networkId: `network-${stations}`,
    connection: { connectionId: "c1", protocol: "ocpp2.0.1", connectedAtMs: NOW - 1 },
  });
  await store.table.put({ ...stationKey(station.cpId), ...station });
}

interface Sending {
  readonly now?: number;
  readonly connectionId?: string;
  readonly payload?: object;
  readonly logHeartbeats?: true;
}

const speakerOn = (connectionId: string) => {
  const { cpId, networkId, identity } = station;
  return { cpId, networkId, identity, protocol: "ocpp2.0.1", connectionId } as const;
};

async function send(id: string, action: string, { now = NOW, connectionId = "c1", ...about }: Sending = {}) {
  const { payload = {}, ...options } = about;
  const call = parse("ocpp2.0.1", JSON.stringify([2, id, action, payload])) as CallFrame;
  const serving = { table: store.table, timers: noTimers, now, logDays: 30, ...options };
  return JSON.parse(await serveCall(serving, speakerOn(connectionId), call));
}

const beat = (id: string, sending?: Sending) => send(id, "Heartbeat", sending);
const found = () => store.table.get<HeartbeatItem>(heartbeatKey(station.cpId));
const everything = { limit: 50 };
const log = async () => (await listLog(store.table, station.cpId, everything, () => true)).items;

describe("Heartbeats", () => {
  it("are answered, counted, and kept as the last one", async () => {
    await beat("1");
    const answer = await beat("2", { now: NOW + 300_000 });

    expect(answer).toEqual([3, "2", { currentTime: at(NOW + 300_000) }]);
    const entries = await log();
    expect(entries).toEqual([
      {
        entryId: expect.any(String),
        cpId: station.cpId,
        at: at(NOW + 300_000),
        direction: "fromStation",
        ocppMessageId: "2",
        action: "Heartbeat",
        request: {},
        response: { currentTime: at(NOW + 300_000) },
        messageType: "CALL_RESULT",
        durationMs: 0,
        protocol: "ocpp2.0.1",
        connectionId: "c1",
        heartbeats: { count: 2, since: at(NOW) },
      },
    ]);
    expect(await readLogEntry(store.table, station.cpId, entries[0]?.entryId ?? "")).toEqual(entries[0]);
  });

  it("that come again are answered as before and count once", async () => {
    await beat("1");
    const answer = await beat("1", { now: NOW + 5 });

    expect(answer[2]).toEqual({ currentTime: at(NOW) });
    expect(await found()).toMatchObject({ count: 1, atMs: NOW });
  });

  it("with the id of the one before count on another connection, or with other content", async () => {
    await beat("1");
    await beat("1", { now: NOW + 5, connectionId: "c2" });
    const payload = { customData: { vendorId: "V" } };
    const answer = await beat("1", { now: NOW + 9, connectionId: "c2", payload });

    expect(answer[2]).toEqual({ currentTime: at(NOW + 9) });
    expect((await log())[0]).toMatchObject({ request: payload, heartbeats: { count: 3 } });
  });

  it("take one write unit: an item below 1 KB without a key of an index, with the longest ids", async () => {
    const id = "i".repeat(100);
    await beat(id, { connectionId: "c".repeat(30) });

    const item = await found();
    expect(Object.keys(item ?? {}).filter((name) => name.startsWith("gsi"))).toEqual([]);
    expect(JSON.stringify(item).length).toBeLessThan(1024 - 100);
  });

  it("with violations have an entry each", async () => {
    await beat("1", { payload: { spare: 1 } });
    await beat("2", { payload: { spare: 1 } });

    expect((await log()).map(({ ocppMessageId }) => ocppMessageId).sort()).toEqual(["1", "2"]);
    expect(await found()).toBeUndefined();
  });

  it("have an entry each where the deployment wants it", async () => {
    await beat("1", { logHeartbeats: true });
    await beat("2", { logHeartbeats: true, now: NOW + 1 });

    const entries = await log();
    expect(entries.map(({ ocppMessageId }) => ocppMessageId)).toEqual(["2", "1"]);
    expect(entries[0]).not.toHaveProperty("heartbeats");
  });

  it("are news of a connected station", async () => {
    await beat("1", { now: NOW + 60_000 });

    expect(await lastSeenAt(store.table, station)).toBe(at(NOW + 60_000));
  });

  it("whose answer the station refuses carry that until the next one", async () => {
    await beat("1");
    const refused = parse("ocpp2.1", '[5,"1","FormatViolation","no time",{}]') as CallErrorFrame;
    await logResultError(store.table, speakerOn("c2"), refused);
    expect((await log())[0]).not.toHaveProperty("violations");
    await logResultError(store.table, speakerOn("c1"), refused);
    expect((await log())[0]?.violations?.[0]?.detail).toContain("FormatViolation: no time");

    await beat("2");
    expect((await log())[0]).not.toHaveProperty("violations");
  });

  it("of a station that is deleted are not counted on for the next of its identity", async () => {
    await beat("1");
    const connections = { close: async () => {}, post: async () => "sent" as const };
    const clock = { now: () => NOW, sleep: async () => {} };
    await removeStation({ ...store, connections, clock }, station);

    expect(await found()).toBeUndefined();
  });
});

describe("the log of a station with Heartbeats", () => {
  const query = { direction: "fromStation" } as const;

  it("has the last one in its place by time, once, on pages of any size", async () => {
    const second = fc.integer({ min: 0, max: 6 });
    const spans = fc.record({ from: second, to: second } as const, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(
        fc.array(second, { maxLength: 8 }),
        second,
        fc.integer({ min: 1, max: 4 }),
        spans,
        fc.constantFrom(undefined, "Heartbeat", "Authorize"),
        async (others, last, limit, span, action) => {
          fc.pre((span.from ?? 0) <= (span.to ?? 6));
          await register();
          const idToken = { idToken: "T", type: "Central" };
          for (const [n, one] of others.entries())
            await send(String(n), "Authorize", { now: NOW + one * 1000, payload: { idToken } });
          await beat("beat", { now: NOW + last * 1000 });

          const { from, to } = span;
          const entries: LogEntry[] = [];
          for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
            const page = await searchLog(store.table, {
              ...{ ...query, networkId: station.networkId, cpId: station.cpId, action, limit, cursor },
              ...(from !== undefined && { from: at(NOW + from * 1000) }),
              ...(to !== undefined && { to: at(NOW + to * 1000) }),
              mayGoOn: () => true,
            });
            expect(page.items.length).toBeLessThanOrEqual(limit);
            entries.push(...page.items);
            cursor = page.nextCursor;
          }
          const isIn = (time: number) => time >= (from ?? 0) && time <= (to ?? 6);
          const expected = [
            ...others.map((time, n) => ({ id: String(n), time, of: "Authorize" })),
            { id: "beat", time: last, of: "Heartbeat" },
          ].filter(({ time, of }) => isIn(time) && (action ?? of) === of);
          expect(entries.map(({ ocppMessageId }) => ocppMessageId).sort()).toEqual(
            expected.map(({ id }) => id).sort(),
          );
          const times = entries.map((entry) => entry.at);
          expect(times).toEqual([...times].sort().reverse());
        },
      ),
      runs(12),
    );
  });
});
