import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AttemptsUnderTest, startAttempts } from "../support/attempts.ts";
import { until } from "../support/relay.ts";

interface Line {
  readonly functionId: string;
  readonly commandId?: string;
  readonly [key: string]: unknown;
}

let relay: AttemptsUnderTest;
const lines: Line[] = [];

beforeAll(async () => {
  relay = await startAttempts({
    onLog: ({ functionId, source, text }) => {
      if (source === "function") lines.push({ functionId, ...JSON.parse(text) });
    },
  });
});
afterAll(() => relay.stop());

/** Polls until these functions have written a line about the command. @returns their last ones */
const linesOf = (commandId: string, functionIds: readonly string[]): Promise<Line[]> =>
  until(() => {
    const found = functionIds.map((functionId) =>
      lines.findLast((line) => line.commandId === commandId && line.functionId === functionId),
    );
    return found.every((line) => line !== undefined) && found;
  });

const metricsOf = (functionId: string, name: string): Line[] =>
  lines.filter((line) => line.functionId === functionId && line._aws !== undefined && name in line);

describe("the functions' logs", () => {
  it("are found by a command's id, in the function that sent it and in the one that took its answer in", async () => {
    // it answers the requests here before it reboots
    await relay.station("found", { stepMs: 1_000 });
    const { body, headers } = await relay.command("found", "reset", { type: "Soft" });
    const { connection, cpId } = (await relay.get("/stations/found")).body;

    const [api, message] = await linesOf(body.commandId, ["api-synchronous", "station-message"]);

    const known = { ocppMessageId: body.ocppMessageId, cpId, connectionId: expect.any(String) };
    expect(api).toMatchObject({ ...known, clientId: "demo", operation: "reset", outcome: "answered" });
    expect(api?.requestId).toBe(headers.get("apigw-requestid"));
    expect(message).toMatchObject({ ...known, action: "Reset", state: "answered", late: false });
    expect(message?.connectionId).toBe(api?.connectionId);
    expect(connection.connectionId ?? api?.connectionId).toBe(api?.connectionId);
  });

  it("are found by an attempt's id from its request to its timers", async () => {
    await relay.register("waiting");
    const { body } = await relay.attempt({ cpId: "waiting", idTag: "TAG" });
    await linesOf(body.id, ["api-asynchronous"]);

    relay.advance(11);

    const [expiry] = await linesOf(body.id, ["attempt-expiry"]);
    expect(expiry).toMatchObject({ attemptId: body.id });
    expect(lines.filter(({ attemptId }) => attemptId === body.id)).toContainEqual(
      expect.objectContaining({ functionId: "attempt-expiry", from: "pending", state: "expired" }),
    );
    const [metric] = await until(() => {
      const found = metricsOf("attempt-expiry", "attempts");
      return found.length > 0 && found;
    });
    expect(metric).toMatchObject({ state: "expired", attempts: 1 });
  });

  it("are found by an attempt's id in the background, where its CALL is answered, and where its charge ends", async () => {
    const station = await relay.station("charging");
    const { body } = await relay.attempt({ cpId: "charging", idTag: "TAG", stopMinutes: 1 });
    await linesOf(body.id, ["api-asynchronous", "background-command", "station-message"]);
    await relay.becomes(body.id, "started");

    relay.advance(2);

    await linesOf(body.id, ["attempt-stop"]);
    await until(() => lines.some(({ attemptId, state }) => attemptId === body.id && state === "stopped"));
    await station.close();
  });
});

describe("the functions' metrics", () => {
  it("tell how a command ended and how long the station took, in one line of each function", async () => {
    await relay.station("measured");
    lines.length = 0;

    const { body } = await relay.command("measured", "get_configuration", { keys: ["HeartbeatInterval"] });
    await linesOf(body.commandId, ["api-synchronous", "station-message"]);
    await until(() => metricsOf("station-message", "roundTrip").length > 0);

    expect(metricsOf("api-synchronous", "commands")).toEqual([
      expect.objectContaining({ command: "get_configuration", outcome: "answered", commands: 1 }),
    ]);
    expect(metricsOf("station-message", "roundTrip")).toEqual([
      expect.objectContaining({
        service: expect.stringMatching(/^ocpp-relay/),
        roundTrip: expect.any(Number),
      }),
    ]);
    expect(lines.filter(({ functionId }) => functionId === "api-synchronous")).toHaveLength(2);
  });

  it("count what a station or a network refuses, and what goes wrong", async () => {
    const station = await relay.rawStation("odd");
    station.send([2, "1", "NoSuchAction", {}]);
    await station.next();

    const { status } = await relay.command("odd", "unlock_connector/3f1c2e5c-1111-4111-8111-111111111111");

    expect(status).toBe(404);
    await until(() => metricsOf("api-synchronous", "commands").some(({ outcome }) => outcome === "refused"));
    await until(() => metricsOf("station-message", "refusedStationCalls").length > 0);
    await until(() => metricsOf("station-connect", "connects").length > 0);
  });

  it("cost a Heartbeat no line at all", async () => {
    const station = await relay.station("beating");
    lines.length = 0;

    await station.call("Heartbeat", {});
    await relay.get("/stations/beating");

    expect(lines.filter(({ functionId }) => functionId === "station-message")).toEqual([]);
  });
});
