/** Every command, once per version of OCPP: the same requests and the same expectations. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callError, NO_ANSWER, type Payload, type StationOptions } from "../../local/stations/station.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import { type AttemptsUnderTest, startAttempts } from "../support/attempts.ts";
import { until } from "../support/relay.ts";
import { aChargingProfile, type VersionWords, versions } from "../support/versions.ts";

let relay: AttemptsUnderTest;

beforeAll(async () => {
  relay = await startAttempts();
});
afterAll(() => relay.stop());

type Handled = Parameters<NonNullable<StationOptions["handlers"]>[string]>[0];

const respondAsync = { headers: { prefer: "respond-async" } };

describe.each(versions)("$protocol", (version: VersionWords) => {
  const { protocol, keys, actions } = version;

  /** Names are this version's own, since all of them share one relay. */
  const named = (name: string) => `${name}-${protocol}`;

  const connect = (name: string, options: Partial<StationOptions> = {}, about: object = {}) =>
    relay.station(named(name), { protocol, ...options }, about);

  const changes = (...names: (keyof VersionWords["keys"])[]) => ({
    configurations: names.map((name) => ({ key: keys[name], value: "61" })),
  });

  describe("get_configuration (TC_019, TC_B_06)", () => {
    it("answers with the keys that were asked for, and with those the station does not know", async () => {
      await connect("get-keys");

      const { status, body } = await relay.command(named("get-keys"), "get_configuration", {
        keys: [keys.heartbeat, keys.unknown],
      });

      expect(status).toBe(200);
      expect(body).toEqual({
        commandId: expect.any(String),
        ocppMessageIds: [body.commandId],
        configurationKeys: [{ key: keys.heartbeat, readonly: false, value: "300" }],
        unknownKeys: [keys.unknown],
      });
    });

    it("answers with everything where no keys are named, with or without a body (TC_B_12)", async () => {
      await connect("get-all");

      const without = await relay.command(named("get-all"), "get_configuration");
      const empty = await relay.command(named("get-all"), "get_configuration", { keys: [] });

      expect(without.body.configurationKeys.length).toBeGreaterThan(35);
      expect(empty.body.configurationKeys).toEqual(without.body.configurationKeys);
      expect(without.body.unknownKeys).toEqual([]);
      const answered = (key: string) =>
        without.body.configurationKeys.find((each: { key: string }) => each.key === key);
      expect(answered(keys.heartbeat)).toEqual({ key: keys.heartbeat, value: "300", readonly: false });
      expect(answered(keys.readonly)).toMatchObject({ readonly: true, value: expect.any(String) });
      expect(answered(keys.password)).toEqual({ key: keys.password, readonly: false });
    });

    it("is stored, and read without the station", async () => {
      const station = await connect("get-stored");
      await relay.command(named("get-stored"), "get_configuration", {});
      await relay.command(named("get-stored"), "change_configurations", {
        configurations: [{ key: keys.heartbeat, value: "77" }],
      });
      await station.disconnect();

      const { status, body } = await relay.get(`/stations/${named("get-stored")}/configuration`);

      expect(status).toBe(200);
      const stored = (key: string) =>
        body.configurationKeys.find((each: { key: string }) => each.key === key);
      const updatedAt = expect.any(String);
      expect(stored(keys.heartbeat)).toEqual({
        key: keys.heartbeat,
        value: "77",
        readonly: false,
        updatedAt,
      });
      expect(stored(keys.readonly)).toMatchObject({ readonly: true });
      expect(body.configurationKeys.length).toBeGreaterThan(35);
    });

    it("keeps what is known of a key when it is asked for by name", async () => {
      await connect("get-again");
      await relay.command(named("get-again"), "get_configuration", {});
      await relay.command(named("get-again"), "get_configuration", { keys: [keys.readonly] });

      const { body } = await relay.get(`/stations/${named("get-again")}/configuration`);

      const stored = body.configurationKeys.find(({ key }: { key: string }) => key === keys.readonly);
      expect(stored.readonly).toBe(true);
    });

    it("takes the cpId as well as the identity", async () => {
      await connect("by-id");

      const { status } = await relay.command(cpIdOf("default", named("by-id")), "get_configuration", {});

      expect(status).toBe(200);
    });
  });

  describe("change_configurations (TC_021, TC_040, TC_B_09)", () => {
    it("gives each key the station's own status, in the order of the request", async () => {
      const station = await connect("change");

      const { status, body } = await relay.command(
        named("change"),
        "change_configurations",
        changes("heartbeat", "atReboot", "readonly", "unknown"),
      );

      expect(status).toBe(200);
      const ocppMessageId = expect.any(String);
      expect(body.results).toEqual([
        { key: keys.heartbeat, status: "Accepted", ocppMessageId },
        { key: keys.atReboot, status: "RebootRequired", ocppMessageId },
        { key: keys.readonly, status: "Rejected", ocppMessageId },
        { key: keys.unknown, status: version.unknownStatus, ocppMessageId },
      ]);
      expect(body.results[0].ocppMessageId).toBe(body.commandId);
      expect(station.maxOutstanding).toBe(1);
    });

    /** A station that takes one key a CALL, as every one of 1.6 does, and that is known to. */
    async function connectOneByOne(name: string, answer: (call: Handled, key: string) => unknown) {
      const station = await connect(name, {
        ...(protocol !== "ocpp1.6" && {
          configuration: { "DeviceDataCtrlr.ItemsPerMessage[SetVariables]": "1" },
        }),
        handlers: {
          [actions.change]: (call) => answer(call, version.keysOf(call)[0] as string) as never,
        },
      });
      await relay.command(named(name), "get_configuration");
      return station;
    }

    it("goes on after a key that fails, which carries its own error", async () => {
      await connectOneByOne("change-error", (call, key) => {
        if (key === keys.timeout) throw callError("InternalError", "disk full", { free: 0 });
        return call.standard();
      });

      const { status, body } = await relay.command(
        named("change-error"),
        "change_configurations",
        changes("heartbeat", "timeout", "another"),
      );

      expect(status).toBe(200);
      expect(body.results.map((result: { status?: string }) => result.status)).toEqual([
        "Accepted",
        undefined,
        "Accepted",
      ]);
      expect(body.results[1].error).toMatchObject({ status: 502, errorCode: "InternalError" });
    });

    it("tells at the deadline what got done, and sends no further key", async () => {
      const station = await connectOneByOne("change-slow", (call, key) =>
        key === keys.timeout ? NO_ANSWER : call.standard(),
      );

      const { status, body, headers } = await relay.command(
        named("change-slow"),
        "change_configurations",
        changes("heartbeat", "timeout", "another"),
        { headers: { prefer: "wait=1" } },
      );

      expect(status).toBe(504);
      expect(body.type).toBe("https://ocpp-relay.dev/problems/station-timeout");
      expect(body.results).toEqual([
        { key: keys.heartbeat, status: "Accepted", ocppMessageId: expect.any(String) },
      ]);
      expect(headers.get("location")).toMatch(/^\/remote_commands\//);
      const sent = station.calls.filter(({ action }) => action === actions.change);
      expect(sent.flatMap((call) => version.keysOf(call))).toEqual([keys.heartbeat, keys.timeout]);
      const command = await relay.get(headers.get("location") as string);
      expect(command.body).toMatchObject({ command: "change_configurations", state: "timedOut" });
      expect(command.body.calls).toHaveLength(2);
    });
  });

  describe("reset (TC_013, TC_014, TC_B_20)", () => {
    it.each(["Hard", "Soft"] as const)("%s comes through with the station's word", async (type) => {
      const name = `reset-${type}`;
      const station = await connect(name);

      const { status, body } = await relay.command(named(name), "reset", { type });

      expect(status).toBe(200);
      expect(body).toEqual({
        commandId: expect.any(String),
        ocppMessageId: body.commandId,
        status: "Accepted",
      });
      expect((await station.received("Reset")).payload).toEqual(version.reset[type]);
    });

    it("that is refused is a 200", async () => {
      await connect("reset-refused", { handlers: { Reset: () => ({ status: "Rejected" }) } });

      const { status, body } = await relay.command(named("reset-refused"), "reset", { type: "Soft" });

      expect([status, body.status]).toEqual([200, "Rejected"]);
    });
  });

  describe("unlock_connector (TC_017, TC_018, TC_031, TC_F_05)", () => {
    const path = (name: string, evseId: number) =>
      `unlock_connector/${connectorUuidOf(cpIdOf("default", named(name)), evseId, 1)}`;

    it("unlocks the connector of this UUID", async () => {
      const station = await connect("unlock");

      const { status, body } = await relay.command(named("unlock"), path("unlock", 2));

      expect([status, body.status]).toEqual([200, "Unlocked"]);
      expect((await station.received("UnlockConnector")).payload).toEqual(version.unlock);
    });

    it("that fails is a 200", async () => {
      await connect("unlock-faulty", { faultyConnectors: [1] });

      const { status, body } = await relay.command(named("unlock-faulty"), path("unlock-faulty", 1));

      expect([status, body.status]).toEqual([200, "UnlockFailed"]);
    });

    it("of a connector that the station does not have is 404, even when it is offline", async () => {
      const station = await connect("unlock-unknown");
      const identity = named("unlock-unknown");

      const online = await relay.command(identity, path("unlock-unknown", 9));
      await station.disconnect();
      const offline = await until(async () => {
        const { body } = await relay.get(`/stations/${identity}`);
        return !body.connection.connected && relay.command(identity, path("unlock-unknown", 9));
      });

      expect([online.status, offline.status]).toEqual([404, 404]);
    });
  });

  describe("a remote start and stop (TC_010, TC_011, TC_012, TC_F_01, TC_F_02)", () => {
    it("goes from pending to stopped by the station's word", async () => {
      const identity = named("start");
      const station = await connect("start");
      const connectorUuid = connectorUuidOf(cpIdOf("default", identity), 2, 1);

      const { status, body } = await relay.attempt({ cpId: identity, connectorUuid, idTag: "TAG" });

      expect(status).toBe(201);
      const call = await station.received(actions.start);
      expect(call.messageId).toBe(body.id);
      expect(call.payload).toMatchObject(version.start);
      const started = await relay.becomes(body.id, "started");
      expect(started).toMatchObject({ stationStatus: "Accepted", transactionId: expect.any(String) });

      const stop = await relay.remoteStop({ remoteStartAttemptId: body.id });

      expect(stop.status).toBe(202);
      expect((await relay.reference(stop.headers.get("location"))).status).toBe("Accepted");
      expect(String((await station.received(actions.stop)).payload.transactionId)).toBe(
        started.transactionId,
      );
      const stopped = await relay.becomes(body.id, "stopped");
      const { body: list } = await relay.get(`/stations/${identity}/transactions`);
      expect(list.items).toEqual([
        {
          id: expect.any(String),
          cpId: cpIdOf("default", identity),
          transactionId: started.transactionId,
          connectorUuid,
          idTag: "TAG",
          startedAt: expect.any(String),
          meterStart: expect.any(Number),
          stoppedAt: stopped.stoppedAt,
          meterStop: expect.any(Number),
          reason: "Remote",
          remoteStartAttemptId: body.id,
        },
      ]);
    });

    it("that the station refuses is rejected (TC_026)", async () => {
      await connect("refuse", { handlers: { [actions.start]: () => ({ status: "Rejected" }) } });

      const { body } = await relay.attempt({ cpId: named("refuse"), idTag: "TAG" });

      expect(await relay.becomes(body.id, "rejected")).toMatchObject({ stationStatus: "Rejected" });
    });

    it("waits for a station that is offline, its charging profile too", async () => {
      const identity = named("start-later");
      const password = await relay.register(identity);
      const { body } = await relay.attempt({
        cpId: identity,
        idTag: "TAG",
        chargingProfile: aChargingProfile,
      });
      expect(body).toMatchObject({ state: "pending", chargingProfile: aChargingProfile });

      const station = await relay.connectRaw(identity, password, [protocol]);

      const [, messageId, action, payload] = await station.next();
      expect([messageId, action]).toEqual([body.id, actions.start]);
      expect(payload).toMatchObject({ chargingProfile: version.chargingProfile });
    });

    it("names a group of tokens in 2.x, and is refused in 1.6, at once or when the station connects", async () => {
      const identity = named("start-group");
      const password = await relay.register(identity);
      const start = { cpId: identity, idTag: "TAG", groupIdTag: "FLEET" };
      const pending = await relay.attempt(start);

      const station = await relay.connectRaw(identity, password, [protocol]);

      if (protocol === "ocpp1.6") {
        expect(await relay.becomes(pending.body.id, "failed")).toMatchObject({
          groupIdTag: "FLEET",
          problem: { status: 422, protocol, action: actions.start },
        });
        const { status, body } = await relay.attempt(start);
        expect([status, body.type]).toEqual([
          422,
          "https://ocpp-relay.dev/problems/not-supported-by-protocol",
        ]);
        expect(station.unread).toEqual([]);
      } else {
        const [, , , payload] = await station.next();
        expect(payload).toMatchObject({ groupIdToken: { idToken: "FLEET", type: "Central" } });
      }
    });
  });

  describe("clear_cache (TC_061, TC_C_37)", () => {
    it.each(["Accepted", "Rejected"])("%s is the station's word", async (word) => {
      const name = `cache-${word}`;
      await connect(name, { handlers: { ClearCache: () => ({ status: word }) } });

      const { status, headers } = await relay.post(
        `/remote_commands/asynchronous/${named(name)}/clear_cache`,
      );

      expect(status).toBe(202);
      expect((await relay.reference(headers.get("location"))).status).toBe(word);
    });
  });

  describe("get_log and update_firmware", () => {
    const is16 = protocol === "ocpp1.6";
    const location = "https://files.example.com/";
    const begin = (name: string, command: string, body: object) =>
      relay.post(`/remote_commands/asynchronous/${named(name)}/${command}`, body);

    it("get_log is fed by the notifications of its upload, over a reconnect", async () => {
      const answer = is16 ? { fileName: "a.log" } : { status: "Accepted", filename: "a.log" };
      const action = is16 ? "GetDiagnostics" : "GetLog";
      const station = await connect("log", { handlers: { [action]: () => answer } });
      const notify = (status: string, requestId?: unknown) =>
        is16
          ? station.call("DiagnosticsStatusNotification", { status })
          : station.call("LogStatusNotification", { status, requestId });

      const { status, headers } = await begin("log", "get_log", { log: "diagnostics", location, retries: 2 });
      expect(status).toBe(202);
      const answered = await relay.reference(headers.get("location"));
      const { payload } = await station.received(action);
      await notify("Uploading", payload.requestId);
      await station.disconnect();
      await station.connect();
      await notify("Uploaded", payload.requestId);
      await notify("Uploading", payload.requestId);

      expect(answered).toMatchObject({ status: "Accepted", fileName: "a.log", history: [] });
      expect(payload).toEqual(
        is16
          ? { location, retries: 2 }
          : {
              logType: "DiagnosticsLog",
              requestId: expect.any(Number),
              retries: 2,
              log: { remoteLocation: location },
            },
      );
      const { body } = await relay.get(headers.get("location") as string);
      expect(body.status).toBe("Uploaded");
      expect(body.history.map((each: { status: string }) => each.status)).toEqual([
        "Uploading",
        "Uploaded",
        "Uploading",
      ]);
    });

    it("update_firmware has the version that the station boots with", async () => {
      const station = await connect("firmware", {
        handlers: { UpdateFirmware: () => (is16 ? {} : { status: "Accepted" }) },
      });
      const { headers } = await begin("firmware", "update_firmware", { location });
      await relay.reference(headers.get("location"));
      const { requestId } = (await station.received("UpdateFirmware")).payload;
      const notify = (status: string) =>
        station.call("FirmwareStatusNotification", { status, ...(!is16 && { requestId }) });
      for (const status of ["Downloading", "Downloaded", "Installing"]) await notify(status);
      await station.disconnect();
      await station.connect();
      const boot = { chargePointVendor: "v", chargePointModel: "m", firmwareVersion: "2.0" };
      const boot2 = {
        reason: "FirmwareUpdate",
        chargingStation: { vendorName: "v", model: "m", firmwareVersion: "2.0" },
      };
      await station.call("BootNotification", is16 ? boot : boot2);
      await notify("Installed");

      const { body } = await relay.get(headers.get("location") as string);
      expect(body).toMatchObject({ status: "Installed", firmwareVersion: "2.0" });
      expect(body.history.map((each: { status: string }) => each.status)).toEqual([
        "Downloading",
        "Downloaded",
        "Installing",
        "Installed",
      ]);
    });

    it("sends a location with a password without queueing it, and stores it masked", async () => {
      const action = is16 ? "GetDiagnostics" : "GetLog";
      const answer = is16 ? { fileName: "a.log" } : { status: "Accepted" };
      const station = await connect("log-secret", { handlers: { [action]: () => answer } });
      const secret = "ftp://user:hush-4711@files.example.com/";
      const { headers } = await begin("log-secret", "get_log", { log: "diagnostics", location: secret });
      const { payload } = await station.received(action);
      const { referenceId } = await relay.reference(headers.get("location"));
      const { body } = await relay.get(`/remote_commands/${referenceId}`);

      expect(JSON.stringify(payload)).toContain("hush-4711");
      expect(JSON.stringify(body)).not.toContain("hush-4711");
      expect(JSON.stringify(body)).toContain("ftp://user:***@files.example.com/");
    });
  });

  describe("a CALLERROR", () => {
    it("is a 502 with its code, description and details", async () => {
      await connect("call-error", {
        handlers: {
          Reset: () => {
            throw callError("InternalError", "the relay is stuck", { relay: 2 });
          },
        },
      });

      const { status, body, headers } = await relay.command(named("call-error"), "reset", { type: "Hard" });

      expect(status).toBe(502);
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(body).toMatchObject({
        type: "https://ocpp-relay.dev/problems/station-call-error",
        status: 502,
        instance: `/remote_commands/synchronous/${named("call-error")}/reset`,
        errorCode: "InternalError",
        errorDescription: "the relay is stuck",
        errorDetails: { relay: 2 },
        ocppMessageId: expect.any(String),
      });
    });
  });

  describe("an answer that breaks its schema", () => {
    it("is a 502 that says where", async () => {
      const identity = named("bad-answer");
      const station = await relay.connectRaw(identity, await relay.register(identity), [protocol]);
      const pending = relay.command(identity, "reset", { type: "Hard" });
      const [, messageId] = await station.next();

      station.send([3, messageId, { status: "Perhaps" }]);

      const { status, body } = await pending;
      expect(status).toBe(502);
      expect(body).toMatchObject({
        type: "https://ocpp-relay.dev/problems/invalid-station-answer",
        errors: [{ pointer: "/status", detail: expect.any(String) }],
        ocppMessageId: messageId,
      });
    });
  });

  describe("Prefer: respond-async", () => {
    const whenAnswered = (location: string) =>
      until(async () => {
        const { body } = await relay.get(location);
        return body.state === "answered" && body;
      });

    it("answers 202 with the command, which completes by itself", async () => {
      await connect("async", { answerDelayMs: 200 });

      const accepted = await relay.command(named("async"), "reset", { type: "Soft" }, respondAsync);

      expect(accepted.status).toBe(202);
      expect(accepted.body).toMatchObject({ command: "reset", calls: [{ action: "Reset" }] });
      const location = accepted.headers.get("location") as string;
      expect(location).toBe(`/remote_commands/${accepted.body.commandId}`);
      expect((await whenAnswered(location)).calls[0].response).toEqual({ status: "Accepted" });
      await until(async () => (await relay.get("/networks/default")).body.inUse === 0);
    });

    it("is answered in full when the whole configuration has come", async () => {
      await connect("async-all");

      const accepted = await relay.command(named("async-all"), "get_configuration", {}, respondAsync);

      await whenAnswered(accepted.headers.get("location") as string);
      // it is stored while the answer is on its way already
      await until(
        async () =>
          (await relay.get(`/stations/${named("async-all")}/configuration`)).body.configurationKeys.length >
          35,
      );
    });

    it("says at once what can be said before anything is sent", async () => {
      await relay.register(named("async-offline"));

      const reset = { type: "Soft" };
      const offline = await relay.command(named("async-offline"), "reset", reset, respondAsync);
      const unknown = await relay.command(named("async-nobody"), "reset", reset, respondAsync);

      expect([offline.status, unknown.status]).toEqual([409, 404]);
    });

    it("changes several keys, one CALL at a time", async () => {
      const station = await connect("async-many");

      const accepted = await relay.command(
        named("async-many"),
        "change_configurations",
        changes("heartbeat", "timeout"),
        respondAsync,
      );

      const { calls } = await whenAnswered(accepted.headers.get("location") as string);
      const changed = calls.flatMap(({ request }: { request: Payload }) =>
        version.keysOf({ payload: request }),
      );
      expect(changed).toEqual([keys.heartbeat, keys.timeout]);
      expect(station.maxOutstanding).toBe(1);
    });
  });

  describe("a legacy station", () => {
    const link = { link: "legacy" };

    it("is sent the CALL, and the response comes at once without its answer", async () => {
      const identity = named("legacy");
      const station = await connect("legacy", { answerDelayMs: 300 }, link);

      const { status, body } = await relay.command(identity, "get_configuration", { keys: [keys.heartbeat] });

      expect(status).toBe(200);
      expect(body).toEqual({ commandId: body.commandId, ocppMessageIds: [body.commandId] });
      const call = await station.received(actions.get);
      expect(call.answeredAtMs).toBeUndefined();
      expect((await relay.get("/networks/default")).body.inUse).toBe(0);
      const configuration = await until(async () => {
        const { body: stored } = await relay.get(`/stations/${identity}/configuration`);
        return stored.configurationKeys?.length === 1 && stored;
      });
      expect(configuration.configurationKeys[0]).toMatchObject({ key: keys.heartbeat, value: "300" });
      expect((await relay.get(`/remote_commands/${body.commandId}`)).body.state).toBe("answered");
    });

    it("gives its whole configuration, too, when it comes to it", async () => {
      const identity = named("legacy-all");
      await connect("legacy-all", { answerDelayMs: 100 }, link);

      const { status, body } = await relay.command(identity, "get_configuration");

      expect(status).toBe(200);
      expect(body).toEqual({ commandId: body.commandId, ocppMessageIds: [body.commandId] });
      await until(async () => {
        const { body: stored } = await relay.get(`/stations/${identity}/configuration`);
        return stored.configurationKeys?.length > 35;
      });
    });

    it("gets several keys one CALL after the other, long after the response", async () => {
      const station = await connect("legacy-many", { answerDelayMs: 100 }, link);

      const { status, body } = await relay.command(
        named("legacy-many"),
        "change_configurations",
        changes("heartbeat", "timeout"),
      );

      expect(status).toBe(200);
      expect(body.results).toEqual([
        { key: keys.heartbeat, ocppMessageId: body.commandId },
        { key: keys.timeout, ocppMessageId: expect.any(String) },
      ]);
      const ids = [...new Set(body.results.map((result: { ocppMessageId: string }) => result.ocppMessageId))];
      const last = await station.received(actions.change, ids.length);
      expect(last.messageId).toBe(ids.at(-1));
      expect(station.maxOutstanding).toBe(1);
    });
  });
});
