import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AttemptsUnderTest, startAttempts } from "../support/attempts.ts";
import type { RawStation } from "../support/raw-station.ts";
import { until } from "../support/relay.ts";

let relay: AttemptsUnderTest;

beforeAll(async () => {
  relay = await startAttempts();
});
afterAll(() => relay.stop());

const iso = (ms = 0) => new Date(Date.now() + ms).toISOString();

/** Answers a station's CALL. @returns the payload of the CALLRESULT */
async function call<Answer>(
  station: RawStation,
  id: string,
  action: string,
  payload: object,
): Promise<Answer> {
  station.send([2, id, action, payload]);
  const [type, , answer] = await station.next();
  expect(type).toBe(3);
  return answer as Answer;
}

async function accept(station: RawStation): Promise<void> {
  const [, messageId] = await station.next();
  station.send([3, messageId, { status: "Accepted" }]);
}

const startOf = (about: object = {}) => ({
  ...{ connectorId: 1, idTag: "TAG", meterStart: 0, timestamp: iso() },
  ...about,
});

describe("a station that never sends a StopTransaction", () => {
  it("is sent its 51st start as its first one", async () => {
    const station = await relay.rawStation("no-stop");
    for (let n = 0; n < 51; n++) {
      const { status, body } = await relay.attempt({ cpId: "no-stop", idTag: `TAG${n}` });
      expect(status, JSON.stringify(body)).toBe(201);
      await accept(station);
      await call(station, `start${n}`, "StartTransaction", startOf({ idTag: `TAG${n}` }));
      const available = { connectorId: 1, errorCode: "NoError", status: "Available", timestamp: iso() };
      await call(station, `status${n}`, "StatusNotification", available);
    }

    const { body: list } = await relay.get("/stations/no-stop/transactions");
    expect(list.items).toHaveLength(50);
    expect(list.items.filter(({ reason }: { reason?: string }) => reason !== "NotReported")).toHaveLength(1);
  }, 120_000);

  it("with 50 attempts that wait to start is a 409 with their number, not before", async () => {
    await relay.register("waits");
    for (let n = 0; n < 50; n++)
      expect((await relay.attempt({ cpId: "waits", idTag: "TAG" })).status).toBe(201);

    const { status, body } = await relay.attempt({ cpId: "waits", idTag: "TAG" });

    expect(status).toBe(409);
    expect(body).toMatchObject({ type: expect.stringMatching(/too-many-open-attempts$/), open: 50 });
  }, 60_000);
});

describe("a station that refuses a stop", () => {
  it("of a transaction that it does not know ends that charge as NotReported", async () => {
    const station = await relay.rawStation("forgot");
    const { body } = await relay.attempt({ cpId: "forgot", idTag: "TAG" });
    await accept(station);
    await call(station, "1", "StartTransaction", startOf());
    await relay.becomes(body.id, "started");

    await relay.remoteStop({ remoteStartAttemptId: body.id });
    const [, messageId] = await station.next();
    station.send([3, messageId, { status: "Rejected" }]);

    await relay.becomes(body.id, "stopped");
    const { body: list } = await relay.get("/stations/forgot/transactions");
    expect(list.items).toMatchObject([{ reason: "NotReported" }]);
  });

  it("while a car is on the connector goes on charging", async () => {
    const station = await relay.rawStation("insists");
    const { body } = await relay.attempt({ cpId: "insists", idTag: "TAG" });
    await accept(station);
    await call(station, "1", "StartTransaction", startOf());
    const charging = { connectorId: 1, errorCode: "NoError", status: "Charging", timestamp: iso() };
    await call(station, "2", "StatusNotification", charging);

    const { headers } = await relay.remoteStop({ remoteStartAttemptId: body.id });
    const [, messageId] = await station.next();
    station.send([3, messageId, { status: "Rejected" }]);

    await relay.reference(headers.get("location"));
    expect((await relay.readAttempt(body.id)).body.state).toBe("started");
  });

  it("because it had not heard the transaction's id is sent the stop again once it has", async () => {
    const station = await relay.rawStation("not-heard");
    const { body } = await relay.attempt({ cpId: "not-heard", idTag: "TAG", stopMinutes: 30 });
    await accept(station);
    await relay.becomes(body.id, "accepted");
    const begin = startOf();
    const messages = () => relay.local.metrics().functions["station-message"]?.invocations ?? 0;
    const before = messages();
    station.send([2, "1", "StartTransaction", begin]);
    // a connection that is reset takes along what the relay has not read yet
    await until(async () => messages() > before);
    await station.close({ abrupt: true });
    await relay.becomes(body.id, "started");
    relay.advance(31);

    const again = await relay.connectRaw("not-heard", station.password);
    const [, refused] = await again.next();
    again.send([3, refused, { status: "Rejected" }]);
    await until(async () => {
      const { body: attempt } = await relay.readAttempt(body.id);
      return attempt.state === "started" && attempt.history.length > 4;
    });
    const { transactionId } = await call<{ transactionId: number }>(again, "1", "StartTransaction", begin);
    const [, stop, action, payload] = await again.next();

    expect([action, payload]).toEqual(["RemoteStopTransaction", { transactionId }]);
    again.send([3, stop, { status: "Accepted" }]);
    await relay.becomes(body.id, "stopping");
    await again.close();
  });
});

describe("a station whose clock is hours behind", () => {
  it("starts its attempt, which stops when its stopMinutes are over", async () => {
    const station = await relay.rawStation("behind");
    const { body } = await relay.attempt({ cpId: "behind", idTag: "TAG", stopMinutes: 30 });
    await accept(station);
    await relay.becomes(body.id, "accepted");

    const timestamp = iso(-2 * 3_600_000).replace("Z", "");
    const { transactionId } = await call<{ transactionId: number }>(
      station,
      "1",
      "StartTransaction",
      startOf({ timestamp }),
    );

    const { startedAt, sentAt } = await relay.becomes(body.id, "started");
    expect(Date.parse(startedAt) - Date.parse(sentAt)).toBeLessThan(60_000);
    relay.advance(31);
    const [, , action, payload] = await station.next();
    expect([action, payload]).toEqual(["RemoteStopTransaction", { transactionId }]);
  });
});

describe("StatusNotifications that are sent without waiting for the answers", () => {
  it.each([
    ["without-times", () => ({})],
    ["of-one-second", () => ({ timestamp: iso().replace(/\.\d+/, "") })],
    ["with-times", (n: number) => ({ timestamp: iso(n - 100) })],
    ["ahead", (n: number) => ({ timestamp: iso(3_600_000 + n) })],
  ])("%s leave the status that was sent last", async (identity, time) => {
    const station = await relay.rawStation(identity);
    const statuses = ["Available", "Preparing", "Charging", "SuspendedEV", "Finishing", "Reserved"];
    for (let round = 0; round < 3; round++) {
      statuses.forEach((status, n) => {
        station.send([
          2,
          `${round}-${n}`,
          "StatusNotification",
          { connectorId: 1, errorCode: "NoError", status, ...time(n) },
        ]);
      });
      for (const _ of statuses) await station.next();

      const { body } = await relay.get(`/stations/${identity}`);
      expect(body.connectors).toMatchObject([{ status: "Reserved" }]);
    }
  });
});
