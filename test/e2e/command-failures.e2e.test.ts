/** What each command returns when its station answers by a CALLERROR, or too late. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandRoutes } from "../../shared/commands/routes.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import type { Frame, RawStation } from "../support/raw-station.ts";
import { type ApiAnswer, type RelayUnderTest, startRelay, until } from "../support/relay.ts";
import { stationOf } from "../support/simulated-station.ts";
import { versions } from "../support/versions.ts";

let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

interface Sent {
  readonly response: Promise<ApiAnswer>;
  readonly call: Frame;
}

const problemType = (slug: string) => `https://ocpp-relay.dev/problems/${slug}`;

/** Bodies of routes that have no example of the whole body. */
const inputs: Readonly<Record<string, object>> = {
  get_configuration: { keys: ["HeartbeatInterval"] },
  change_configurations: { configurations: [{ key: "HeartbeatInterval", value: "60" }] },
  reset: { type: "Soft" },
};

/** Every command that waits for its station, with an example of its body. */
const commands = commandRoutes.map((route) => {
  const { path, body } = route as { path: string; body?: { examples?: readonly unknown[] } };
  return { path, input: inputs[path] ?? body?.examples?.[0] };
});

const works = [
  { path: "clear_cache", input: undefined },
  { path: "get_log", input: { log: "diagnostics", location: "https://files.example/logs" } },
  { path: "update_firmware", input: { location: "https://files.example/firmware" } },
];

/** Longer than any request waits. */
const PATIENCE_MS = 26_000;

describe.each(versions)("a $protocol station", ({ protocol }) => {
  const identity = `FAILS-${protocol}`;
  let station: RawStation;

  beforeAll(async () => {
    const password = await relay.register(identity, { connectors: [{ evseId: 1, connectorId: 1 }] });
    station = await relay.connectRaw(identity, password, [protocol]);
  });

  const lacks = (path: string) =>
    protocol === "ocpp1.6" && /display_message|get_charging_profiles/.test(path);

  /** Sends a command, and waits for its CALL. */
  async function send(path: string, input: unknown): Promise<Sent> {
    const response = relay.post(path, input);
    const next = station.next();
    const refused = response.then(({ status, body }) => (status === 202 ? next : body));
    const call = await Promise.race([next, refused]);
    expect(call).toMatchObject([2, expect.any(String), expect.any(String), {}]);
    return { response, call };
  }
  const connectorUuid = connectorUuidOf(cpIdOf("default", identity), 1, 1);
  const synchronous = (path: string) =>
    `/remote_commands/synchronous/${identity}/${path.replace("{cpConnectorUuid}", connectorUuid)}`;
  const asynchronous = (path: string) => `/remote_commands/asynchronous/${identity}/${path}`;

  const refuse = ({ call: [, messageId] }: Sent) =>
    station.send([4, messageId, "InternalError", "no memory", { free: 0 }]);
  async function answer({ call: [, messageId, action, payload] }: Sent): Promise<void> {
    const { behaviour } = stationOf(protocol);
    const given = await behaviour.answer(action as string, payload as Record<string, unknown>);
    station.send([3, messageId, given]);
  }
  const callErrorOf = ({ call: [, ocppMessageId] }: Sent) => ({
    ...{ type: problemType("station-call-error"), status: 502, ocppMessageId },
    ...{ errorCode: "InternalError", errorDescription: "no memory", errorDetails: { free: 0 } },
  });

  describe.each(commands)("that gets $path", ({ path, input }) => {
    it.runIf(lacks(path))("is sent nothing, for its version has no such command", async () => {
      const { status, body } = await relay.post(synchronous(path), input);

      expect([status, body.type]).toEqual([422, problemType("not-supported-by-protocol")]);
      expect(station.unread).toEqual([]);
    });

    it.skipIf(lacks(path))("and answers by a CALLERROR: the problem has its words", async () => {
      const sent = await send(synchronous(path), input);
      const [, ocppMessageId] = sent.call;
      refuse(sent);
      const { status, body } = await sent.response;

      const ofEach = body.results?.map(({ error }: { error: unknown }) => error);
      if (ofEach) expect([status, ofEach]).toMatchObject([200, ofEach.map(() => callErrorOf(sent))]);
      else expect([status, body]).toMatchObject([502, callErrorOf(sent)]);
      const { body: command } = await relay.get(`/remote_commands/${ocppMessageId}`);
      expect(command).toMatchObject({ command: path.split("/")[0], state: "callError" });
    });

    it.skipIf(lacks(path))(
      "and answers late: 504 until then, and the answer completes the command",
      async () => {
        const sent = await send(synchronous(path), input);
        relay.local.advanceClock(PATIENCE_MS);
        const { status, body, headers } = await sent.response;
        expect([status, body.type]).toEqual([504, problemType("station-timeout")]);
        const location = headers.get("location") ?? "";
        expect((await relay.get(location)).body.state).toBe("timedOut");

        await answer(sent);

        const command = await until(async () => {
          const { body } = await relay.get(location);
          return body.state === "answered" && body;
        });
        expect([command.late, command.calls[0].response !== undefined]).toEqual([true, true]);
      },
    );
  });

  describe.each(works)("that gets $path", ({ path, input }) => {
    const statusOf = async (response: ApiAnswer): Promise<Record<string, unknown>> =>
      (await relay.get(response.headers.get("location") ?? "")).body;
    const becomes = (response: ApiAnswer, wanted: string) =>
      until(async () => {
        const body = await statusOf(response);
        return body.status === wanted && body;
      });

    it("and answers by a CALLERROR: its status is Failed, with the problem", async () => {
      const sent = await send(asynchronous(path), input);
      const accepted = await sent.response;
      expect(accepted.status).toBe(202);
      refuse(sent);

      expect((await becomes(accepted, "Failed")).problem).toMatchObject(callErrorOf(sent));
    });

    it("and answers late: its status is TimedOut until then", async () => {
      const sent = await send(asynchronous(path), input);
      const accepted = await sent.response;
      relay.local.advanceClock(2 * PATIENCE_MS);
      await becomes(accepted, "TimedOut");

      await answer(sent);

      await until(async () => (await statusOf(accepted)).status !== "TimedOut");
      expect(String((await statusOf(accepted)).status)).toMatch(/^(Accepted|Rejected)$/);
    });
  });
});
