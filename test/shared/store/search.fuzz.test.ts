import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listAttempts } from "../../../shared/attempts/list.ts";
import { storeSent } from "../../../shared/calls/exchange.ts";
import { callIdOf } from "../../../shared/calls/ids.ts";
import { listCommands } from "../../../shared/commands/list.ts";
import { cpIdOf } from "../../../shared/ids.ts";
import { incomingEntry } from "../../../shared/inbound/log-entry.ts";
import { searchLog } from "../../../shared/log/read.ts";
import type { RawId } from "../../../shared/ocpp/frame.ts";
import { Problem } from "../../../shared/problems.ts";
import { readTransaction, searchTransactions } from "../../../shared/stations/list-transactions.ts";
import type { TransactionItem } from "../../../shared/store/items.ts";
import {
  attemptKey,
  attemptListKeys,
  commandSearchKey,
  logListKey,
  pastTransactionKey,
  transactionKey,
  transactionListKey,
  transactionSearchKey,
} from "../../../shared/store/keys.ts";
import type { CursorPage } from "../../../shared/store/page.ts";
import { MAX_SEARCHED } from "../../../shared/store/search.ts";
import type { ListQuery, Table } from "../../../shared/store/table.ts";
import { newAttempt } from "../../support/attempt-item.ts";
import { exchange } from "../../support/exchanges.ts";
import { runs } from "../../support/property-limits.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;
beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

const NOW = Date.UTC(2026, 5, 1, 12);
const at = (n: number) => new Date(NOW + n * 1000).toISOString();

type Search = {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly mayGoOn: () => boolean;
};

/** All pages of a list, with something done between them. */
async function readAll<Row>(
  read: (page: Search) => Promise<CursorPage<Row>>,
  limit: number,
  between: () => Promise<void> = async () => {},
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await read({ limit, cursor, mayGoOn: () => true });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    rows.push(...page.items);
    cursor = page.nextCursor;
    await between();
  } while (cursor);
  return rows;
}

let networks = 0;
const limits = fc.integer({ min: 1, max: 4 });
const sketches = fc.array(
  fc.record({
    station: fc.constantFrom("A", "B"),
    elsewhere: fc.boolean(),
    second: fc.integer({ min: 0, max: 9 }),
    state: fc.constantFrom("answered", "sent", "failed"),
    calls: fc.constantFrom(1, 2),
    command: fc.constantFrom("reset", "get_configuration"),
    idTag: fc.constantFrom("TAG", "other"),
  } as const),
  { maxLength: 10 },
);
const spans = fc.record(
  { from: fc.integer({ min: 0, max: 9 }), to: fc.integer({ min: 0, max: 9 }) },
  { requiredKeys: [] },
);

/** The newest first; of one moment, the one with the greater id. */
const newestFirst = <Each extends { second: number; id: string }>(all: readonly Each[]) =>
  [...all].sort((a, b) => b.second - a.second || (a.id < b.id ? 1 : -1)).map(({ id }) => id);

const isIn = ({ second }: { second: number }, { from = 0, to = 9 }: { from?: number; to?: number }) =>
  second >= from && second <= to;
const spanOf = ({ from, to }: { from?: number; to?: number }) => ({
  ...(from !== undefined && { from: at(from) }),
  ...(to !== undefined && { to: at(to) }),
});

describe("listCommands", () => {
  it("finds a network's commands that match each filter, once and newest first", async () => {
    await fc.assert(
      fc.asyncProperty(
        sketches,
        fc.record(
          {
            station: fc.constantFrom("A", "B"),
            command: fc.constantFrom("reset", "get_configuration"),
            state: fc.constantFrom("answered", "sent", "failed", "timedOut"),
          } as const,
          { requiredKeys: [] },
        ),
        spans,
        limits,
        async (some, { station, command, state }, span, limit) => {
          fc.pre((span.from ?? 0) <= (span.to ?? 9));
          const [own, other] = [`c${++networks}`, `d${networks}`];
          const made = some.map((sketch, n) => ({ ...sketch, id: cpIdOf(own, `command ${n}`) }));
          for (const one of made) {
            const networkId = one.elsewhere ? other : own;
            const cpId = cpIdOf(networkId, one.station);
            const call = (messageId: string) => ({
              ...exchange({
                cpId,
                networkId,
                ocppMessageId: messageId,
                commandId: one.id,
                command: one.command,
              }),
              ...logListKey(cpId, NOW + one.second * 1000, messageId),
              ...(one.calls > 1 && messageId === one.id && { callCount: one.calls }),
            });
            // the last CALL determines the state
            const first = one.calls > 1 ? "answered" : one.state;
            const key = commandSearchKey({ cpId, networkId }, NOW + one.second * 1000, one.id);
            await store.table.put({ ...call(one.id), ...key, state: first });
            if (one.calls > 1) await store.table.put({ ...call(callIdOf(one.id, 1)), state: one.state });
          }
          const filter = { command, state, ...spanOf(span), now: NOW };
          const cpId = station && cpIdOf(own, station);
          const rows = await readAll(
            (page) => listCommands(store.table, { networkId: own, cpId, ...filter, ...page }),
            limit,
          );
          const expected = made.filter(
            (one) =>
              !one.elsewhere &&
              isIn(one, span) &&
              (station ?? one.station) === one.station &&
              (command ?? one.command) === one.command &&
              (state ?? one.state) === one.state,
          );
          expect(rows.map(({ commandId }) => commandId)).toEqual(newestFirst(expected));
          const foreign = { networkId: own, cpId: cpIdOf(other, "A"), now: NOW };
          expect(await readAll((page) => listCommands(store.table, { ...foreign, ...page }), limit)).toEqual(
            [],
          );
        },
      ),
      runs(10),
    );
  });

  it("shows each command that was there once, while others are sent between pages", async () => {
    const networkId = `e${++networks}`;
    const cpId = cpIdOf(networkId, "A");
    let n = 0;
    const send = async () => {
      const id = `${networkId}-${String(n++).padStart(3, "0")}`;
      await store.table.put({
        ...exchange({ cpId, networkId, ocppMessageId: id, commandId: id }),
        ...commandSearchKey({ cpId, networkId }, NOW + n, id),
      });
      return id;
    };
    const there: string[] = [];
    for (let each = 0; each < 120; each++) there.push(await send());
    const query = { networkId, now: NOW };
    const rows = await readAll(
      (page) => listCommands(store.table, { ...query, ...page }),
      7,
      async () => {
        await send();
      },
    );
    expect(rows.map(({ commandId }) => commandId)).toEqual(there.reverse());
  });

  it("looks at 2,000 commands in a request, and goes on from there in the next", async () => {
    let read = 0;
    const search = async ({ partition, limit }: ListQuery) => {
      read += limit;
      const items = Array.from({ length: limit }, (_, n) => ({
        pk: `CALL#${read}-${n}`,
        sk: "nothing",
        gsi2pk: partition,
        gsi2sk: `${at(0)}#${read}-${n}`,
      }));
      return { items, lastKey: { ...items.at(-1) } };
    };
    const table = { ...store.table, search, getMany: async () => [] } as Table;
    const query = { networkId: "many", now: NOW, limit: 50, mayGoOn: () => true };
    const page = await listCommands(table, query);
    expect([page.items, read]).toEqual([[], MAX_SEARCHED]);
    await listCommands(table, { ...query, cursor: page.nextCursor });
    expect(read).toBe(2 * MAX_SEARCHED);
    const elsewhere = listCommands(table, { ...query, networkId: "other", cursor: page.nextCursor });
    await expect(elsewhere).rejects.toThrow(Problem);
  });
});

describe("searchLog", () => {
  const messages = fc.array(
    fc.record({
      station: fc.integer({ min: 0, max: 8 }),
      elsewhere: fc.boolean(),
      second: fc.integer({ min: 0, max: 9 }),
      kind: fc.constantFrom("command", "laterCall", "StatusNotification", "MeterValues", "Heartbeat"),
      isViolated: fc.boolean(),
    } as const),
    { maxLength: 14 },
  );
  const filters = fc.record(
    {
      action: fc.constantFrom("Reset", "StatusNotification", "MeterValues"),
      direction: fc.constantFrom("toStation", "fromStation"),
      violations: fc.boolean(),
    } as const,
    { requiredKeys: [] },
  );

  it("finds the messages of all stations of a network that match, once and newest first", async () => {
    await fc.assert(
      fc.asyncProperty(messages, filters, spans, limits, async (some, filter, span, limit) => {
        fc.pre((span.from ?? 0) <= (span.to ?? 9));
        const [own, other] = [`k${++networks}`, `l${networks}`];
        const made = some.map((sketch, n) => {
          const networkId = sketch.elsewhere ? other : own;
          const isOurs = sketch.kind === "command" || sketch.kind === "laterCall";
          return {
            ...{ ...sketch, n, networkId, isOurs, cpId: cpIdOf(networkId, `CP${sketch.station}`) },
            action: isOurs ? "Reset" : sketch.kind,
            direction: isOurs ? "toStation" : "fromStation",
            isViolated: !isOurs && sketch.isViolated,
          };
        });
        for (const { n, networkId, cpId, kind, action, second, isOurs, isViolated } of made) {
          const atMs = NOW + second * 1000;
          const sender = {
            cpId,
            networkId,
            identity: "CP1",
            protocol: "ocpp1.6",
            connectionId: "c",
          } as const;
          const reply = isViolated ? { violations: [{ pointer: "/a", detail: "odd" }] } : {};
          const messageId = `m${n}`;
          const call = { type: "CALL", messageId, rawId: messageId as RawId, action, payload: {} } as const;
          if (!isOurs) await store.table.put(incomingEntry({ now: atMs, logDays: 30 }, sender, call, reply));
          else
            await storeSent(
              store.table,
              {
                ...{ cpId, networkId, messageId: `${own}-${n}`, command: "reset", action, request: {} },
                commandId: kind === "command" ? `${own}-${n}` : "first",
                ...{ requestedAtMs: atMs, deadlineMs: atMs },
              },
              sender,
              atMs,
              30,
            );
        }
        const isListed = (one: (typeof made)[number]) =>
          one.isOurs || one.isViolated || one.kind === "StatusNotification";
        const isMatch = (one: (typeof made)[number]) =>
          isIn(one, span) &&
          (filter.action ?? one.action) === one.action &&
          (filter.direction ?? one.direction) === one.direction &&
          (filter.violations ?? one.isViolated) === one.isViolated;
        const query = { networkId: own, ...filter, ...spanOf(span) };
        const read = async (cpId?: string) => {
          const rows = await readAll((page) => searchLog(store.table, { ...query, cpId, ...page }), limit);
          const times = rows.map(({ at: time }) => time);
          expect(times).toEqual([...times].sort().reverse());
          return rows.map(({ ocppMessageId, cpId: of }) => `${of} ${ocppMessageId.replace(/^k\d+-|^m/, "")}`);
        };
        const namesOf = (all: typeof made) => all.map(({ cpId, n }) => `${cpId} ${n}`).sort();
        const ofNetwork = made.filter((one) => !one.elsewhere && isListed(one) && isMatch(one));
        expect((await read()).sort()).toEqual(namesOf(ofNetwork));
        const first = cpIdOf(own, "CP0");
        const ofStation = made.filter((one) => one.cpId === first && isMatch(one));
        expect((await read(first)).sort()).toEqual(namesOf(ofStation));
        expect(await read(cpIdOf(other, "CP0"))).toEqual([]);
      }),
      runs(10),
    );
  });

  it("ends a page before it exceeds what a function may return", async () => {
    const networkId = `m${++networks}`;
    const cpId = cpIdOf(networkId, "A");
    const sender = { cpId, networkId, identity: "CP1", protocol: "ocpp1.6", connectionId: "c" } as const;
    for (let n = 0; n < 25; n++) {
      const payload = { data: "x".repeat(300_000) };
      const messageId = String(n);
      const call = {
        type: "CALL",
        messageId,
        rawId: messageId as RawId,
        action: "DataTransfer",
        payload,
      } as const;
      await store.table.put(incomingEntry({ now: NOW + n, logDays: 30 }, sender, call, {}));
    }
    for (const about of [{}, { cpId }]) {
      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const query = { networkId, ...about, limit: 500, cursor, mayGoOn: () => true };
        const page = await searchLog(store.table, query);
        expect(JSON.stringify(page).length).toBeLessThan(3_100_000);
        pages.push(page.items.map(({ ocppMessageId }) => ocppMessageId));
        cursor = page.nextCursor;
      } while (cursor);
      expect(pages.length).toBeGreaterThan(2);
      expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, n) => String(24 - n)));
    }
  });
});

describe("listAttempts", () => {
  it("finds a network's attempts by station and by the state that they have now", async () => {
    await fc.assert(
      fc.asyncProperty(
        sketches,
        fc.constantFrom(undefined, "A", "B"),
        fc.constantFrom(undefined, "pending", "expired", "started"),
        limits,
        async (some, station, state, limit) => {
          const [own, other] = [`f${++networks}`, `g${networks}`];
          const stateOf = { answered: "started", sent: "pending", failed: "expired" } as const;
          const made = some.map((sketch, n) => ({
            ...sketch,
            state: stateOf[sketch.state],
            id: `${own}-${n}`,
          }));
          for (const one of made) {
            const networkId = one.elsewhere ? other : own;
            const createdAtMs = NOW + one.second * 1000;
            const attempt = {
              ...newAttempt(),
              ...{ attemptId: one.id, networkId, cpId: cpIdOf(networkId, one.station), createdAtMs },
              // no timer has stored that it expired
              ...(one.state === "expired" && { validUntilMs: NOW - 1 }),
              ...(one.state === "started" && { state: "started" as const }),
            };
            const keys = { ...attemptKey(one.id), ...attemptListKeys(attempt, createdAtMs, one.id) };
            await store.table.put({ ...keys, ...attempt });
          }
          const cpId = station && cpIdOf(own, station);
          const query = { networkId: own, cpId, state, now: NOW } as const;
          const rows = await readAll((page) => listAttempts(store.table, { ...query, ...page }), limit);
          const expected = made.filter(
            (one) =>
              !one.elsewhere &&
              (station ?? one.station) === one.station &&
              (state ?? one.state) === one.state,
          );
          expect(rows.map(({ id }) => id)).toEqual(newestFirst(expected));
          const foreign = { networkId: own, cpId: cpIdOf(other, "A"), now: NOW };
          expect(await readAll((page) => listAttempts(store.table, { ...foreign, ...page }), limit)).toEqual(
            [],
          );
        },
      ),
      runs(10),
    );
  });
});

describe("searchTransactions", () => {
  it("finds a network's transactions that match each filter, and each by its id", async () => {
    await fc.assert(
      fc.asyncProperty(
        sketches,
        fc.record(
          {
            station: fc.constantFrom("A", "B"),
            state: fc.constantFrom("running", "ended"),
            idTag: fc.constantFrom("tag", "OTHER"),
          } as const,
          { requiredKeys: [] },
        ),
        spans,
        limits,
        async (some, { station, state, idTag }, span, limit) => {
          fc.pre((span.from ?? 0) <= (span.to ?? 9));
          const [own, other] = [`h${++networks}`, `i${networks}`];
          const made = some.map((sketch, n) => ({
            ...sketch,
            networkId: sketch.elsewhere ? other : own,
            state: sketch.state === "sent" ? "running" : "ended",
            transactionId: String(n),
          }));
          for (const one of made) {
            const cpId = cpIdOf(one.networkId, one.station);
            const { networkId, transactionId, idTag } = one;
            await store.table.put({
              ...transactionKey(cpId, transactionId),
              ...transactionListKey(cpId, at(one.second), transactionId),
              ...transactionSearchKey({ cpId, networkId }, at(one.second), transactionId),
              ...{ cpId, networkId, transactionId, idTag, startedAt: at(one.second) },
              ...(one.state === "ended" && { stoppedAt: at(20), reason: "Local" }),
            });
          }
          const cpId = station && cpIdOf(own, station);
          const query = { networkId: own, cpId, state, idTag, ...spanOf(span) };
          const rows = await readAll((page) => searchTransactions(store.table, { ...query, ...page }), limit);
          const expected = made
            .filter(
              (one) =>
                !one.elsewhere &&
                isIn(one, span) &&
                (station ?? one.station) === one.station &&
                (state ?? one.state) === one.state &&
                (idTag ?? one.idTag).toLowerCase() === one.idTag.toLowerCase(),
            )
            .map((one) => ({ ...one, id: `${cpIdOf(own, one.station)}#${one.transactionId}` }));
          expect(rows.map((row) => `${row.cpId}#${row.transactionId}`)).toEqual(newestFirst(expected));
          for (const row of rows) {
            expect(await readTransaction(store.table, row.id, [own])).toEqual(row);
            await expect(readTransaction(store.table, row.id, [other])).rejects.toThrow(Problem);
          }
        },
      ),
      runs(10),
    );
  });

  it("keeps the id of a transaction whose own id the station gives to another one", async () => {
    const [networkId, transactionId] = ["j", "1"];
    const cpId = cpIdOf(networkId, "A");
    const lists = {
      ...transactionListKey(cpId, at(0), "1"),
      ...transactionSearchKey({ cpId, networkId }, at(0), "1"),
    };
    const first: TransactionItem = { cpId, networkId, transactionId, startedAt: at(0), ...lists };
    await store.table.put({ ...transactionKey(cpId, "1"), ...first });
    const query = { networkId, limit: 10, mayGoOn: () => true };
    const [before] = (await searchTransactions(store.table, query)).items;
    await store.table.put({ ...pastTransactionKey(cpId, "1", 0), ...first });
    await store.table.put({ ...transactionKey(cpId, "1"), ...first, generation: 1, startedAt: at(1) });

    const after = (await searchTransactions(store.table, query)).items;

    expect(new Set(after.map(({ id }) => id)).size).toBe(2);
    expect(await readTransaction(store.table, before?.id as string, [networkId])).toEqual(before);
    for (const row of after) expect(await readTransaction(store.table, row.id, [networkId])).toEqual(row);
  });

  it.each(["", "x", "WzFd", Buffer.from('["a","b",0]').toString("base64url"), "x".repeat(3000)])(
    "has no transaction of the id %j",
    async (id) => {
      await expect(readTransaction(store.table, id, ["default"])).rejects.toThrow(Problem);
    },
  );
});
