import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callError, NO_ANSWER } from "../../local/stations/station.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";

let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

describe("get_configuration (TC_019)", () => {
  it("answers with the keys that were asked for, and with those the station does not know", async () => {
    await relay.station("get-keys");

    const { status, body } = await relay.command("get-keys", "get_configuration", {
      keys: ["HeartbeatInterval", "NoSuchKey"],
    });

    expect(status).toBe(200);
    expect(body).toEqual({
      commandId: expect.any(String),
      ocppMessageIds: [body.commandId],
      configurationKeys: [{ key: "HeartbeatInterval", readonly: false, value: "300" }],
      unknownKeys: ["NoSuchKey"],
    });
  });

  it("answers with everything where no keys are named, with or without a body", async () => {
    await relay.station("get-all");

    const without = await relay.command("get-all", "get_configuration");
    const empty = await relay.command("get-all", "get_configuration", { keys: [] });

    expect(without.body.configurationKeys.length).toBeGreaterThan(35);
    expect(empty.body.configurationKeys).toEqual(without.body.configurationKeys);
    expect(without.body.unknownKeys).toEqual([]);
  });

  it("is stored, and read without the station", async () => {
    const station = await relay.station("get-stored");
    await relay.command("get-stored", "get_configuration", {});
    await relay.command("get-stored", "change_configurations", {
      configurations: [{ key: "HeartbeatInterval", value: "77" }],
    });
    await station.disconnect();

    const { status, body } = await relay.get("/stations/get-stored/configuration");

    expect(status).toBe(200);
    const stored = body.configurationKeys.find(({ key }: { key: string }) => key === "HeartbeatInterval");
    expect(stored).toEqual({
      key: "HeartbeatInterval",
      value: "77",
      readonly: false,
      updatedAt: expect.any(String),
    });
    expect(body.configurationKeys.length).toBeGreaterThan(35);
  });

  it("takes the cpId as well as the identity", async () => {
    await relay.station("by-id");

    const { status } = await relay.command(cpIdOf("default", "by-id"), "get_configuration", {});

    expect(status).toBe(200);
  });
});

describe("change_configurations (TC_021, TC_040)", () => {
  it("sends one CALL per key, and gives each key's own status in the order of the request", async () => {
    const statuses: Record<string, string> = {
      A: "Accepted",
      B: "RebootRequired",
      C: "Rejected",
      D: "NotSupported",
    };
    const station = await relay.station("change", {
      handlers: { ChangeConfiguration: ({ payload }) => ({ status: statuses[payload.key as string] }) },
    });

    const { status, body } = await relay.command("change", "change_configurations", {
      configurations: Object.keys(statuses).map((key) => ({ key, value: "1" })),
    });

    expect(status).toBe(200);
    expect(body.results).toEqual(
      Object.entries(statuses).map(([key, status]) => ({ key, status, ocppMessageId: expect.any(String) })),
    );
    expect(body.results[0].ocppMessageId).toBe(body.commandId);
    expect(station.calls.filter(({ action }) => action === "ChangeConfiguration")).toHaveLength(4);
    expect(station.maxOutstanding).toBe(1);
  });

  it("goes on after a key that fails, which carries its own error", async () => {
    await relay.station("change-error", {
      handlers: {
        ChangeConfiguration: ({ payload }) => {
          if (payload.key === "B") throw callError("InternalError", "disk full", { free: 0 });
          return { status: "Accepted" };
        },
      },
    });

    const { status, body } = await relay.command("change-error", "change_configurations", {
      configurations: ["A", "B", "C"].map((key) => ({ key, value: "1" })),
    });

    expect(status).toBe(200);
    expect(body.results.map((result: { status?: string }) => result.status)).toEqual([
      "Accepted",
      undefined,
      "Accepted",
    ]);
    expect(body.results[1].error).toMatchObject({ status: 502, errorCode: "InternalError" });
  });

  it("tells at the deadline what got done, and sends no further key", async () => {
    const station = await relay.station("change-slow", {
      handlers: {
        ChangeConfiguration: ({ payload }) =>
          payload.key === "B" ? (NO_ANSWER as never) : { status: "Accepted" },
      },
    });

    const { status, body, headers } = await relay.command(
      "change-slow",
      "change_configurations",
      { configurations: ["A", "B", "C"].map((key) => ({ key, value: "1" })) },
      { headers: { prefer: "wait=1" } },
    );

    expect(status).toBe(504);
    expect(body.type).toBe("https://ocpp-relay.dev/problems/station-timeout");
    expect(body.results).toEqual([{ key: "A", status: "Accepted", ocppMessageId: expect.any(String) }]);
    expect(headers.get("location")).toMatch(/^\/remote_commands\//);
    expect(station.calls.map(({ payload }) => payload.key)).toEqual(["A", "B"]);
    const command = await relay.get(headers.get("location") as string);
    expect(command.body).toMatchObject({ command: "change_configurations", state: "timedOut" });
    expect(command.body.calls).toHaveLength(2);
  });
});

describe("reset (TC_013, TC_014)", () => {
  it.each(["Hard", "Soft"])("%s comes through with the station's word", async (type) => {
    const station = await relay.station(`reset-${type}`);

    const { status, body } = await relay.command(`reset-${type}`, "reset", { type });

    expect(status).toBe(200);
    expect(body).toEqual({
      commandId: expect.any(String),
      ocppMessageId: body.commandId,
      status: "Accepted",
    });
    expect((await station.received("Reset")).payload).toEqual({ type });
  });

  it("that is refused is a 200", async () => {
    await relay.station("reset-refused", { handlers: { Reset: () => ({ status: "Rejected" }) } });

    const { status, body } = await relay.command("reset-refused", "reset", { type: "Soft" });

    expect([status, body.status]).toEqual([200, "Rejected"]);
  });
});

describe("unlock_connector (TC_017, TC_018, TC_031)", () => {
  const connector = (identity: string, n: number) => connectorUuidOf(cpIdOf("default", identity), n, 1);

  it("unlocks the connector of this UUID", async () => {
    const station = await relay.station("unlock");

    const { status, body } = await relay.command("unlock", `unlock_connector/${connector("unlock", 2)}`);

    expect([status, body.status]).toEqual([200, "Unlocked"]);
    expect((await station.received("UnlockConnector")).payload).toEqual({ connectorId: 2 });
  });

  it("that fails is a 200", async () => {
    await relay.station("unlock-faulty", { faultyConnectors: [1] });

    const { status, body } = await relay.command(
      "unlock-faulty",
      `unlock_connector/${connector("unlock-faulty", 1)}`,
    );

    expect([status, body.status]).toEqual([200, "UnlockFailed"]);
  });

  it("of a connector that the station does not have is 404, even when it is offline", async () => {
    const station = await relay.station("unlock-unknown");
    const path = `unlock_connector/${connector("unlock-unknown", 9)}`;

    const online = await relay.command("unlock-unknown", path);
    await station.disconnect();
    const offline = await until(async () => {
      const { body } = await relay.get("/stations/unlock-unknown");
      return !body.connection.connected && relay.command("unlock-unknown", path);
    });

    expect([online.status, offline.status]).toEqual([404, 404]);
  });
});

describe("a CALLERROR", () => {
  it("is a 502 with its code, description and details", async () => {
    await relay.station("call-error", {
      handlers: {
        Reset: () => {
          throw callError("InternalError", "the relay is stuck", { relay: 2 });
        },
      },
    });

    const { status, body, headers } = await relay.command("call-error", "reset", { type: "Hard" });

    expect(status).toBe(502);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toMatchObject({
      type: "https://ocpp-relay.dev/problems/station-call-error",
      status: 502,
      instance: "/remote_commands/synchronous/call-error/reset",
      errorCode: "InternalError",
      errorDescription: "the relay is stuck",
      errorDetails: { relay: 2 },
      ocppMessageId: expect.any(String),
    });
  });
});

describe("an answer that breaks its schema", () => {
  it("is a 502 that says where", async () => {
    const station = await relay.rawStation("bad-answer");
    const pending = relay.command("bad-answer", "reset", { type: "Hard" });
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
  it("answers 202 with the command, which completes by itself", async () => {
    await relay.station("async", { answerDelayMs: 200 });

    const accepted = await relay.command(
      "async",
      "reset",
      { type: "Soft" },
      { headers: { prefer: "respond-async" } },
    );

    expect(accepted.status).toBe(202);
    expect(accepted.body).toMatchObject({ command: "reset", calls: [{ action: "Reset" }] });
    const location = accepted.headers.get("location") as string;
    expect(location).toBe(`/remote_commands/${accepted.body.commandId}`);
    const done = await until(async () => {
      const { body } = await relay.get(location);
      return body.state === "answered" && body;
    });
    expect(done.calls[0].response).toEqual({ status: "Accepted" });
    await until(async () => (await relay.get("/networks/default")).body.inUse === 0);
  });

  it("says at once what can be said before anything is sent", async () => {
    await relay.register("async-offline");

    const options = { headers: { prefer: "respond-async" } };
    const offline = await relay.command("async-offline", "reset", { type: "Soft" }, options);
    const unknown = await relay.command("async-nobody", "reset", { type: "Soft" }, options);

    expect([offline.status, unknown.status]).toEqual([409, 404]);
  });

  it("runs several CALLs one after the other", async () => {
    const station = await relay.station("async-many");

    const accepted = await relay.command(
      "async-many",
      "change_configurations",
      { configurations: ["HeartbeatInterval", "ConnectionTimeOut"].map((key) => ({ key, value: "60" })) },
      { headers: { prefer: "respond-async" } },
    );

    const done = await until(async () => {
      const { body } = await relay.get(accepted.headers.get("location") as string);
      return body.state === "answered" && body;
    });
    expect(done.calls.map(({ request }: { request: object }) => request)).toEqual([
      { key: "HeartbeatInterval", value: "60" },
      { key: "ConnectionTimeOut", value: "60" },
    ]);
    expect(station.maxOutstanding).toBe(1);
  });
});

describe("a legacy station", () => {
  it("is sent the CALL, and the response comes at once without its answer", async () => {
    const station = await relay.station("legacy", { answerDelayMs: 300 }, { link: "legacy" });

    const { status, body } = await relay.command("legacy", "get_configuration", {
      keys: ["HeartbeatInterval"],
    });

    expect(status).toBe(200);
    expect(body).toEqual({ commandId: body.commandId, ocppMessageIds: [body.commandId] });
    const call = await station.received("GetConfiguration");
    expect(call.answeredAtMs).toBeUndefined();
    expect((await relay.get("/networks/default")).body.inUse).toBe(0);
    const configuration = await until(async () => {
      const { body: stored } = await relay.get("/stations/legacy/configuration");
      return stored.configurationKeys?.length === 1 && stored;
    });
    expect(configuration.configurationKeys[0]).toMatchObject({ key: "HeartbeatInterval", value: "300" });
    expect((await relay.get(`/remote_commands/${body.commandId}`)).body.state).toBe("answered");
  });

  it("gets several keys one after the other, long after the response", async () => {
    const station = await relay.station("legacy-many", { answerDelayMs: 100 }, { link: "legacy" });

    const { status, body } = await relay.command("legacy-many", "change_configurations", {
      configurations: ["HeartbeatInterval", "ConnectionTimeOut"].map((key) => ({ key, value: "60" })),
    });

    expect(status).toBe(200);
    expect(body.results).toEqual([
      { key: "HeartbeatInterval", ocppMessageId: body.commandId },
      { key: "ConnectionTimeOut", ocppMessageId: expect.any(String) },
    ]);
    const second = await station.received("ChangeConfiguration", 2);
    expect(second.messageId).toBe(body.results[1].ocppMessageId);
    expect(station.maxOutstanding).toBe(1);
  });
});
