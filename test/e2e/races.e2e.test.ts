import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectStation, type Station } from "../../local/stations/station.ts";
import { endConnection } from "../../shared/calls/connection.ts";
import { cpIdOf } from "../../shared/ids.ts";
import type { StationItem } from "../../shared/store/items.ts";
import { stationKey } from "../../shared/store/keys.ts";
import type { RawStation } from "../support/raw-station.ts";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";

let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

const short = { headers: { prefer: "wait=1" } };
const itemOf = async (identity: string) =>
  (await relay.table.get<StationItem>(stationKey(cpIdOf("default", identity)))) as StationItem;
const stateOf = async (commandId: string) => (await relay.get(`/remote_commands/${commandId}`)).body;

/** The next CALL that reaches a station. */
async function nextCall(station: RawStation) {
  const [type, messageId, action, payload] = await station.next();
  expect(type).toBe(2);
  return { messageId, action, payload };
}

describe("a station that never answers", () => {
  it("is a 504 with Location, and its late answer completes the command and disturbs nothing", async () => {
    const station = await relay.rawStation("late");
    const first = relay.command("late", "reset", { type: "Soft" }, short);
    const one = await nextCall(station);
    const { status, body, headers } = await first;
    expect(status).toBe(504);
    expect(body).toMatchObject({ ocppMessageId: one.messageId, waitedSeconds: 1 });
    const location = headers.get("location") as string;
    expect((await relay.get(location)).body).toMatchObject({ state: "timedOut", problem: { status: 504 } });

    station.send([3, one.messageId, { status: "Accepted" }]);
    const late = await until(async () => {
      const { body: command } = await relay.get(location);
      return command.state === "answered" && command;
    });

    expect(late).toMatchObject({ late: true, calls: [{ response: { status: "Accepted" } }] });
    expect(late).not.toHaveProperty("problem");
  });

  it("keeps its lane until the answer or 30 s, so that it never has two CALLs", async () => {
    const station = await relay.rawStation("lane-held");
    const first = relay.command("lane-held", "reset", { type: "Soft" }, short);
    const one = await nextCall(station);
    expect((await first).status).toBe(504);

    const second = relay.command("lane-held", "get_configuration", { keys: ["A"] });
    await until(async () => (await itemOf("lane-held")).lane.length === 2);
    expect(station.unread).toEqual([]);
    station.send([3, one.messageId, { status: "Accepted" }]);
    const two = await nextCall(station);
    station.send([3, two.messageId, { unknownKey: ["A"] }]);

    expect((await second).body).toMatchObject({ commandId: two.messageId, unknownKeys: ["A"] });
  });

  it("is shown as unresponsive after several time-outs in a row, until it answers", async () => {
    const station = await relay.rawStation("zombie");
    for (let n = 0; n < 3; n++) {
      const request = relay.command("zombie", "reset", { type: "Soft" }, short);
      await nextCall(station);
      expect((await request).status).toBe(504);
      await relay.table.update({
        key: stationKey(cpIdOf("default", "zombie")),
        update: "SET lane[0].expiresAtMs = :past",
        values: { ":past": 0 },
      });
    }
    expect((await relay.get("/stations/zombie")).body.connection).toMatchObject({ unresponsive: true });

    const request = relay.command("zombie", "reset", { type: "Soft" });
    const { messageId } = await nextCall(station);
    station.send([3, messageId, { status: "Accepted" }]);

    expect((await request).status).toBe(200);
    expect((await relay.get("/stations/zombie")).body.connection).not.toHaveProperty("unresponsive");
  });
});

describe("answers that are not what was asked for", () => {
  it("of a late CALL do not free the lane of the next one, nor become its result", async () => {
    const station = await relay.rawStation("crossed");
    const first = relay.command("crossed", "reset", { type: "Soft" }, short);
    const one = await nextCall(station);
    await first;
    await relay.table.update({
      key: stationKey(cpIdOf("default", "crossed")),
      update: "SET lane[0].expiresAtMs = :past",
      values: { ":past": 0 },
    });
    const second = relay.command("crossed", "reset", { type: "Hard" });
    const two = await nextCall(station);

    station.send([3, one.messageId, { status: "Rejected" }]);
    await until(async () => (await stateOf(one.messageId)).state === "answered");
    expect((await itemOf("crossed")).lane.map(({ messageId }) => messageId)).toEqual([two.messageId]);
    station.send([3, two.messageId, { status: "Accepted" }]);

    expect((await second).body).toMatchObject({ status: "Accepted", ocppMessageId: two.messageId });
  });

  it("with an unknown id are never answered, and end nothing", async () => {
    const station = await relay.rawStation("wrong-id");
    const request = relay.command("wrong-id", "reset", { type: "Soft" });
    const { messageId } = await nextCall(station);

    station.send([3, randomUUID(), { status: "Rejected" }]);
    station.send([4, "never-asked", "InternalError", "", {}]);
    station.send([2, "after", "Heartbeat", {}]);
    expect(await station.next()).toEqual([3, "after", { currentTime: expect.any(String) }]);
    expect((await stateOf(messageId)).state).toBe("sent");
    station.send([3, messageId, { status: "Accepted" }]);

    expect((await request).body.status).toBe("Accepted");
  });

  it("that come twice count once", async () => {
    const station = await relay.rawStation("twice");
    const request = relay.command("twice", "reset", { type: "Soft" });
    const { messageId } = await nextCall(station);
    station.send([3, messageId, { status: "Accepted" }]);
    expect((await request).body.status).toBe("Accepted");

    station.send([3, messageId, { status: "Rejected" }]);
    station.send([2, "after", "Heartbeat", {}]);
    await station.next();

    expect((await stateOf(messageId)).calls[0].response).toEqual({ status: "Accepted" });
  });

  it("to another station's CALL are of no account", async () => {
    const station = await relay.rawStation("owner");
    const thief = await relay.rawStation("thief");
    const request = relay.command("owner", "reset", { type: "Soft" });
    const { messageId } = await nextCall(station);

    thief.send([3, messageId, { status: "Rejected" }]);
    thief.send([2, "after", "Heartbeat", {}]);
    await thief.next();
    station.send([3, messageId, { status: "Accepted" }]);

    expect((await request).body.status).toBe("Accepted");
  });
});

describe("connections that end and begin", () => {
  it("fail the CALL that was out at once, not at its deadline", async () => {
    const station = await relay.rawStation("lost");
    const request = relay.command("lost", "reset", { type: "Hard" });
    const { messageId } = await nextCall(station);

    await station.close({ abrupt: true });

    const { status, body } = await request;
    expect(status).toBe(502);
    expect(body).toMatchObject({
      type: "https://ocpp-relay.dev/problems/connection-lost",
      ocppMessageId: messageId,
    });
    const { state, requestedAt, completedAt } = await stateOf(messageId);
    expect(state).toBe("connectionLost");
    expect(Date.parse(completedAt) - Date.parse(requestedAt)).toBeLessThan(20_000);
  });

  it("tell that a full configuration may be too large for one frame", async () => {
    const station = await relay.rawStation("large");
    const request = relay.command("large", "get_configuration", {});
    const { messageId } = await nextCall(station);

    station.send([3, messageId, { unknownKey: ["x".repeat(33 * 1024)] }]);

    expect((await station.closed).code).toBe(1009);
    const { status, body } = await request;
    expect(status).toBe(502);
    expect(body.detail).toContain("in groups");
  });

  it("fail the CALL of the old connection when a new one takes over", async () => {
    const old = await relay.rawStation("takeover");
    const request = relay.command("takeover", "reset", { type: "Soft" });
    await nextCall(old);

    const fresh = await relay.connectRaw("takeover", old.password);

    expect((await request).status).toBe(502);
    await old.closed;
    const next = relay.command("takeover", "reset", { type: "Soft" });
    const { messageId } = await nextCall(fresh);
    fresh.send([3, messageId, { status: "Accepted" }]);
    expect((await next).status).toBe(200);
  });

  it("keep the new one when the old one's end is reported late", async () => {
    const old = await relay.rawStation("late-end");
    const before = (await itemOf("late-end")).connection?.connectionId as string;
    const fresh = await relay.connectRaw("late-end", old.password);
    await old.closed;

    await endConnection(
      { table: relay.table, clock: { now: Date.now, sleep: () => Promise.resolve() } },
      cpIdOf("default", "late-end"),
      before,
    );

    const request = relay.command("late-end", "reset", { type: "Soft" });
    const { messageId } = await nextCall(fresh);
    fresh.send([3, messageId, { status: "Accepted" }]);
    expect((await request).status).toBe(200);
  });

  it("let a command that was queued go out on the new one", async () => {
    const old = await relay.rawStation("queued-over");
    const first = relay.command("queued-over", "reset", { type: "Soft" });
    await nextCall(old);
    const second = relay.command("queued-over", "get_configuration", { keys: ["A"] });
    await until(async () => (await itemOf("queued-over")).lane.length === 2);

    const fresh = await relay.connectRaw("queued-over", old.password);

    expect((await first).status).toBe(502);
    const { messageId } = await nextCall(fresh);
    fresh.send([3, messageId, { unknownKey: ["A"] }]);
    expect((await second).body.unknownKeys).toEqual(["A"]);
  });

  it("take a command that comes right after the handshake", async () => {
    const password = await relay.register("early");
    const connecting = relay.connectRaw("early", password);
    const request = until(async () => {
      const answer = await relay.command("early", "reset", { type: "Soft" });
      return answer.status !== 409 && answer;
    });
    const station = await connecting;
    const { messageId } = await nextCall(station);
    station.send([3, messageId, { status: "Accepted" }]);

    expect((await request).status).toBe(200);
  });
});

describe("CALLs that cross", () => {
  it("are both answered, the station's even before its own answer to ours", async () => {
    const station = await relay.rawStation("crossing");
    const request = relay.command("crossing", "reset", { type: "Soft" });
    const { messageId } = await nextCall(station);

    station.send([2, "auth", "Authorize", { idTag: "TAG" }]);
    expect(await station.next()).toEqual([3, "auth", { idTagInfo: { status: "Accepted" } }]);
    station.send([2, "boot", "BootNotification", { chargePointVendor: "V", chargePointModel: "M" }]);
    expect((await station.next())[2]).toMatchObject({ status: "Accepted" });
    station.send([3, messageId, { status: "Accepted" }]);

    expect((await request).status).toBe(200);
  });
});

describe("a station that is reset while commands queue", () => {
  it("comes back, and nothing is stuck", async () => {
    const password = await relay.register("rebooting");
    const station: Station = await connectStation({
      url: `${relay.local.stationUrl}/ocpp`,
      identity: "rebooting",
      password,
      stepMs: 10,
    });

    expect((await relay.command("rebooting", "reset", { type: "Hard" })).body.status).toBe("Accepted");
    const answer = await until(async () => {
      const { status, body } = await relay.command("rebooting", "get_configuration", {
        keys: ["HeartbeatInterval"],
      });
      return status === 200 && body;
    });

    expect(answer.configurationKeys).toHaveLength(1);
    await station.close();
  });
});
