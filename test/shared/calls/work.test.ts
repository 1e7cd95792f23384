import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readExchange } from "../../../shared/calls/exchange.ts";
import { expectWork, takeBootedFirmware, takeWorkReport } from "../../../shared/calls/work.ts";
import { statusOfWork } from "../../../shared/calls/work-status.ts";
import { cpIdOf } from "../../../shared/ids.ts";
import type { OutgoingItem } from "../../../shared/store/items.ts";
import { payloadText } from "../../../shared/store/payload.ts";
import type { Table } from "../../../shared/store/table.ts";
import { exchange, NOW } from "../../support/exchanges.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;
let table: Table;
let count = 0;
let asked: string[] = [];

beforeAll(async () => {
  store = await startTable();
  table = Object.fromEntries(
    Object.entries(store.table).map(([name, method]) => [
      name,
      (...args: unknown[]) => {
        asked.push(name);
        return (method as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Table;
});
afterAll(() => store.stop());

interface Sent {
  readonly messageId?: string;
  readonly requestId?: number;
  readonly isNumbered?: boolean;
}

const newStation = () => cpIdOf("default", `work-${count++}`);

/** A CALL that asks for a firmware update, and was sent. */
async function sent(cpId: string, { messageId = "m1", requestId = 1, isNumbered = true }: Sent = {}) {
  const work = { messageId, requestId, isNumbered, firmwareBefore: "1" };
  const takeBack = await expectWork(table, cpId, "firmware", work);
  await table.put(
    exchange({ cpId, ocppMessageId: messageId, commandId: messageId, command: "update_firmware" }),
  );
  asked = [];
  return takeBack;
}

const report = (cpId: string, status: string, requestId?: number, atMs = NOW) =>
  takeWorkReport(
    table,
    cpId,
    { kind: "firmware", status, ...(requestId !== undefined && { requestId }) },
    atMs,
  );

const wordsOf = async (cpId: string, messageId = "m1") =>
  ((await readExchange(store.table, cpId, messageId))?.workHistory ?? []).map(({ status }) => status);

describe("takeWorkReport", () => {
  it("writes nothing for a station without such work", async () => {
    asked = [];
    await report(newStation(), "Downloading", 1);
    expect(asked).toEqual(["get"]);
  });

  it("writes nothing for a requestId that is not the relay's", async () => {
    const cpId = newStation();
    await sent(cpId);
    await report(cpId, "Downloading", 2);
    expect(asked).toEqual(["get"]);
  });

  it("adds a status to the CALL of its requestId, or to the newest one", async () => {
    const cpId = newStation();
    await sent(cpId, { messageId: "old", requestId: 1 });
    await sent(cpId, { messageId: "new", requestId: 2 });
    await report(cpId, "Downloading", 1);
    await report(cpId, "Installing");
    expect([await wordsOf(cpId, "old"), await wordsOf(cpId, "new")]).toEqual([
      ["Downloading"],
      ["Installing"],
    ]);
  });

  it("adds a status without a requestId to a CALL without one", async () => {
    const cpId = newStation();
    await sent(cpId, { messageId: "plain", requestId: 1, isNumbered: false });
    await sent(cpId, { messageId: "signed", requestId: 2 });
    await report(cpId, "Downloading");
    expect([await wordsOf(cpId, "plain"), await wordsOf(cpId, "signed")]).toEqual([["Downloading"], []]);
  });

  it("passes over a CALL that was taken back because it was not sent", async () => {
    const cpId = newStation();
    await sent(cpId, { messageId: "sent" });
    const takeBack = await expectWork(table, cpId, "firmware", {
      messageId: "not",
      requestId: 2,
      isNumbered: true,
    });
    await report(cpId, "Downloading");
    await takeBack();
    await report(cpId, "Downloaded");
    expect(await wordsOf(cpId, "sent")).toEqual(["Downloading", "Downloaded"]);
  });

  it("keeps a repeated word once, as a sign of life", async () => {
    const cpId = newStation();
    await sent(cpId);
    await report(cpId, "Downloading", 1, NOW);
    await report(cpId, "Downloading", 1, NOW + 5);
    const stored = await readExchange(store.table, cpId, "m1");
    expect([stored?.workHistory?.length, stored?.workNewsAtMs]).toEqual([1, NOW + 5]);
  });

  it("keeps a success after a flood of statuses", async () => {
    const cpId = newStation();
    await sent(cpId);
    await table.put({
      ...exchange({ cpId, ocppMessageId: "m1" }),
      workHistory: Array.from({ length: 110 }, (_, n) => ({ status: `word ${n}`, atMs: NOW })),
      workLast: "word 109",
      workNewsAtMs: NOW,
    });
    for (const word of ["Downloading", "DownloadFailed", "Installed"]) await report(cpId, word, 1);
    const words = await wordsOf(cpId);
    expect([words.length, words.at(-1)]).toEqual([111, "Installed"]);
  });

  it("never loses the end, whatever order, repetition and death of a process", async () => {
    const words = ["Downloading", "Downloaded", "Installing", "InstallRebooting", "Installed"];
    const order = fc
      .shuffledSubarray([...words, ...words], { minLength: 5 })
      .filter((all) => all.includes("Installed"));
    await fc.assert(
      fc.asyncProperty(order, fc.array(fc.boolean(), { maxLength: 10 }), async (statuses, deaths) => {
        const cpId = newStation();
        await sent(cpId);
        for (const [n, status] of statuses.entries()) {
          await report(cpId, status, 1, NOW + n);
          // the process died before it logged the message: the station sends it again
          if (deaths[n]) await report(cpId, status, 1, NOW + n + 20);
        }
        const { workHistory = [] } = (await readExchange(store.table, cpId, "m1")) ?? {};
        expect(statusOfWork(workHistory, { answered: "Accepted", newsAtMs: NOW, now: NOW })).toBe(
          "Installed",
        );
      }),
      { numRuns: 15 },
    );
  });
});

describe("takeBootedFirmware", () => {
  it("stores the first other version that the station boots with", async () => {
    const cpId = newStation();
    await sent(cpId);
    const booted = async (version: string) => {
      await takeBootedFirmware(table, cpId, version);
      return (await readExchange(store.table, cpId, "m1"))?.bootedFirmware;
    };
    expect([await booted("1"), await booted("2"), await booted("3")]).toEqual([undefined, "2", "2"]);
  });

  it.each<[string, Partial<OutgoingItem>]>([
    ["rejected", { state: "answered", response: payloadText({ status: "Rejected" }) }],
    ["answered by a CALLERROR", { state: "callError", response: payloadText({ errorCode: "GenericError" }) }],
    ["never was sent", { state: "failed" }],
  ])("stores it with the update before one that the station %s", async (_, about) => {
    const cpId = newStation();
    await sent(cpId, { messageId: "earlier" });
    await sent(cpId, { messageId: "refused" });
    const { table } = store;
    await table.put(exchange({ cpId, ocppMessageId: "refused", commandId: "refused", ...about }));

    await takeBootedFirmware(table, cpId, "2");

    const firmwareOfUpdate = async (id: string) => (await readExchange(table, cpId, id))?.bootedFirmware;
    expect([await firmwareOfUpdate("refused"), await firmwareOfUpdate("earlier")]).toEqual([undefined, "2"]);
  });
});
