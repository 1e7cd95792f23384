import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Protocol } from "../../../shared/ocpp/protocols.ts";
import { ChargingStation } from "../../support/charging-station.ts";
import { startTable, type TestTable } from "../../support/table.ts";

const T0 = Date.UTC(2026, 10, 27, 10);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const iso = (ms: number) => new Date(ms).toISOString();

let store: TestTable;
let station: ChargingStation;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

const register = async (protocol: Protocol) => {
  station = await ChargingStation.register(store.table, protocol, T0);
};

/** The times that a station states are its own clock's, which is right unless a test sets it off. */
const begin = async (about: object = {}) => {
  const start = { connectorId: 1, idTag: "TAG", meterStart: 10, timestamp: iso(station.now), ...about };
  return (await station.call<{ transactionId: number }>("StartTransaction", start)).transactionId;
};
const end = (transactionId: number, about: object = {}) =>
  station.call("StopTransaction", { transactionId, meterStop: 500, timestamp: iso(station.now), ...about });
const status16 = (status: string, about: object = {}) =>
  station.call("StatusNotification", {
    ...{ connectorId: 1, errorCode: "NoError", status, timestamp: iso(station.now) },
    ...about,
  });
const pass = (ms: number) => {
  station.now += ms;
};

describe("a charge of a 1.6 station whose end is never reported", () => {
  beforeEach(() => register("ocpp1.6"));

  it("ends as NotReported when the next one begins on its connector, and ends its attempt", async () => {
    const attempt = await station.accepted();
    await begin();
    pass(HOUR);

    const second = await begin({ idTag: "OTHER", meterStart: 700 });

    const [first, next] = await station.transactions();
    expect(first).toMatchObject({ reason: "NotReported", stoppedAt: iso(T0 + HOUR) });
    expect(first).not.toHaveProperty("meterStop");
    expect(next).toMatchObject({ transactionId: String(second) });
    expect(next).not.toHaveProperty("stoppedAt");
    expect(await station.readAttempt(attempt)).toMatchObject({ state: "stopped", stoppedAtMs: T0 + HOUR });
    expect((await station.readStation()).openAttempts).toEqual({});
  });

  it("goes on when a charge begins on another connector", async () => {
    await begin();
    pass(HOUR);
    await begin({ connectorId: 2 });

    const [first] = await station.transactions();
    expect(first).not.toHaveProperty("stoppedAt");
  });

  it("goes on when an older charge of its connector is reported late", async () => {
    await begin();
    pass(MINUTE);
    await begin({ timestamp: iso(T0 - HOUR), idTag: "BUFFERED" });

    const transactions = await station.transactions();
    expect(transactions.map(({ stoppedAt }) => stoppedAt)).toEqual([undefined, undefined]);
  });

  it.each(["Charging", "Preparing", "SuspendedEV", "Finishing"])(
    "ends as NotReported when its connector is Available after it was %s",
    async (occupied) => {
      const attempt = await station.accepted();
      await begin();
      pass(MINUTE);
      await status16(occupied);
      pass(HOUR);
      await status16("Available");

      expect(await station.transactions()).toMatchObject([{ reason: "NotReported" }]);
      expect((await station.readAttempt(attempt)).state).toBe("stopped");
    },
  );

  it("ends as NotReported when its connector is Available after a fault during the charge", async () => {
    await begin();
    pass(MINUTE);
    await status16("Charging");
    pass(MINUTE);
    await status16("Faulted");
    pass(MINUTE);
    await status16("Available");

    expect(await station.transactions()).toMatchObject([{ reason: "NotReported" }]);
  });

  it("ends as NotReported when Available is processed before the Charging that was sent earlier", async () => {
    await begin();
    const charging = iso(T0 + MINUTE);
    pass(HOUR);
    await status16("Available");
    station.now -= 1;
    await status16("Charging", { timestamp: charging });

    expect(await station.transactions()).toMatchObject([{ reason: "NotReported" }]);
  });

  it("goes on when its connector repeats Available, or another one becomes Available", async () => {
    await status16("Available");
    await begin();
    pass(1000);
    await status16("Available");
    await status16("Charging", { connectorId: 2 });
    pass(1000);
    await status16("Available", { connectorId: 2 });

    expect((await station.transactions())[0]).not.toHaveProperty("stoppedAt");
  });

  it("takes the readings of a true stop that comes after NotReported", async () => {
    const id = await begin();
    await status16("Charging");
    pass(MINUTE);
    await status16("Available");
    await expect(end(id, { meterStop: 900, reason: "EVDisconnected" })).resolves.toEqual({});

    expect(await station.transactions()).toMatchObject([{ meterStop: 900, reason: "EVDisconnected" }]);
    expect((await station.transactions())[0]).not.toHaveProperty("unreported");
  });

  it("keeps its id when its start is repeated after NotReported by a station with a clock", async () => {
    const timestamp = iso(T0 - 1000);
    const id = await begin({ timestamp });
    await status16("Charging");
    pass(MINUTE);
    await status16("Available");

    expect(await begin({ timestamp })).toBe(id);
  });
});

describe("a StopTransaction without a transaction's id", () => {
  beforeEach(() => register("ocpp1.6"));

  it.each([0, -1])("(%s) ends the only charge that runs, with its readings", async (id) => {
    const attempt = await station.accepted();
    await begin();
    pass(HOUR);
    await expect(end(id, { meterStop: 800 })).resolves.toEqual({});

    expect(await station.transactions()).toMatchObject([{ meterStop: 800, reason: "Local" }]);
    expect((await station.readAttempt(attempt)).state).toBe("stopped");
  });

  it("is stored and ends nothing where two charges run", async () => {
    await begin();
    await begin({ connectorId: 2 });
    pass(HOUR);
    await end(0);

    const transactions = await station.transactions();
    expect(transactions.map(({ transactionId }) => transactionId).includes("0")).toBe(true);
    expect(transactions.filter(({ stoppedAt }) => stoppedAt === undefined)).toHaveLength(2);
  });

  it("is stored and ends nothing where it is older than the charge", async () => {
    await begin();
    await end(0, { timestamp: iso(T0 - HOUR) });

    expect((await station.transactions()).map(({ stoppedAt }) => stoppedAt)).toEqual([
      iso(T0 - HOUR),
      undefined,
    ]);
  });

  it("does not end the next charge when it is repeated", async () => {
    await begin();
    pass(HOUR);
    const timestamp = iso(station.now);
    await end(-1, { timestamp });
    await begin();
    await end(-1, { timestamp });

    const running = (await station.transactions()).filter(({ stoppedAt }) => stoppedAt === undefined);
    expect(running).toHaveLength(1);
  });
});

describe("a transaction of a 1.6 station", () => {
  beforeEach(() => register("ocpp1.6"));

  it("gets an id that an earlier backend did not give out: neither 1 nor another small one", async () => {
    const first = await begin();
    const { station: one } = station;
    await register("ocpp1.6");
    const other = await begin();

    expect(one.cpId).not.toBe(station.station.cpId);
    for (const id of [first, other]) {
      expect(id).toBeGreaterThan(1_000_000);
      expect(id).toBeLessThan(2 ** 31);
    }
    expect(first).not.toBe(other);
  });

  it("is another one when an equal start comes after its own stop", async () => {
    const timestamp = iso(T0 - 1000);
    const first = await begin({ timestamp });
    pass(MINUTE);
    await end(first);
    pass(MINUTE);
    const attempt = await station.accepted();

    const second = await begin({ timestamp });

    expect(second).not.toBe(first);
    expect(await begin({ timestamp })).toBe(second);
    expect(await station.readAttempt(attempt)).toMatchObject({
      state: "started",
      transactionId: String(second),
    });
  });

  it("is one when an equal start comes several times at once after the stop", async () => {
    const timestamp = iso(T0 - 1000);
    const first = await begin({ timestamp });
    await end(first);
    const again = await Promise.all([1, 2, 3].map(() => begin({ timestamp })));

    expect(new Set(again).size).toBe(1);
    expect(again).not.toContain(first);
  });

  it("is not ended by a stop that is older than its start", async () => {
    const attempt = await station.accepted();
    const id = await begin();
    await expect(end(id, { timestamp: iso(T0 - 24 * HOUR), meterStop: 4711, idTag: "OLD" })).resolves.toEqual(
      { idTagInfo: { status: "Accepted" } },
    );

    const [stray, running] = await station.transactions();
    expect(stray).toMatchObject({ transactionId: String(id), meterStop: 4711 });
    expect(running).not.toHaveProperty("stoppedAt");
    expect((await station.readAttempt(attempt)).state).toBe("started");
    await end(id);
    expect((await station.readAttempt(attempt)).state).toBe("stopped");
  });

  it("is ended by a stop of the same second whose time has no fraction", async () => {
    station.now = T0 + 900;
    const id = await begin({ timestamp: "1970-01-01T00:00:10Z" });
    await end(id, { timestamp: iso(T0) });

    expect(await station.transactions()).toMatchObject([{ meterStop: 500 }]);
  });
});

describe("an attempt of a station whose clock is off", () => {
  beforeEach(() => register("ocpp1.6"));

  it.each([11 * MINUTE, 2 * HOUR, 30 * HOUR])(
    "starts on the connection that accepted it, %s ms behind, and its stop is due",
    async (behind) => {
      const attempt = await station.accepted({ stopMinutes: 5 });
      pass(20_000);
      await begin({ timestamp: iso(station.now - behind) });

      expect(await station.readAttempt(attempt)).toMatchObject({
        state: "started",
        startedAtMs: T0 + 20_000,
        stopDueAtMs: T0 + 20_000 + 5 * MINUTE,
      });
      expect(station.timers).toMatchObject([{ name: "stop", atMs: T0 + 20_000 + 5 * MINUTE }]);
    },
  );

  it("starts where the charge is reported before the start is accepted, and its stop is due", async () => {
    await station.connectedSince(T0 - 3 * HOUR);
    const attempt = await station.sent({ stopMinutes: 5 });
    pass(1_000);
    await begin({ timestamp: iso(station.now - 2 * HOUR) });
    const before = await station.readAttempt(attempt);
    pass(1_000);
    await station.answer(attempt, "Accepted");

    expect(before.state).toBe("sent");
    expect(await station.readAttempt(attempt)).toMatchObject({
      state: "started",
      startedAtMs: T0 + 2_000,
      stopDueAtMs: T0 + 2_000 + 5 * MINUTE,
    });
    expect(station.timers).toMatchObject([{ name: "stop", atMs: T0 + 2_000 + 5 * MINUTE }]);
    const [transaction] = await station.transactions();
    expect(transaction).toMatchObject({ remoteStartAttemptId: attempt.attemptId });
    await end(Number(transaction?.transactionId));
    expect((await station.readAttempt(attempt)).state).toBe("stopped");
  });

  it.each([
    ["of local time without a zone", T0 - 1, undefined, iso(T0 - HOUR).slice(0, 19)],
    ["before its last connection ended", T0 - 1, T0 - MINUTE, iso(T0 - HOUR)],
  ])("starts by a time %s, too", async (_, connectedAtMs, lastSeenAtMs, timestamp) => {
    await station.connectedSince(connectedAtMs, lastSeenAtMs);
    const attempt = await station.sent();
    await begin({ timestamp });
    await station.answer(attempt, "Accepted");

    expect((await station.readAttempt(attempt)).state).toBe("started");
  });

  it.each([undefined, T0 - 2 * HOUR])(
    "does not start by a charge that the station may have buffered before it connected (offline since %s)",
    async (lastSeenAtMs) => {
      await station.connectedSince(T0 - MINUTE, lastSeenAtMs);
      const attempt = await station.sent();
      await begin({ timestamp: iso(T0 - HOUR) });
      await station.answer(attempt, "Accepted");

      expect((await station.readAttempt(attempt)).state).toBe("accepted");
    },
  );

  it("does not start by a charge that is reported before the start is rejected", async () => {
    await station.connectedSince(T0 - 3 * HOUR);
    const attempt = await station.sent();
    await begin({ timestamp: iso(station.now - 2 * HOUR) });
    await station.answer(attempt, "Rejected");

    expect((await station.readAttempt(attempt)).state).toBe("rejected");
    expect((await station.transactions())[0]).not.toHaveProperty("remoteStartAttemptId");
  });

  it("does not start by a charge that has ended before the start is accepted", async () => {
    await station.connectedSince(T0 - 3 * HOUR);
    const attempt = await station.sent();
    const transactionId = await begin({ timestamp: iso(station.now - 2 * HOUR) });
    await end(transactionId, { timestamp: iso(station.now - HOUR) });
    await station.answer(attempt, "Accepted");

    expect((await station.readAttempt(attempt)).state).toBe("accepted");
  });

  it("starts where the acceptance is processed while the charge is being stored", async () => {
    await station.connectedSince(T0 - 3 * HOUR);
    const attempt = await station.sent();
    const put = station.table.put.bind(station.table);
    const spy = vi.spyOn(station.table, "put").mockImplementation(async (item, ...others) => {
      if ("meterStart" in item) {
        spy.mockRestore();
        await station.answer(attempt, "Accepted");
      }
      return put(item, ...others);
    });
    await begin({ timestamp: iso(station.now - 2 * HOUR) });

    expect((await station.readAttempt(attempt)).state).toBe("started");
    expect(await station.transactions()).toMatchObject([{ remoteStartAttemptId: attempt.attemptId }]);
  });

  it("does not start by what the station buffered and reports on another connection", async () => {
    const attempt = await station.accepted();
    station.connectionId = "connection-2";
    await begin({ timestamp: iso(T0 - HOUR) });

    expect((await station.readAttempt(attempt)).state).toBe("accepted");
  });

  it("does not start by a charge that is reported after its validity", async () => {
    const attempt = await station.accepted();
    pass(11 * MINUTE);
    await begin({ timestamp: iso(T0 - HOUR) });

    expect((await station.readAttempt(attempt)).transactionId).toBeUndefined();
  });
});

describe.each(["ocpp1.6", "ocpp2.0.1"] as const)("a connector's status from a %s station", (protocol) => {
  beforeEach(() => register(protocol));

  const report = (status: string, at?: number, id?: string) =>
    station.call(
      "StatusNotification",
      protocol === "ocpp1.6"
        ? { connectorId: 1, errorCode: "NoError", status, ...(at && { timestamp: iso(at) }) }
        : { evseId: 1, connectorId: 1, connectorStatus: status, timestamp: iso(at ?? 0) },
      id === undefined ? {} : { id },
    );
  const stored = async () => (await station.readStation()).connectorStatus["1/1"]?.status;

  it("that is ahead of time does not make the next right one count for nothing", async () => {
    await report("Unavailable", T0 + HOUR);
    pass(500);
    await report("Available", T0);

    expect(await stored()).toBe("Available");
  });

  it("without a time does not make the next right one count for nothing", async () => {
    station.now = T0 + 700;
    await report("Unavailable");
    pass(100);
    await report("Available", T0);

    expect(await stored()).toBe("Available");
  });

  it("of a clock that was ahead and is set right counts", async () => {
    await report("Unavailable", T0 + HOUR);
    pass(MINUTE);
    await report("Reserved", T0 + HOUR + MINUTE);
    pass(MINUTE);
    await report("Available", T0 + 2 * MINUTE);

    expect(await stored()).toBe("Available");
  });

  it.each([
    ["without times", undefined, undefined],
    ["with equal times", T0 - 1000, T0 - 1000],
    ["with times that are ahead", T0 + HOUR, T0 + HOUR + 1],
    ["of which the first is ahead", T0 + HOUR, T0 - 1000],
    ["with times", T0 - 2000, T0 - 1000],
  ])("is the newer one of two that are processed in the other order, %s", async (_, first, second) => {
    station.now = T0 + 5;
    await report("Available", second, "12");
    station.now = T0;
    await report("Unavailable", first, "11");

    expect(await stored()).toBe("Available");
  });

  it("is the one of the later message id where both were received in one millisecond", async () => {
    await report("Available", undefined, "m10");
    await report("Unavailable", undefined, "m9");

    expect(await stored()).toBe("Available");
  });

  it("that is older by the station's clock does not undo a newer one", async () => {
    await report("Available", T0 - 1000);
    pass(1000);
    await report("Unavailable", T0 - 2000);

    expect(await stored()).toBe("Available");
  });
});

describe.each(["ocpp2.0.1", "ocpp2.1"] as const)(
  "a transaction id that a %s station uses again",
  (protocol) => {
    beforeEach(() => register(protocol));

    const report = (eventType: string, seqNo: number, about: object = {}, info: object = {}) =>
      station.call("TransactionEvent", {
        ...{ eventType, seqNo, timestamp: iso(station.now), triggerReason: "RemoteStart" },
        transactionInfo: { transactionId: "1", ...info },
        evse: { id: 1, connectorId: 1 },
        ...about,
      });

    it("is another charge by its new remoteStartId, also on a clock that is behind", async () => {
      const first = await station.accepted();
      await report("Started", 0, {}, { remoteStartId: station.remoteStartIdOf(first) });
      pass(MINUTE);
      await report("Ended", 1, {}, { stoppedReason: "Reboot" });
      pass(MINUTE);
      const second = await station.accepted();
      const timestamp = iso(T0 - HOUR);
      await report("Started", 0, { timestamp }, { remoteStartId: station.remoteStartIdOf(second) });

      expect((await station.readAttempt(first)).state).toBe("stopped");
      expect(await station.readAttempt(second)).toMatchObject({ state: "started", transactionId: "1" });
      const transactions = await station.transactions();
      expect(transactions).toHaveLength(2);
      expect(transactions).toContainEqual(
        expect.objectContaining({
          remoteStartAttemptId: first.attemptId,
          reason: "Reboot",
          startedAt: iso(T0),
        }),
      );
      const next = transactions.find(({ remoteStartAttemptId }) => remoteStartAttemptId === second.attemptId);
      expect(next).toMatchObject({ startedAt: timestamp });
      expect(next).not.toHaveProperty("stoppedAt");
      pass(MINUTE);
      await report("Ended", 1);
      expect((await station.readAttempt(second)).state).toBe("stopped");
    });

    it("ends the charge before as NotReported where the station rebooted during it", async () => {
      const first = await station.accepted();
      await report("Started", 0, {}, { remoteStartId: station.remoteStartIdOf(first) });
      pass(HOUR);
      const second = await station.accepted();
      await report("Started", 0, {}, { remoteStartId: station.remoteStartIdOf(second) });

      expect(await station.transactions()).toMatchObject([
        { reason: "NotReported", remoteStartAttemptId: first.attemptId },
        { startedAt: iso(T0 + HOUR), remoteStartAttemptId: second.attemptId },
      ]);
      expect((await station.readAttempt(first)).state).toBe("stopped");
    });

    it("is another charge when it starts again after its end, without any remoteStartId", async () => {
      const idToken = { idToken: "CARD", type: "ISO14443" };
      await report("Started", 0, { idToken });
      pass(MINUTE);
      await report("Ended", 1);
      pass(MINUTE);
      await report("Started", 0, { idToken: { ...idToken, idToken: "OTHER" } });
      await report("Started", 0, { idToken: { ...idToken, idToken: "OTHER" } });

      expect(await station.transactions()).toMatchObject([
        { idTag: "CARD", stoppedAt: iso(T0 + MINUTE) },
        { idTag: "OTHER", startedAt: iso(T0 + 2 * MINUTE) },
      ]);
    });

    it("is one charge when its messages are repeated, or come in the other order", async () => {
      const timestamp = iso(T0);
      pass(MINUTE);
      await report("Ended", 1);
      await report("Started", 0, { timestamp });
      await report("Started", 0, { timestamp });
      await report("Ended", 1);

      expect(await station.transactions()).toMatchObject([
        { startedAt: timestamp, stoppedAt: iso(T0 + MINUTE) },
      ]);
    });

    it("takes the true end of the charge before that comes late", async () => {
      await report("Started", 0);
      pass(HOUR);
      await report("Started", 0);
      await report("Ended", 5, { timestamp: iso(T0 + MINUTE) }, { stoppedReason: "PowerLoss" });

      expect(await station.transactions()).toMatchObject([
        { reason: "PowerLoss", stoppedAt: iso(T0 + MINUTE) },
        { startedAt: iso(T0 + HOUR) },
      ]);
      expect((await station.transactions())[1]).not.toHaveProperty("stoppedAt");
    });

    it("has its attempt's idTag where the station names no token", async () => {
      const attempt = await station.accepted({ idTag: "DRIVER" });
      await report("Started", 0, {}, { remoteStartId: station.remoteStartIdOf(attempt) });

      expect(await station.transactions()).toMatchObject([{ idTag: "DRIVER" }]);
    });

    it("ends as NotReported when its connector is Available after Occupied", async () => {
      const attempt = await station.accepted();
      await report("Started", 0, {}, { remoteStartId: station.remoteStartIdOf(attempt) });
      for (const connectorStatus of ["Occupied", "Available"]) {
        pass(MINUTE);
        const timestamp = iso(station.now);
        await station.call("StatusNotification", { evseId: 1, connectorId: 1, connectorStatus, timestamp });
      }

      expect(await station.transactions()).toMatchObject([{ reason: "NotReported" }]);
      expect((await station.readAttempt(attempt)).state).toBe("stopped");
    });

    it("ends the charge that ran on its EVSE, whose end was never reported", async () => {
      await report("Started", 0);
      pass(HOUR);
      await report("Started", 0, {}, { transactionId: "2" });

      expect(await station.transactions()).toMatchObject([{ reason: "NotReported" }, { transactionId: "2" }]);
    });
  },
);
