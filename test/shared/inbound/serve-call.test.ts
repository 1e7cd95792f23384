import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { serveCall } from "../../../shared/inbound/serve-call.ts";
import { newNetwork } from "../../../shared/limits/semaphore.ts";
import { listLog, readLogEntry } from "../../../shared/log/read.ts";
import { type CallFrame, parse } from "../../../shared/ocpp/frame.ts";
import type { IncomingItem, NetworkItem, StationItem, TransactionItem } from "../../../shared/store/items.ts";
import {
  incomingKey,
  networkKey,
  networkListKey,
  stationKey,
  transactionKey,
} from "../../../shared/store/keys.ts";
import { type PayloadText, payloadOf } from "../../../shared/store/payload.ts";
import type { Table } from "../../../shared/store/table.ts";
import { putToken } from "../../../shared/tokens/tokens.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { noTimers } from "../../support/timers.ts";

const now = Date.UTC(2026, 10, 20, 12);

let store: TestTable;
let station: StationItem;
let count = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(async () => {
  station = newStation({ identity: `CP${++count}`, networkId: `network-${count}` });
  await store.table.put({ ...stationKey(station.cpId), ...station });
});

const send = async (
  frame: unknown[],
  at = now,
  connectionId = "connection",
  network: { stationMessages?: "strict"; heartbeatInterval?: string } = {},
  table = store.table,
  deployment: { heartbeatInterval?: number } = {},
) => {
  const call = parse("ocpp1.6", JSON.stringify(frame)) as CallFrame;
  const { cpId, networkId, identity } = station;
  const speaker = { cpId, networkId, identity, protocol: "ocpp1.6", connectionId, ...network } as const;
  const serving = { table, timers: noTimers, now: at, logDays: 30, ...deployment };
  return JSON.parse(await serveCall(serving, speaker, call));
};

const read = async () => (await store.table.get<StationItem>(stationKey(station.cpId))) as StationItem;
const start = (messageId: string, fields: object = {}) => [
  2,
  messageId,
  "StartTransaction",
  { connectorId: 1, idTag: "TAG", meterStart: 10, timestamp: "2026-11-20T11:00:00Z", ...fields },
];

describe("a CALL from a 1.6 station", () => {
  it("is answered, and logged as one entry", async () => {
    await expect(send([2, "1", "DataTransfer", { vendorId: "V" }])).resolves.toEqual([
      3,
      "1",
      { status: "UnknownVendorId" },
    ]);

    const entry = await store.table.get<IncomingItem>(incomingKey(station.cpId, "connection", "1"));
    expect(entry).toMatchObject({
      direction: "fromStation",
      action: "DataTransfer",
      messageType: "CALL_RESULT",
    });
  });

  it("stores the content of BootNotification", async () => {
    const boot = { chargePointVendor: "Vendor", chargePointModel: "Model" };
    const answer = await send([2, "1", "BootNotification", boot]);

    expect(answer).toEqual([3, "1", { status: "Accepted", currentTime: expect.any(String), interval: 300 }]);
    expect(payloadOf((await read()).boot as PayloadText)).toEqual(boot);
  });

  it.each([
    [300, {}, {}],
    [540, {}, { heartbeatInterval: 540 }],
    [60, { heartbeatInterval: "60" }, { heartbeatInterval: 540 }],
  ])(
    "that boots is answered the interval %i s by the network %j in the deployment %j",
    async (interval, network, deployment) => {
      const boot = [2, "1", "BootNotification", { chargePointVendor: "A", chargePointModel: "A" }];

      expect((await send(boot, now, "c", network, store.table, deployment))[2]).toMatchObject({ interval });
    },
  );

  it("is answered as before when it comes again with its id", async () => {
    const boot = [2, "7", "BootNotification", { chargePointVendor: "A", chargePointModel: "A" }];
    await send(boot);

    expect((await send(boot, now + 5))[2]).toMatchObject({ currentTime: "2026-11-20T12:00:00.000Z" });
  });

  it("with the id of another CALL of its connection is served for what it is, once", async () => {
    await send([2, "X", "DataTransfer", { vendorId: "V" }]);

    const first = await send(start("X"), now + 5);
    const repeated = await send(start("X"), now + 9);
    const other = await send(start("X", { connectorId: 2 }), now + 12);

    expect(first).toEqual([3, "X", { transactionId: expect.any(Number), idTagInfo: { status: "Accepted" } }]);
    expect(repeated).toEqual(first);
    expect(other[2].transactionId).toBe(first[2].transactionId + 1);
    const { items } = await listLog(store.table, station.cpId, { limit: 9 }, () => true);
    expect(items.map(({ action, ocppMessageId, violations }) => [action, ocppMessageId, violations])).toEqual(
      [
        ["StartTransaction", "X", [{ pointer: "", detail: expect.stringContaining("id of another CALL") }]],
        ["StartTransaction", "X", [{ pointer: "", detail: expect.stringContaining("id of another CALL") }]],
        ["DataTransfer", "X", undefined],
      ],
    );
    const [entry] = items;
    expect(await readLogEntry(store.table, station.cpId, entry?.entryId ?? "")).toEqual(entry);
  });

  it("counts anew on another connection, where stations start their ids again", async () => {
    await send([2, "1", "BootNotification", { chargePointVendor: "A", chargePointModel: "A" }]);
    await send(
      [2, "1", "BootNotification", { chargePointVendor: "B", chargePointModel: "B" }],
      now + 5,
      "next",
    );

    expect((await read()).boot).toContain('"B"');
  });

  it("that breaks its schema is refused in a strict network, with the place", async () => {
    const frame = [2, "1", "BootNotification", { chargePointVendor: "A" }];
    const answer = await send(frame, now, "connection", { stationMessages: "strict" });

    expect(answer).toEqual([
      4,
      "1",
      "OccurenceConstraintViolation",
      expect.stringContaining("chargePointModel"),
      {},
    ]);
    const entry = await store.table.get<IncomingItem>(incomingKey(station.cpId, "connection", "1"));
    expect(entry?.violations).toEqual([{ pointer: "/chargePointModel", detail: expect.any(String) }]);
  });

  it("of an action that does not exist is NotImplemented, and one of ours NotSupported", async () => {
    expect((await send([2, "1", "MakeCoffee", {}]))[2]).toBe("NotImplemented");
    expect((await send([2, "2", "Reset", { type: "Hard" }]))[2]).toBe("NotSupported");
  });
});

describe("a connector's status", () => {
  const status = (messageId: string, connectorId: number, value: string, timestamp?: string) => [
    2,
    messageId,
    "StatusNotification",
    { connectorId, status: value, errorCode: "NoError", ...(timestamp && { timestamp }) },
  ];

  it("makes the connector known", async () => {
    await send(status("1", 2, "Available"));

    expect((await read()).connectors).toEqual({ "2/1": { evseId: 2, connectorId: 1, lock: "none" } });
    expect((await read()).connectorStatus["2/1"]).toEqual({
      status: "Available",
      errorCode: "NoError",
      atMs: now,
      receipt: expect.any(String),
    });
  });

  it("of an earlier moment does not undo a later one", async () => {
    await send(status("1", 1, "Charging", "2026-11-20T11:30:00Z"));
    await send(status("2", 1, "Preparing", "2026-11-20T11:29:00Z"));

    expect((await read()).connectorStatus["1/1"]?.status).toBe("Charging");
  });

  it("keeps the lock that was set", async () => {
    await store.table.put({
      ...stationKey(station.cpId),
      ...station,
      connectors: { "1/1": { evseId: 1, connectorId: 1, lock: "permanent" } },
    });

    await send(status("1", 1, "Available"));

    expect((await read()).connectors["1/1"]?.lock).toBe("permanent");
  });

  it("of connector 0 is the station's, and makes no connector", async () => {
    await send(status("1", 0, "Available"));

    expect((await read()).connectors).toEqual({});
  });

  it("of a station that was deleted meanwhile brings nothing back", async () => {
    await store.table.delete(stationKey(station.cpId));

    await expect(send(status("1", 1, "Available"))).resolves.toEqual([3, "1", {}]);
    await expect(store.table.get(stationKey(station.cpId))).resolves.toBeUndefined();
  });
});

describe("a transaction", () => {
  const transaction = (id: number) =>
    store.table.get<TransactionItem>(transactionKey(station.cpId, String(id)));

  it("gets an integer id of its own", async () => {
    const first = await send(start("1"));
    const second = await send(start("2", { connectorId: 2 }));

    const { transactionId, idTagInfo } = first[2];
    expect(idTagInfo).toEqual({ status: "Accepted" });
    expect(second[2].transactionId).toBe(transactionId + 1);
    expect(await transaction(transactionId)).toMatchObject({
      idTag: "TAG",
      meterStart: 10,
      evseId: 1,
      connectorId: 1,
    });
  });

  it("keeps its id when the start is repeated with another message id, on another connection", async () => {
    const first = await send(start("1"));
    const again = await send(start("99"), now + 60_000, "next");

    expect(again[2].transactionId).toBe(first[2].transactionId);
  });

  it("keeps its id when the start arrives twice at once", async () => {
    const answers = await Promise.all([send(start("1")), send(start("2")), send(start("3"))]);

    expect(new Set(answers.map((answer) => answer[2].transactionId)).size).toBe(1);
  });

  it("ends once, with the station's first report", async () => {
    const { transactionId } = (await send(start("1")))[2];
    const stop = { transactionId, meterStop: 500, timestamp: "2026-11-20T11:30:00Z", reason: "Remote" };
    await send([2, "2", "StopTransaction", stop]);
    await send([2, "3", "StopTransaction", { ...stop, meterStop: 501 }]);

    expect(await transaction(transactionId)).toMatchObject({
      meterStop: 500,
      reason: "Remote",
      stoppedAt: "2026-11-20T11:30:00.000Z",
      startedAt: "2026-11-20T11:00:00.000Z",
    });
  });

  it("whose start never came is known from its end", async () => {
    await send([
      2,
      "1",
      "StopTransaction",
      { transactionId: 44, meterStop: 5, timestamp: "2026-11-20T11:30:00Z" },
    ]);

    expect(await transaction(44)).toMatchObject({ transactionId: "44", meterStop: 5, reason: "Local" });
  });

  it("of a card is Invalid in a network of remote starts only, and recorded all the same", async () => {
    const { networkId } = station;
    await store.table.put({
      ...networkKey(networkId),
      ...networkListKey(networkId),
      ...newNetwork(networkId),
      authorization: "remoteStartOnly",
    });

    expect((await send([2, "1", "Authorize", { idTag: "TAG" }]))[2]).toEqual({
      idTagInfo: { status: "Invalid" },
    });
    const { transactionId, idTagInfo } = (await send(start("2")))[2];
    expect(idTagInfo).toEqual({ status: "Invalid" });
    expect(await transaction(transactionId)).toBeDefined();
  });
});

describe("what an Authorize reads, besides the CALL of its id", () => {
  const setPolicy = async (authorization: NetworkItem["authorization"]) => {
    const { networkId } = station;
    await store.table.put({ ...networkKey(networkId), ...newNetwork(networkId), authorization });
    await putToken(store.table, { networkId, idTag: "listed", status: "Accepted" });
  };

  async function readsFor(idTag: string): Promise<string[]> {
    const reads: string[] = [];
    const table: Table = {
      ...store.table,
      get: (key) => {
        reads.push(key.pk.split("#")[0] as string);
        return store.table.get(key);
      },
    };
    await send([2, "1", "Authorize", { idTag }], now, "connection", {}, table);
    return reads.slice(1);
  }

  it.each([
    ["acceptAll", "LISTED", ["NETWORK"]],
    ["remoteStartOnly", "LISTED", ["NETWORK", "STATION"]],
    ["listed", "LISTED", ["NETWORK", "TOKEN"]],
    ["listed", "OTHER", ["NETWORK", "TOKEN", "STATION"]],
  ] as const)("is in a network of %s, for the token %s: %j", async (policy, idTag, expected) => {
    await setPolicy(policy);
    expect(await readsFor(idTag)).toEqual(expected);
  });
});
