import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callError, NO_ANSWER } from "../../local/stations/station.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import { type AttemptsUnderTest, startAttempts } from "../support/attempts.ts";
import { until } from "../support/relay.ts";

let relay: AttemptsUnderTest;

beforeAll(async () => {
  relay = await startAttempts();
});
afterAll(() => relay.stop());

const connector = (identity: string, n: number) => connectorUuidOf(cpIdOf("default", identity), n, 1);
const states = ({ history }: { history: { state: string }[] }) => history.map(({ state }) => state);
const sentTo = (station: { calls: readonly { action: string }[] }, action: string) =>
  station.calls.filter((call) => call.action === action).length;

describe("a remote start (TC_010, TC_011)", () => {
  it("is sent, accepted, started by the station's transaction, and ends with it", async () => {
    // the driver plugs in after the answer was processed
    const station = await relay.station("start", { stepMs: 1_000 });
    const connectorUuid = connector("start", 2);

    const { status, body, headers } = await relay.attempt({ cpId: "start", connectorUuid, idTag: "TAG" });

    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/remote_commands/asynchronous/remote_start_attempt/${body.id}`);
    expect(body).toMatchObject({ state: "pending", connectorUuid, idTag: "TAG" });
    const call = await station.received("RemoteStartTransaction");
    expect(call.payload).toEqual({ connectorId: 2, idTag: "TAG" });
    expect(call.messageId).toBe(body.id);
    const started = await relay.becomes(body.id, "started");
    expect(started).toMatchObject({ stationStatus: "Accepted", transactionId: expect.any(String) });
    expect(states(started)).toEqual(["pending", "sent", "accepted", "started"]);
    const command = await relay.get(`/remote_commands/${body.id}`);
    expect(command.body).toMatchObject({ command: "remote_start_attempt", state: "answered" });
    await relay.settle();

    await station.driver.stopCharging(2);

    const stopped = await relay.becomes(body.id, "stopped");
    const { body: list } = await relay.get("/stations/start/transactions");
    expect(list.items).toEqual([
      {
        id: expect.any(String),
        cpId: cpIdOf("default", "start"),
        transactionId: started.transactionId,
        connectorUuid,
        idTag: "TAG",
        startedAt: expect.any(String),
        meterStart: expect.any(Number),
        stoppedAt: stopped.stoppedAt,
        meterStop: expect.any(Number),
        reason: "Local",
        remoteStartAttemptId: body.id,
      },
    ]);
    await relay.noSchedules();
  });

  it("that the station refuses is rejected (TC_026)", async () => {
    await relay.station("refuse", { handlers: { RemoteStartTransaction: () => ({ status: "Rejected" }) } });

    const { body } = await relay.attempt({ cpId: "refuse", idTag: "TAG" });

    expect(await relay.becomes(body.id, "rejected")).toMatchObject({ stationStatus: "Rejected" });
    await relay.noSchedules();
  });

  it("that the station answers by a CALLERROR has failed", async () => {
    await relay.station("start-error", {
      handlers: {
        RemoteStartTransaction: () => {
          throw callError("NotSupported", "no remote starts here");
        },
      },
    });

    const { body } = await relay.attempt({ cpId: "start-error", idTag: "TAG" });

    expect(await relay.becomes(body.id, "failed")).toMatchObject({
      problem: { status: 502, errorCode: "NotSupported", errorDescription: "no remote starts here" },
    });
  });

  it("has failed with the CALLERROR's details as they are, also where DynamoDB would not take them", async () => {
    const station = await relay.rawStation("start-odd-error");
    const { body } = await relay.attempt({ cpId: "start-odd-error", idTag: "TAG" });
    const [, messageId] = await station.next();
    station.send([4, messageId, "InternalError", "", { "": { "": 1e-200 } }]);

    expect(await relay.becomes(body.id, "failed")).toMatchObject({
      problem: { errorCode: "InternalError", errorDetails: { "": { "": 1e-200 } } },
    });
  });

  it("may have begun before it is answered", async () => {
    const station = await relay.rawStation("begin-first");
    const { body } = await relay.attempt({ cpId: "begin-first", idTag: "TAG" });
    const [, messageId] = await station.next();
    const timestamp = new Date().toISOString();

    station.send([2, "1", "StartTransaction", { connectorId: 1, idTag: "tag", meterStart: 0, timestamp }]);
    const [, , answer] = await station.next();
    const started = await relay.becomes(body.id, "started");
    station.send([3, messageId, { status: "Accepted" }]);

    expect(answer).toMatchObject({ transactionId: Number(started.transactionId) });
    const answered = await until(async () => {
      const { body: attempt } = await relay.readAttempt(body.id);
      return attempt.answeredAt && attempt;
    });
    expect(answered).toMatchObject({ state: "started", stationStatus: "Accepted" });
    expect(answered.connectorUuid).toBe(connector("begin-first", 1));
  });

  it("begins once, however often its StartTransaction is repeated", async () => {
    const station = await relay.rawStation("repeat");
    const first = await relay.attempt({ cpId: "repeat", idTag: "TAG" });
    const [, firstId] = await station.next();
    const begin = { connectorId: 1, idTag: "TAG", meterStart: 0, timestamp: new Date().toISOString() };
    station.send([3, firstId, { status: "Accepted" }]);
    await relay.becomes(first.body.id, "accepted");
    station.send([2, "1", "StartTransaction", begin]);
    const [, , { transactionId }] = (await station.next()) as [3, string, { transactionId: number }];
    const second = await relay.attempt({ cpId: "repeat", idTag: "TAG" });
    const [, secondId] = await station.next();
    station.send([3, secondId, { status: "Accepted" }]);
    await relay.becomes(second.body.id, "accepted");

    station.send([2, "2", "StartTransaction", begin]);

    const [, , again] = (await station.next()) as [3, string, { transactionId?: number }];
    expect(again.transactionId).toBe(transactionId);
    expect((await relay.readAttempt(second.body.id)).body.state).toBe("accepted");
    const end = { transactionId, meterStop: 1, timestamp: new Date().toISOString() };
    station.send([2, "3", "StopTransaction", end]);
    await station.next();
    expect(states(await relay.becomes(first.body.id, "stopped"))).toEqual([
      "pending",
      "sent",
      "accepted",
      "started",
      "stopped",
    ]);
  });

  it("is not begun by what the station buffered before it was asked", async () => {
    const station = await relay.rawStation("buffered");
    const { body } = await relay.attempt({ cpId: "buffered", idTag: "TAG" });
    const [, messageId] = await station.next();
    const timestamp = new Date(Date.now() - 3_600_000).toISOString();

    station.send([2, "1", "StartTransaction", { connectorId: 1, idTag: "TAG", meterStart: 0, timestamp }]);
    await station.next();
    station.send([3, messageId, { status: "Accepted" }]);

    await relay.becomes(body.id, "accepted");
    const { body: list } = await relay.get("/stations/buffered/transactions");
    expect(list.items[0]).not.toHaveProperty("remoteStartAttemptId");
  });

  it("that is never answered stays sent with its problem and is not sent again", async () => {
    const station = await relay.station("silent", {
      handlers: { RemoteStartTransaction: () => NO_ANSWER as never },
    });
    const { body } = await relay.attempt({ cpId: "silent", idTag: "TAG" });
    await station.received("RemoteStartTransaction");

    await station.disconnect({ abrupt: true });

    const sent = await until(async () => {
      const { body: attempt } = await relay.readAttempt(body.id);
      return attempt.problem && attempt;
    });
    expect(sent).toMatchObject({
      state: "sent",
      problem: { type: "https://ocpp-relay.dev/problems/connection-lost" },
    });
    await station.reconnect();
    await relay.settle();
    expect(sentTo(station, "RemoteStartTransaction")).toBe(1);
  });

  it("of a legacy station goes its way without anybody who waits", async () => {
    const station = await relay.station("legacy-start", {}, { link: "legacy" });

    const { body } = await relay.attempt({ cpId: "legacy-start", idTag: "TAG" });

    await relay.becomes(body.id, "started");
    expect(sentTo(station, "RemoteStartTransaction")).toBe(1);
  });
});

describe("a remote start that cannot be", () => {
  it("says so before anything is stored", async () => {
    await relay.station("refused");
    const attempt = (body: object) => relay.attempt({ cpId: "refused", idTag: "TAG", ...body });
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const { body: valid } = await attempt({ validUntil: inHours(23) });

    expect(valid.validUntil).toBeDefined();
    expect((await attempt({ validUntil: inHours(-1) })).status).toBe(400);
    expect((await attempt({ validUntil: inHours(25) })).body.errors).toEqual([
      { pointer: "/validUntil", detail: "is more than 24 h ahead" },
    ]);
    expect((await attempt({ stopMinutes: 0 })).status).toBe(400);
    expect((await attempt({ stopMinutes: 10081 })).status).toBe(400);
    expect((await attempt({ idTag: "" })).status).toBe(400);
    expect((await attempt({ cpId: "nobody" })).status).toBe(404);
    expect((await attempt({ connectorUuid: connector("refused", 9) })).status).toBe(404);
    expect((await attempt({ connectorUuid: "none" })).status).toBe(404);
    expect((await attempt({ idTag: "A".repeat(21) })).body).toMatchObject({
      type: "https://ocpp-relay.dev/problems/payload-violates-schema",
      protocol: "ocpp1.6",
      action: "RemoteStartTransaction",
    });
  });

  it("is another network's, which is not there", async () => {
    await relay.station("mine");
    const { body } = await relay.attempt({ cpId: "mine", idTag: "TAG" });
    const put = { name: "else", parallelRequests: 10, clients: ["other"], authorization: "acceptAll" };
    expect((await relay.call("PUT", "/networks/elsewhere", { body: put })).status).toBe(201);
    const token = await relay.otherToken();
    const path = `/remote_commands/asynchronous/remote_start_attempt/${body.id}`;

    expect((await relay.get(path, { token })).status).toBe(404);
    expect((await relay.call("DELETE", path, { token })).status).toBe(404);
    expect((await relay.attempt({ cpId: cpIdOf("default", "mine"), idTag: "TAG" }, { token })).status).toBe(
      404,
    );
  });

  it("is refused on a station or a connector that is locked", async () => {
    await relay.station("locked");
    const named = { cpId: "locked", idTag: "TAG", connectorUuid: connector("locked", 1) };
    const lock = (path: string, lock: string) => relay.call("PATCH", path, { body: { lock } });

    await lock(`/stations/locked/connectors/${connector("locked", 1)}`, "permanent");
    const onConnector = await relay.attempt(named);
    const elsewhere = await relay.attempt({ ...named, connectorUuid: connector("locked", 2) });
    await lock("/stations/locked", "permanent");
    const onStation = await relay.attempt({ cpId: "locked", idTag: "TAG" });

    expect([onConnector.status, onConnector.body.locked]).toEqual([409, "connector"]);
    expect(elsewhere.status).toBe(201);
    expect([onStation.status, onStation.body.locked]).toEqual([409, "station"]);
  });
});

describe("a remote stop (TC_012)", () => {
  it("by attempt is the station's to accept, and ends the charge", async () => {
    const station = await relay.station("stop", { stepMs: 300 });
    const { body } = await relay.attempt({ cpId: "stop", idTag: "TAG" });
    const { transactionId } = await relay.becomes(body.id, "started");

    const accepted = await relay.remoteStop({ remoteStartAttemptId: body.id });

    expect(accepted.status).toBe(202);
    expect(accepted.body).toEqual({
      referenceId: expect.any(String),
      status: "Pending",
      ocppMessageId: accepted.body.referenceId,
      requestedAt: expect.any(String),
    });
    const done = await relay.reference(accepted.headers.get("location"));
    expect(done).toMatchObject({ status: "Accepted", answeredAt: expect.any(String) });
    expect((await station.received("RemoteStopTransaction")).payload).toEqual({
      transactionId: Number(transactionId),
    });
    expect(states(await relay.becomes(body.id, "stopped"))).toEqual([
      "pending",
      "sent",
      "accepted",
      "started",
      "stopping",
      "stopped",
    ]);
    const { body: list } = await relay.get("/stations/stop/transactions");
    expect(list.items[0]).toMatchObject({ reason: "Remote", remoteStartAttemptId: body.id });
  });

  it("by transaction works for one that nobody started from here", async () => {
    const station = await relay.station("stop-local");
    await station.driver.startCharging(1, "TAG");
    const { body: list } = await relay.get("/stations/stop-local/transactions");
    const [{ transactionId }] = list.items;

    const accepted = await relay.remoteStop({ cpId: "stop-local", transactionId: Number(transactionId) });

    const done = await relay.reference(accepted.headers.get("location"));
    expect(done.status).toBe("Accepted");
    await until(async () => {
      const { body } = await relay.get("/stations/stop-local/transactions");
      return body.items[0].stoppedAt;
    });
  });

  it("that the station refuses is Rejected (TC_028), and the charge goes on", async () => {
    await relay.station("stop-refused", {
      handlers: { RemoteStopTransaction: () => ({ status: "Rejected" }) },
    });
    const { body } = await relay.attempt({ cpId: "stop-refused", idTag: "TAG" });
    await relay.becomes(body.id, "started");

    const known = await relay.remoteStop({ remoteStartAttemptId: body.id });
    const unknown = await relay.remoteStop({ cpId: "stop-refused", transactionId: 4711 });

    expect((await relay.reference(known.headers.get("location"))).status).toBe("Rejected");
    expect((await relay.reference(unknown.headers.get("location"))).status).toBe("Rejected");
    expect((await relay.readAttempt(body.id)).body.state).toBe("started");
  });

  it("says what keeps it from being sent", async () => {
    const station = await relay.station("stop-not", {
      handlers: { RemoteStartTransaction: () => ({ status: "Accepted" }) },
    });
    const { body } = await relay.attempt({ cpId: "stop-not", idTag: "TAG" });
    await relay.becomes(body.id, "accepted");

    const notStarted = await relay.remoteStop({ remoteStartAttemptId: body.id });
    const nameless = await relay.remoteStop({ cpId: "stop-not" });
    const notANumber = await relay.remoteStop({ cpId: "stop-not", transactionId: "x" });
    const nowhere = await relay.remoteStop({ remoteStartAttemptId: "nowhere" });
    await station.disconnect();
    const offline = await until(async () => {
      const answer = await relay.remoteStop({ cpId: "stop-not", transactionId: 1 });
      return answer.status !== 202 && answer;
    });

    expect([notStarted.status, notStarted.body.type, notStarted.body.state]).toEqual([
      409,
      "https://ocpp-relay.dev/problems/attempt-not-started",
      "accepted",
    ]);
    expect([nameless.status, notANumber.status, nowhere.status, offline.status]).toEqual([
      400, 422, 404, 409,
    ]);
  });
});

describe("clear_cache (TC_061)", () => {
  const clear = (identity: string) => relay.post(`/remote_commands/asynchronous/${identity}/clear_cache`);

  it("is pending until the station has answered", async () => {
    await relay.station("clear", { answerDelayMs: 200 });

    const accepted = await clear("clear");

    expect([accepted.status, accepted.body.status]).toEqual([202, "Pending"]);
    expect(accepted.headers.get("location")).toBe(
      `/remote_commands/asynchronous/clear/clear_cache/status/${accepted.body.referenceId}`,
    );
    const done = await relay.reference(accepted.headers.get("location"));
    expect(done).toEqual({
      ...accepted.body,
      status: "Accepted",
      answeredAt: expect.any(String),
    });
    const command = await relay.get(`/remote_commands/${accepted.body.referenceId}`);
    expect(command.body).toMatchObject({ command: "clear_cache", state: "answered" });
  });

  it("is Rejected, Failed or TimedOut as it went", async () => {
    await relay.station("clear-not", { handlers: { ClearCache: () => ({ status: "Rejected" }) } });
    await relay.station("clear-error", {
      handlers: {
        ClearCache: () => {
          throw callError("NotImplemented", "");
        },
      },
    });
    const lost = await relay.station("clear-lost", { handlers: { ClearCache: () => NO_ANSWER as never } });
    const rejected = await clear("clear-not");
    const failed = await clear("clear-error");
    const gone = await clear("clear-lost");
    await lost.received("ClearCache");
    await lost.disconnect({ abrupt: true });
    const outcome = async ({ headers }: typeof gone) => relay.reference(headers.get("location"));

    expect((await outcome(rejected)).status).toBe("Rejected");
    expect(await outcome(failed)).toMatchObject({
      status: "Failed",
      problem: { errorCode: "NotImplemented" },
    });
    expect(await outcome(gone)).toMatchObject({
      status: "Failed",
      problem: { type: "https://ocpp-relay.dev/problems/connection-lost" },
    });
    expect((await clear("clear-lost")).status).toBe(409);
    const elsewhere = `/remote_commands/asynchronous/clear-not/clear_cache/status/${failed.body.referenceId}`;
    expect((await relay.get(elsewhere)).status).toBe(404);
  });
});
