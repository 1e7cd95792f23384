import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { endExchange, readExchange, type StationAnswer } from "../../../shared/calls/exchange.ts";
import { readConfiguration } from "../../../shared/configuration/stored.ts";
import { takeAnswer } from "../../../shared/inbound/take-answer.ts";
import type { OutgoingItem } from "../../../shared/store/items.ts";
import { payloadOf, payloadText } from "../../../shared/store/payload.ts";
import type { Table } from "../../../shared/store/table.ts";
import { exchange, NOW } from "../../support/exchanges.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { noTimers } from "../../support/timers.ts";

let store: TestTable;
let count = 0;
let asked: string[] = [];
/** The table, with what is asked of it noted. */
let table: Table;

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
beforeEach(() => {
  count++;
  asked = [];
});

const cpId = exchange({}).cpId;
const messageId = () => `m${count}`;
const secret = {
  action: "ChangeConfiguration",
  request: payloadText({ key: "AuthorizationKey", value: "***" }),
  protocol: "ocpp1.6",
  holdsSecret: true,
} as const;

const sent = (about: Partial<OutgoingItem>) =>
  store.table.put(exchange({ ocppMessageId: messageId(), protocol: "ocpp1.6", ...about }));
const error = {
  errorCode: "InternalError",
  errorDescription: "hush is too long",
  errorDetails: { a: "hush" },
};
const masked = { errorCode: "InternalError", errorDescription: "***", errorDetails: { "***": "***" } };
const answerOf = (about: Partial<StationAnswer>) =>
  ({
    cpId,
    messageId: messageId(),
    messageType: "CALL_ERROR",
    response: error,
    atMs: NOW + 10,
    ...about,
  }) as const;
const take = (answer: StationAnswer, on = store.table) =>
  takeAnswer({ table: on, timers: noTimers }, "ocpp1.6", answer);
/** The writes to the exchange: the other one is the lane's. */
const writes = () => asked.filter((method) => method === "update").length - 1;
const answered = async () => {
  const item = (await readExchange(store.table, cpId, messageId())) as OutgoingItem;
  const { state, late, response } = item;
  return { state, late, response: response && payloadOf(response) };
};

describe("the answer to a CALL", () => {
  it("is one write, and kept as it is", async () => {
    await sent({});
    expect(await take(answerOf({}), table)).toMatchObject({ outcome: "completed", response: error });
    expect(writes()).toBe(1);
    expect(await answered()).toEqual({ state: "callError", late: undefined, response: error });
  });

  it("is two writes where it is late", async () => {
    await sent({});
    await take(answerOf({ atMs: NOW + 26_000 }), table);
    expect(writes()).toBe(2);
    expect(await answered()).toEqual({ state: "callError", late: true, response: error });
  });
});

describe("the answer to a CALL that carried a secret", () => {
  it("is kept without the station's own words, for one write more", async () => {
    await sent(secret);
    expect(await take(answerOf({}), table)).toMatchObject({ outcome: "completed", response: masked });
    expect(writes()).toBe(2);
    expect(await answered()).toEqual({ state: "callError", late: undefined, response: masked });
  });

  it.each(["sent", "timedOut", "connectionLost"] as const)(
    "is masked where it is late, too: %s",
    async (state) => {
      await sent({ ...secret, state, ...(state !== "sent" && { completedAtMs: NOW + 25_000 }) });
      expect(await take(answerOf({ atMs: NOW + 30_000 }))).toMatchObject({
        outcome: "completed",
        exchange: { late: true },
        response: masked,
      });
      expect(await answered()).toEqual({ state: "callError", late: true, response: masked });
    },
  );

  it("counts as in time right after its connection was lost", async () => {
    await sent({ ...secret, state: "connectionLost", completedAtMs: NOW });
    await take(answerOf({}), table);
    expect(await answered()).toEqual({ state: "callError", late: undefined, response: masked });
  });

  it("is late where its waiter gives up in between", async () => {
    await sent(secret);
    let isFirst = true;
    const update: Table["update"] = async (what) => {
      try {
        return await store.table.update(what);
      } finally {
        if (isFirst && what.update.includes("#response")) {
          isFirst = false;
          const change = { from: "sent", to: "timedOut", atMs: NOW + 10 } as const;
          await endExchange(store.table, { cpId, messageId: messageId() }, change);
        }
      }
    };
    await take(answerOf({}), { ...store.table, update });
    expect(await answered()).toEqual({ state: "callError", late: true, response: masked });
  });

  it("counts once", async () => {
    await sent(secret);
    const outcomes = await Promise.all([answerOf({}), answerOf({})].map((one) => take(one)));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["completed", "duplicate"]);
    expect((await take(answerOf({}))).outcome).toBe("duplicate");
    expect((await take(answerOf({ messageId: "nobody's" }))).outcome).toBe("unknown");
  });

  it("lists violations of the masked answer, and does not change the stored configuration", async () => {
    await sent(secret);
    const response = { status: "Accepted", hush: "hush" };
    await take(answerOf({ messageType: "CALL_RESULT", response }));
    const item = await readExchange(store.table, cpId, messageId());
    expect(item?.violations).toEqual([{ pointer: "/***", detail: expect.any(String) }]);
    expect(JSON.stringify(item)).not.toContain("hush");
  });

  it("is no configuration, where it was read: values are masked together with all else", async () => {
    const variable = { component: { name: "OCPPCommCtrlr" }, variable: { name: "HeartbeatInterval" } };
    const request = { getVariableData: [variable], customData: { vendorId: "V", apiKey: "***" } };
    const getVariableResult = [{ attributeStatus: "Accepted", attributeValue: "300", ...variable }];
    const about = { action: "GetVariables", request: payloadText(request), protocol: "ocpp2.0.1" } as const;
    await sent({ ...about, holdsSecret: true });
    const answer = answerOf({ messageType: "CALL_RESULT", response: { getVariableResult } });

    await takeAnswer({ table: store.table, timers: noTimers }, "ocpp2.0.1", answer);

    expect(await answered()).toMatchObject({
      response: { getVariableResult: [{ attributeStatus: "Accepted", attributeValue: "***" }] },
    });
    const { configurationKeys } = await readConfiguration(store.table, cpId);
    expect(configurationKeys.map(({ key }) => key)).not.toContain("OCPPCommCtrlr.HeartbeatInterval");
  });
});
