import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { App } from "aws-cdk-lib";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { functionsOf } from "../../local/lambda/definitions.ts";
import { loadAssembly } from "../../local/template.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import type { StationItem } from "../../shared/store/items.ts";
import { stationKey } from "../../shared/store/keys.ts";
import { type AttemptsUnderTest, startAttempts } from "../support/attempts.ts";
import { putReleased, released } from "../support/old-items.ts";
import { UpgradeRefused } from "../support/raw-station.ts";
import { answersByRoute, until } from "../support/relay.ts";
import { stackOf } from "../support/stack.ts";

/** Invokes a function by its construct id, as a service does that was set up by an earlier version. */
async function invoke(relay: AttemptsUnderTest, id: string, event: unknown, waits = true) {
  const { name = "" } = functionsOf(loadAssembly(inject("assembly"))).find((each) => each.id === id) ?? {};
  const client = new LambdaClient({
    endpoint: relay.local.endpoints.lambda,
    region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const { Payload } = await client.send(
    new InvokeCommand({
      FunctionName: name,
      InvocationType: waits ? "RequestResponse" : "Event",
      Payload: typeof event === "string" ? event : JSON.stringify(event),
    }),
  );
  client.destroy();
  return waits ? JSON.parse(Buffer.from(Payload ?? []).toString() || "null") : undefined;
}

describe("what version 0.1.0 has stored", () => {
  let relay: AttemptsUnderTest;
  const passwordOf = (identity: string) => `the-password-of-${identity}`;
  const cpId = (identity: string) => cpIdOf("default", identity);

  beforeAll(async () => {
    relay = await startAttempts({ cheapScrypt: false });
    await putReleased(relay.table, relay.passwords);
  });
  afterAll(() => relay.stop());

  it("can be read by every route", async () => {
    const { body: stations } = await relay.get("/stations");
    expect(stations.items.map(({ identity }: { identity: string }) => identity)).toEqual([
      "OLD-16",
      "OLD-201",
      "OLD-CERT",
      "OLD-OFF",
    ]);
    for (const { identity } of stations.items) {
      const read = async (what: string) => {
        const { status, body } = await relay.get(`/stations/${identity}${what}`);
        expect(status, JSON.stringify(body)).toBe(200);
        return body;
      };
      await read("");
      const { configurationKeys } = await read("/configuration");
      const { items: charges } = await read("/transactions");
      const { items: log } = await read("/communication_log?limit=500");
      for (const { entryId, commandId } of log) {
        await read(`/communication_log/${entryId}`);
        if (commandId) expect((await relay.get(`/remote_commands/${commandId}`)).status).toBe(200);
      }
      if (identity === "OLD-16") {
        expect(charges).toHaveLength(2);
        expect(log.length).toBeGreaterThan(10);
        expect(configurationKeys).toContainEqual(expect.objectContaining({ key: "BlinkRepeat", value: "4" }));
      }
    }
    expect((await relay.get("/rates/day")).body).toMatchObject({ currency: "EUR" });
    expect((await relay.get("/networks/default")).body).toMatchObject({ clients: ["demo"], inUse: 0 });
    expect((await relay.readAttempt(released.pendingAttempt)).body.state).toBe("pending");
    expect((await relay.readAttempt(released.runningAttempt)).body.state).toBe("started");
  });

  it("answers the repeat of a request", async () => {
    const connectorUuid = connectorUuidOf(cpId("OLD-201"), 1, 1);
    const { status, body } = await relay.command("OLD-201", `unlock_connector/${connectorUuid}`, undefined, {
      headers: { "idempotency-key": "a-key-of-0.1.0" },
    });
    expect({ status, body }).toEqual(released.once);
  });

  it("lets a station in, is completed by its late answer, and starts what waited for it", async () => {
    const station = await relay.connectRaw("OLD-OFF", passwordOf("OLD-OFF"));
    station.send([3, released.unanswered, { status: "Accepted" }]);
    await until(async () => (await relay.get(`/remote_commands/${released.unanswered}`)).body.late);

    const [, id, action] = await station.next();
    expect([action, id]).toEqual(["RemoteStartTransaction", released.pendingAttempt]);
    station.send([3, id, { status: "Accepted" }]);
    await relay.becomes(released.pendingAttempt, "accepted");
    await station.close();
  });

  it("takes a new password", async () => {
    const station = await relay.connectRaw("OLD-OFF", passwordOf("OLD-OFF"));
    const answered = relay.post("/stations/OLD-OFF/password", {});
    const [, id] = await station.next();
    station.send([3, id, { status: "Accepted" }]);
    const { password } = (await answered).body;
    await (await relay.connectRaw("OLD-OFF", password)).close();
    await expect(relay.connectRaw("OLD-OFF", passwordOf("OLD-OFF"))).rejects.toThrow(UpgradeRefused);
  });

  it("is stopped by the schedule that was made then", async () => {
    const schedule = released.schedules.find(({ name }) => name.startsWith("stop-"));
    const { password } = { password: passwordOf("OLD-16") };
    const station = await relay.connectRaw("OLD-16", password);
    relay.advance(31);
    await invoke(relay, "attempt-stop", schedule?.input ?? "", false);
    const [, id, action] = await station.next();
    expect(action).toBe("RemoteStopTransaction");
    station.send([3, id, { status: "Accepted" }]);
    await relay.becomes(released.runningAttempt, "stopping");
    await station.close();
  });

  it("is ended by the timer of an attempt that is over", async () => {
    const schedule = released.schedules.find(({ name }) => name.startsWith("expire-"));
    await invoke(relay, "attempt-expiry", schedule?.input ?? "");
    await relay.becomes(released.pendingAttempt, "expired");
  });

  it("goes on by the event that was on its way to the background", async () => {
    const station = await relay.connectRaw("OLD-201", passwordOf("OLD-201"), ["ocpp2.0.1"]);
    const now = Date.now() + 31 * 60_000;
    const commandId = "5a1c9d8e-2b3f-4c6d-8e7f-901234567890";
    const about = { commandId, command: "reset", cpId: cpId("OLD-201"), requestedAtMs: now };
    const run = { ...about, networks: ["default"], deadlineMs: now + 25_000 };
    const at = new Date(now).toISOString();
    await relay.table.put({
      pk: `CALL#${commandId}`,
      sk: run.cpId,
      gsi1pk: `LOG#${run.cpId}`,
      gsi1sk: `${at}#c.${commandId}`,
      ...about,
      networkId: "default",
      action: "Reset",
      request: '{"type":"OnIdle"}',
      deadlineMs: run.deadlineMs,
      direction: "toStation",
      entryId: `c.${commandId}`,
      ocppMessageId: commandId,
      atMs: now,
      state: "queued",
      expiresAt: Math.floor(now / 1000) + 86_400,
    });
    await invoke(
      relay,
      "background-command",
      { name: "reset", input: { type: "Soft" }, run, slotOf: "default" },
      false,
    );
    expect(await station.next()).toEqual([2, commandId, "Reset", { type: "OnIdle" }]);
    station.send([3, commandId, { status: "Accepted" }]);
    await until(async () => (await relay.get(`/remote_commands/${commandId}`)).body.state === "answered");
    await station.close();
  });

  it("is spoken for by a connection that was made then", async () => {
    const authorizer = {
      cpId: cpId("OLD-16"),
      networkId: "default",
      identity: "OLD-16",
      protocol: "ocpp1.6",
      principalId: cpId("OLD-16"),
      integrationLatency: 12,
    };
    const requestContext = {
      connectionId: "kept-over=",
      routeKey: "$default",
      eventType: "MESSAGE",
      authorizer,
    };
    // the answer is posted: it arrives on a socket that has the connection's id
    const socket = await relay.rawStation("SOCKET");
    const { connectionId } = (await relay.get("/stations/SOCKET")).body.connection;
    const { statusCode, body } = await invoke(relay, "station-message", {
      requestContext: { ...requestContext, connectionId },
      body: '[2,"beat","Heartbeat",{}]',
      isBase64Encoded: false,
    });
    expect(statusCode).toBe(200);
    const answer = answersByRoute ? JSON.parse(body) : await socket.next();
    expect(answer).toEqual([3, "beat", { currentTime: expect.any(String) }]);
    await socket.close();

    // and one whose $connect was on its way knows of no source
    await invoke(relay, "station-connect", {
      requestContext: { ...requestContext, routeKey: "$connect", eventType: "CONNECT" },
      headers: {},
    });
    const station = await relay.table.get<StationItem>(stationKey(cpId("OLD-16")));
    expect(station).toMatchObject({ connection: { connectionId: "kept-over=" }, lastSource: "127.0.0.1" });
  });
});

it("a stack that is deployed anew over its data finishes what was under way", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ocpp-relay-upgrade-"));
  const dataDir = join(folder, "data");
  const before = await startAttempts({ dataDir });
  const password = "the-password-kept-over";
  const auth = { type: "basic", password };
  await before.register("LATER", { auth });
  await before.register("RUNNING", { auth });
  const running = await before.connectRaw("RUNNING", password);
  const pending = await before.attempt({ cpId: "LATER", idTag: "DRIVER" });
  const attempt = await before.attempt({ cpId: "RUNNING", idTag: "DRIVER", stopMinutes: 5 });
  const [, id] = await running.next();
  running.send([3, id, { status: "Accepted" }]);
  const startedAt = new Date().toISOString();
  const transaction = { connectorId: 1, idTag: "DRIVER", meterStart: 0, timestamp: startedAt };
  running.send([2, "started", "StartTransaction", transaction]);
  await before.becomes(attempt.body.id, "started");
  await until(async () => (await before.schedules()).some((name) => name.startsWith("stop-")));
  // a password that the station has and has not shown yet, and a CALL without an answer
  const changed = before.post("/stations/RUNNING/password", { password: "taken-and-not-shown" });
  let frame = await running.next();
  while (frame[2] !== "ChangeConfiguration") frame = await running.next();
  running.send([3, frame[1], { status: "Accepted" }]);
  expect((await changed).status).toBe(200);
  const unanswered = await before.command(
    "RUNNING",
    "reset",
    { type: "Soft" },
    { headers: { prefer: "wait=1" } },
  );
  expect(unanswered.status).toBe(504);
  await before.stop();

  const app = stackOf({}, "ocpp-relay-prod").node.root as App;
  const after = await startAttempts({ dataDir, assembly: app.synth().directory });
  try {
    const later = await after.connectRaw("LATER", password);
    expect((await later.next()).slice(1, 3)).toEqual([pending.body.id, "RemoteStartTransaction"]);

    const again = await after.connectRaw("RUNNING", "taken-and-not-shown");
    await expect(after.connectRaw("RUNNING", password)).rejects.toThrow(UpgradeRefused);
    again.send([3, unanswered.body.ocppMessageId, { status: "Accepted" }]);
    const reset = `/remote_commands/${unanswered.body.ocppMessageId}`;
    await until(async () => (await after.get(reset)).body.late);
    after.advance(6);
    const [, stop, action] = await again.next();
    expect(action).toBe("RemoteStopTransaction");
    again.send([3, stop, { status: "Accepted" }]);
    await after.becomes(attempt.body.id, "stopping");
  } finally {
    await after.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
