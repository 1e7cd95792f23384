import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Station } from "../../local/stations/station.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import type { AttemptItem } from "../../shared/store/items.ts";
import { attemptKey } from "../../shared/store/keys.ts";
import { type AttemptsUnderTest, startAttempts } from "../support/attempts.ts";
import { until } from "../support/relay.ts";

let relay: AttemptsUnderTest;

beforeAll(async () => {
  relay = await startAttempts();
});
afterAll(() => relay.stop());

const connector = (identity: string, n: number) => connectorUuidOf(cpIdOf("default", identity), n, 1);
const states = ({ history }: { history: { state: string }[] }) => history.map(({ state }) => state);
const count = ({ calls }: Station, action: string) => calls.filter((call) => call.action === action).length;
/** The state as it is stored, whatever a reader would make of it. */
const stored = async (id: string) => (await relay.table.get<AttemptItem>(attemptKey(id)))?.state;

/** A station that is registered, known with its connectors, and offline. */
async function offline(identity: string): Promise<Station> {
  const station = await relay.station(identity);
  await station.disconnect();
  await until(async () => !(await relay.get(`/stations/${identity}`)).body.connection.connected);
  return station;
}

async function started(identity: string, body: object = {}) {
  const station = await relay.station(identity);
  const { body: attempt } = await relay.attempt({ cpId: identity, idTag: "TAG", ...body });
  return { station, attempt: await relay.becomes(attempt.id, "started") };
}

describe("a remote start for an offline station", () => {
  it("is sent when the station connects", async () => {
    const station = await offline("late");
    const { body } = await relay.attempt({ cpId: "late", idTag: "TAG" });
    expect(count(station, "RemoteStartTransaction")).toBe(0);
    relay.advance(5);

    await station.reconnect();

    await relay.becomes(body.id, "started");
    expect(count(station, "RemoteStartTransaction")).toBe(1);
  });

  it("that connects too late is never sent", async () => {
    const station = await offline("too-late");
    const { body } = await relay.attempt({ cpId: "too-late", idTag: "TAG" });
    expect(await relay.schedules()).toEqual([expect.stringContaining(`expire-${body.id}`)]);

    relay.advance(11);

    expect((await relay.readAttempt(body.id)).body.state).toBe("expired");
    await until(async () => (await stored(body.id)) === "expired");
    await station.reconnect();
    await relay.settle();
    expect(count(station, "RemoteStartTransaction")).toBe(0);
    expect(states((await relay.readAttempt(body.id)).body)).toEqual(["pending", "expired"]);
    await relay.noSchedules();
  });

  it("is not sent where its timer never fired, either", async () => {
    const station = await offline("no-timer");
    const { body } = await relay.attempt({ cpId: "no-timer", idTag: "TAG" });
    await relay.forgetSchedules();
    relay.advance(11);

    await station.reconnect();
    await relay.settle();

    expect(count(station, "RemoteStartTransaction")).toBe(0);
    expect((await relay.readAttempt(body.id)).body.state).toBe("expired");
  });

  it("is cancelled while it is pending, and not after", async () => {
    const station = await offline("cancel");
    const { body } = await relay.attempt({ cpId: "cancel", idTag: "TAG" });
    const path = `/remote_commands/asynchronous/remote_start_attempt/${body.id}`;

    const cancelled = await relay.call("DELETE", path);
    const again = await relay.call("DELETE", path);

    expect([cancelled.status, cancelled.body.state]).toEqual([200, "cancelled"]);
    expect([again.status, again.body.state]).toEqual([409, "cancelled"]);
    await station.reconnect();
    await relay.settle();
    expect(count(station, "RemoteStartTransaction")).toBe(0);
    await relay.noSchedules();
  });

  it("fails when its station or connector is locked, and what was named elsewhere does not", async () => {
    const station = await offline("lock-later");
    const attempt = (n: number) =>
      relay.attempt({ cpId: "lock-later", idTag: `TAG${n}`, connectorUuid: connector("lock-later", n) });
    const [first, second] = [await attempt(1), await attempt(2)];
    const lock = (path: string) => relay.call("PATCH", path, { body: { lock: "permanent" } });

    await lock(`/stations/lock-later/connectors/${connector("lock-later", 1)}`);

    expect((await relay.readAttempt(first.body.id)).body).toMatchObject({
      state: "failed",
      problem: { status: 409, locked: "connector" },
    });
    expect((await relay.readAttempt(second.body.id)).body.state).toBe("pending");
    await lock("/stations/lock-later");
    expect((await relay.readAttempt(second.body.id)).body).toMatchObject({
      state: "failed",
      problem: { locked: "station" },
    });
    await station.reconnect();
    await relay.settle();
    expect(count(station, "RemoteStartTransaction")).toBe(0);
    await relay.noSchedules();
  });

  it("fails when its station is removed", async () => {
    await offline("removed");
    const { body } = await relay.attempt({ cpId: "removed", idTag: "TAG" });

    await relay.call("DELETE", "/stations/removed");

    expect((await relay.readAttempt(body.id)).body.state).toBe("failed");
    await relay.noSchedules();
  });

  it("fails where the version that connects cannot take it", async () => {
    const station = await offline("long-tag");
    const { body } = await relay.attempt({ cpId: "long-tag", idTag: "A".repeat(36) });

    await station.reconnect();

    expect(await relay.becomes(body.id, "failed")).toMatchObject({
      problem: { type: "https://ocpp-relay.dev/problems/payload-violates-schema" },
    });
    expect(states((await relay.readAttempt(body.id)).body)).toEqual(["pending", "failed"]);
  });
});

describe("a remote start that was accepted", () => {
  it("expires where nobody plugs in, and a charge that begins later is not its", async () => {
    const station = await relay.station("no-driver", {
      handlers: { RemoteStartTransaction: () => ({ status: "Accepted" }) },
    });
    const { body } = await relay.attempt({ cpId: "no-driver", idTag: "TAG", stopMinutes: 30 });
    await relay.becomes(body.id, "accepted");

    relay.advance(11);

    await until(async () => (await stored(body.id)) === "expired");
    await station.driver.startCharging(1, "TAG");
    expect(states((await relay.readAttempt(body.id)).body)).toEqual([
      "pending",
      "sent",
      "accepted",
      "expired",
    ]);
    const { body: list } = await relay.get("/stations/no-driver/transactions");
    expect(list.items[0]).not.toHaveProperty("remoteStartAttemptId");
    await relay.noSchedules();
  });

  it("has started where the charge began in time, however late the station tells", async () => {
    const station = await relay.rawStation("told-late");
    const { body } = await relay.attempt({ cpId: "told-late", idTag: "TAG" });
    const [, messageId] = await station.next();
    station.send([3, messageId, { status: "Accepted" }]);
    const { sentAt } = await relay.becomes(body.id, "accepted");
    await station.close({ abrupt: true });
    relay.advance(60);
    expect((await relay.readAttempt(body.id)).body.state).toBe("expired");

    const again = await relay.connectRaw("told-late", station.password);
    const begin = { connectorId: 2, idTag: "TAG", meterStart: 0, timestamp: sentAt };
    again.send([2, "1", "StartTransaction", begin]);
    await again.next();

    const { startedAt } = await relay.becomes(body.id, "started");
    expect(startedAt).toBe(sentAt);
  });
});

describe("stopMinutes", () => {
  it("stop the charge when they are over, counted from its start (TC_012)", async () => {
    const { station, attempt } = await started("stop-in-time", { stopMinutes: 90 });
    const minutes = (Date.parse(attempt.stopDueAt) - Date.parse(attempt.startedAt)) / 60_000;
    expect(minutes).toBe(90);
    await until(async () => (await relay.schedules()).length === 1);
    expect(await relay.schedules()).toEqual([expect.stringContaining(`stop-${attempt.id}`)]);

    relay.advance(91);

    expect((await station.received("RemoteStopTransaction")).payload).toEqual({
      transactionId: Number(attempt.transactionId),
    });
    const stopped = await relay.becomes(attempt.id, "stopped");
    expect(states(stopped).slice(-3)).toEqual(["started", "stopping", "stopped"]);
    const { body: list } = await relay.get("/stations/stop-in-time/transactions");
    expect(list.items[0]).toMatchObject({ reason: "Remote", remoteStartAttemptId: attempt.id });
    await relay.noSchedules();
  });

  it("are forgotten when the driver stops before", async () => {
    const { station, attempt } = await started("stop-early", { stopMinutes: 30 });

    await station.driver.stopCharging(1);

    await relay.becomes(attempt.id, "stopped");
    await relay.noSchedules();
    relay.advance(31);
    await relay.settle();
    expect(count(station, "RemoteStopTransaction")).toBe(0);
  });

  it("that end while the station is offline stop the charge on reconnect", async () => {
    const { station, attempt } = await started("stop-offline", { stopMinutes: 30 });
    const shown = async () => (await relay.get("/stations/stop-offline")).body;
    // the station reports Charging after it has the id of the transaction, without which it refuses to stop it
    await until(async () => (await shown()).connectors[0].status === "Charging");
    await station.disconnect({ abrupt: true });
    await until(async () => !(await shown()).connection.connected);

    relay.advance(31);

    await relay.becomes(attempt.id, "stopping");
    expect(count(station, "RemoteStopTransaction")).toBe(0);
    await station.reconnect();
    await relay.becomes(attempt.id, "stopped");
    expect(count(station, "RemoteStopTransaction")).toBe(1);
  });

  it("that the station missed are told to it again on its next connection, until it answers", async () => {
    const answers = [undefined, "Rejected"];
    const station = await relay.station("stop-lost", {
      handlers: {
        RemoteStopTransaction: async () => {
          const status = answers.shift();
          return status ? { status } : new Promise<never>(() => {});
        },
      },
    });
    const { body } = await relay.attempt({ cpId: "stop-lost", idTag: "TAG", stopMinutes: 30 });
    await relay.becomes(body.id, "started");
    relay.advance(31);
    await station.received("RemoteStopTransaction");
    await relay.becomes(body.id, "stopping");

    await station.disconnect({ abrupt: true });
    await station.reconnect();
    await station.received("RemoteStopTransaction", 2);

    const refused = await relay.becomes(body.id, "started");
    expect(states(refused).slice(-3)).toEqual(["started", "stopping", "started"]);
    await relay.settle();
    await station.disconnect({ abrupt: true });
    await station.reconnect();
    await relay.settle();
    expect(count(station, "RemoteStopTransaction")).toBe(2);
  });

  it("hold over a reboot of the station", async () => {
    const { station, attempt } = await started("reboot", { stopMinutes: 30 });
    await relay.command("reboot", "reset", { type: "Hard" });

    const stopped = await relay.becomes(attempt.id, "stopped");

    expect(states(stopped).slice(-2)).toEqual(["started", "stopped"]);
    expect(count(station, "RemoteStartTransaction")).toBe(1);
    await relay.noSchedules();
  });
});

const authorizeBy = async (authorization: string) => {
  const settings = { name: "default", parallelRequests: 10, clients: [], authorization };
  expect((await relay.call("PUT", "/networks/default", { body: settings })).status).toBe(200);
};

describe.each(["remoteStartOnly", "listed"])("authorization: %s", (authorization) => {
  beforeAll(() => authorizeBy(authorization));

  it("accepts the token of an open attempt and of the charge that came of it, and no other", async () => {
    const identity = `only-${authorization}`;
    const station = await relay.station(identity);
    const authorize = async (idTag: string) =>
      ((await station.call("Authorize", { idTag })) as { idTagInfo: { status: string } }).idTagInfo.status;
    const before = await authorize("TAG");

    const { body } = await relay.attempt({ cpId: identity, idTag: "TAG" });
    await relay.becomes(body.id, "started");
    relay.advance(11);

    expect(before).toBe("Invalid");
    expect(await authorize("TAG")).toBe("Accepted");
    expect(await authorize("OTHER")).toBe("Invalid");
    await station.driver.stopCharging(1);
    await relay.becomes(body.id, "stopped");
    expect(await authorize("TAG")).toBe("Invalid");
  });

  interface Words {
    readonly start: readonly [action: string, payload: object];
    authorize(token: string): readonly [string, object];
    readonly begin: readonly [string, object];
    end(transactionId: unknown): readonly [string, object];
  }

  const v16: Words = {
    start: ["RemoteStartTransaction", { idTag: "RAW" }],
    authorize: (idTag) => ["Authorize", { idTag }],
    begin: ["StartTransaction", { connectorId: 1, idTag: "raw", meterStart: 0 }],
    end: (transactionId) => ["StopTransaction", { transactionId, idTag: "raw", meterStop: 9 }],
  };

  const v2: Words = {
    start: ["RequestStartTransaction", { remoteStartId: 1, idToken: { idToken: "RAW", type: "Central" } }],
    authorize: (idToken) => ["Authorize", { idToken: { idToken, type: "Central" } }],
    begin: ["TransactionEvent", event("Started", 0)],
    end: () => ["TransactionEvent", event("Ended", 1)],
  };

  function event(eventType: string, seqNo: number) {
    const idToken = { idToken: "raw", type: "Central" };
    const transactionInfo = { transactionId: "T" };
    return {
      ...{ eventType, seqNo, triggerReason: "RemoteStart" },
      transactionInfo,
      idToken,
      evse: { id: 1 },
    };
  }

  it.each([
    ["ocpp1.6", v16],
    ["ocpp2.0.1", v2],
    ["ocpp2.1", v2],
  ] as const)(
    "takes a raw remote start for one, in %s",
    async (protocol, { start, authorize, begin, end }) => {
      const identity = `${authorization}-raw-${protocol}`;
      const station = await relay.connectRaw(identity, await relay.register(identity), [protocol]);
      const [action, payload] = start;
      const startRaw = async (status: string) => {
        const raw = { action, assetId: identity, payload, async: true };
        expect((await relay.post("/ocpp/v2/raw-request", raw)).status).toBe(200);
        const [, messageId] = await station.next();
        return () => station.send([3, messageId, { status }]);
      };
      let messages = 0;
      const ask = async ([action, payload]: readonly [string, object]) => {
        const timestamp = new Date().toISOString();
        station.send([2, `m${++messages}`, action, { timestamp, ...payload }]);
        const [, , answer] = (await station.next()) as [3, string, Record<string, { status: string }>];
        return {
          status: (answer.idTagInfo ?? answer.idTokenInfo)?.status,
          transactionId: answer.transactionId,
        };
      };
      const say = async (token: string) => (await ask(authorize(token))).status;
      const refused = authorization === "listed" && protocol !== "ocpp1.6" ? "Unknown" : "Invalid";
      expect(await say("RAW")).toBe(refused);

      (await startRaw("Rejected"))();
      await until(async () => (await say("RAW")) === refused);
      const accept = await startRaw("Accepted");
      expect([await say("raw"), await say("OTHER")]).toEqual(["Accepted", refused]);
      accept();
      const began = await ask(begin);
      relay.advance(11);

      expect(began.status).toBe("Accepted");
      expect([await say("RAW"), await say("OTHER")]).toEqual(["Accepted", refused]);
      expect((await ask(end(began.transactionId))).status).toBe("Accepted");
      expect(await say("RAW")).toBe(refused);
    },
  );
});

describe("a token list", () => {
  const FUTURE = "2099-01-01T00:00:00.000Z";
  const tokens = [
    { idTag: "Listed", status: "Accepted", expiresAt: FUTURE, groupId: "GROUP" },
    { idTag: "Sibling", status: "Accepted", groupId: "GROUP" },
    { idTag: "Master", status: "Accepted", groupId: "MASTERPASS" },
    { idTag: "Blocked", status: "Blocked" },
    { idTag: "Expired", status: "Accepted", expiresAt: "2020-01-01T00:00:00Z" },
    { idTag: "Card", status: "Accepted", type: "ISO14443" },
  ];

  beforeAll(async () => {
    await authorizeBy("listed");
    const { body } = await relay.post("/tokens/import", { tokens });
    expect(body.counts.problem).toBe(0);
  });

  async function connected(protocol: string) {
    const identity = `list-${protocol}-${crypto.randomUUID().slice(0, 8)}`;
    const station = await relay.connectRaw(identity, await relay.register(identity), [protocol]);
    let messages = 0;
    return async (action: string, payload: object) => {
      station.send([2, `m${++messages}`, action, { timestamp: "2026-11-01T10:00:00Z", ...payload }]);
      return ((await station.next()) as [3, string, Record<string, unknown>])[2];
    };
  }

  describe("in ocpp1.6", () => {
    const group = { parentIdTag: "GROUP" };

    it.each([
      ["TC_023_1: not listed", "Unlisted", { status: "Invalid" }],
      ["TC_023_2: expired", "Expired", { status: "Expired" }],
      ["TC_023_3: blocked", "BLOCKED", { status: "Blocked" }],
      ["accepted for a time", "LISTED", { status: "Accepted", expiryDate: FUTURE, ...group }],
      ["accepted with a type", "card", { status: "Accepted" }],
    ])("answers Authorize of a token that is %s", async (_, idTag, idTagInfo) => {
      const call = await connected("ocpp1.6");
      expect(await call("Authorize", { idTag })).toEqual({ idTagInfo });
    });

    it("TC_037_3: answers a start from offline with an unlisted token, and records the charge", async () => {
      const call = await connected("ocpp1.6");
      const start = { connectorId: 1, idTag: "Unlisted", meterStart: 0 };

      const { transactionId, idTagInfo } = await call("StartTransaction", start);

      expect([transactionId, idTagInfo]).toEqual([expect.any(Number), { status: "Invalid" }]);
      const stop = { transactionId, meterStop: 1, reason: "DeAuthorized" };
      expect(await call("StopTransaction", stop)).toEqual({});
    });

    it("answers start and stop by two tokens of a group", async () => {
      const call = await connected("ocpp1.6");
      const started = await call("StartTransaction", { connectorId: 1, idTag: "Listed", meterStart: 0 });
      const { transactionId } = started;
      expect(started.idTagInfo).toEqual({ status: "Accepted", expiryDate: FUTURE, ...group });
      expect(await call("StopTransaction", { transactionId, idTag: "Sibling", meterStop: 1 })).toEqual({
        idTagInfo: { status: "Accepted", ...group },
      });
    });
  });

  describe.each(["ocpp2.0.1", "ocpp2.1"])("in %s", (protocol) => {
    const token = (idToken: string, type = "Central") => ({ idToken: { idToken, type } });
    const inGroup = (idToken: string) => ({
      status: "Accepted",
      groupIdToken: { idToken, type: "Central" },
    });
    const event = (eventType: string, seqNo: number, evse: number, idToken: string) => ({
      ...{ eventType, seqNo, triggerReason: "Authorized", evse: { id: evse } },
      transactionInfo: { transactionId: `T${evse}` },
      ...token(idToken),
    });

    it.each([
      ["TC_C_02: not listed", token("Unlisted"), { status: "Unknown" }],
      ["TC_C_06: blocked", token("blocked"), { status: "Blocked" }],
      ["TC_C_07: expired", token("EXPIRED"), { status: "Expired" }],
      ["accepted for a time", token("LISTED"), { ...inGroup("GROUP"), cacheExpiryDateTime: FUTURE }],
      ["listed with this type", token("Card", "ISO14443"), { status: "Accepted" }],
      ["listed with another type", token("Card", "KeyCode"), { status: "Unknown" }],
    ])("answers Authorize of a token that is %s", async (_, payload, idTokenInfo) => {
      const call = await connected(protocol);
      expect(await call("Authorize", payload)).toEqual({ idTokenInfo });
    });

    it("TC_C_20: answers a charge that a cached token began, and that is not listed any more", async () => {
      const call = await connected(protocol);
      expect(await call("TransactionEvent", event("Started", 0, 1, "Unlisted"))).toEqual({
        idTokenInfo: { status: "Unknown" },
      });
    });

    it("TC_C_39, TC_C_40, TC_C_43: answers both tokens of a group with the group", async () => {
      const call = await connected(protocol);
      const first = { idTokenInfo: { ...inGroup("GROUP"), cacheExpiryDateTime: FUTURE } };
      const second = { idTokenInfo: inGroup("GROUP") };

      expect(await call("TransactionEvent", event("Started", 0, 1, "Listed"))).toEqual(first);
      expect(await call("Authorize", token("Sibling"))).toEqual(second);
      expect(await call("TransactionEvent", event("Ended", 1, 1, "Sibling"))).toEqual(second);
    });

    it("TC_C_47, TC_C_48, TC_C_49: answers a master pass with its group, at each charge it ends", async () => {
      const call = await connected(protocol);
      const master = { idTokenInfo: inGroup("MASTERPASS") };
      for (const evse of [1, 2]) await call("TransactionEvent", event("Started", 0, evse, "Sibling"));

      expect(await call("Authorize", token("Master"))).toEqual(master);
      for (const evse of [1, 2])
        expect(await call("TransactionEvent", event("Ended", 1, evse, "Master"))).toEqual(master);
    });
  });

  it("decides from the next message on, when a token is blocked, deleted or comes", async () => {
    const call = await connected("ocpp1.6");
    const status = async () =>
      ((await call("Authorize", { idTag: "NEW" })) as { idTagInfo: { status: string } }).idTagInfo.status;
    const put = (status: string) => relay.call("PUT", "/tokens/new", { body: { status } });

    expect(await status()).toBe("Invalid");
    await put("Accepted");
    expect(await status()).toBe("Accepted");
    await put("Blocked");
    expect(await status()).toBe("Blocked");
    expect((await relay.call("DELETE", "/tokens/New")).status).toBe(204);
    expect(await status()).toBe("Invalid");
  });

  it("of another network decides nothing", async () => {
    await relay.call("PUT", "/networks/neighbour", { body: { clients: ["other"] } });
    const theirs = { body: { status: "Accepted" }, token: await relay.otherToken() };
    expect((await relay.call("PUT", "/tokens/THEIRS", theirs)).status).toBe(201);

    const call = await connected("ocpp1.6");

    expect(await call("Authorize", { idTag: "THEIRS" })).toEqual({ idTagInfo: { status: "Invalid" } });
  });
});
