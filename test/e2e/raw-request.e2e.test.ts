import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cpIdOf } from "../../shared/ids.ts";
import { actionsOf, csmsMaySend } from "../../shared/ocpp/actions.ts";
import { maskResult } from "../../shared/ocpp/mask-answer.ts";
import { PROTOCOLS, type Protocol } from "../../shared/ocpp/protocols.ts";
import { payloadSchema } from "../../shared/ocpp/schemas.ts";
import { holdsSecret, maskSecrets } from "../../shared/ocpp/secrets.ts";
import { valuesOf } from "../support/arbitrary-from-schema.ts";
import type { Frame, RawStation } from "../support/raw-station.ts";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";

let relay: RelayUnderTest;
let count = 0;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

interface Named {
  readonly identity: string;
  readonly station: RawStation;
}

/** Registers a station under a new identity and connects it. */
async function connect(protocol: Protocol = "ocpp1.6", about: object = {}): Promise<Named> {
  const identity = `raw-${++count}`;
  const password = await relay.register(identity, about);
  return { identity, station: await relay.connectRaw(identity, password, [protocol]) };
}

const send = (body: object, headers: Record<string, string> = {}, token?: string) =>
  relay.post("/ocpp/v2/raw-request", body, { headers, ...(token !== undefined && { token }) });

/** Sends a raw request that the station answers. */
async function exchange(
  { identity, station }: Named,
  request: object,
  answer: (messageId: string) => unknown,
) {
  const response = send({ assetId: identity, async: false, ...request });
  let isOver = false;
  response.finally(() => {
    isOver = true;
  });
  await until(() => isOver || station.unread.length > 0);
  const call = station.unread.length > 0 ? await station.next() : undefined;
  if (call) station.send(answer(call[1]));
  return { call, response: await response };
}

const heartbeat = { action: "TriggerMessage", payload: { requestedMessage: "Heartbeat" } };
const accepted = (messageId: string) => [3, messageId, { status: "Accepted" }];

describe("a raw request with async: false", () => {
  it("brings back what the station answered, with the connection and the request", async () => {
    const named = await connect();

    const { call, response } = await exchange(named, heartbeat, accepted);

    const { ocppMessageId } = response.body;
    expect(call).toEqual([2, ocppMessageId, heartbeat.action, heartbeat.payload]);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      status: "Success",
      async: false,
      ocppMessageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      data: {
        ocppMessageId,
        connection: { connectionId: expect.any(String), protocol: "ocpp1.6" },
        request: { messageType: "2", messageId: ocppMessageId, ...heartbeat },
        response: { messageType: "CALL_RESULT", messageId: ocppMessageId, payload: { status: "Accepted" } },
      },
    });
    const command = await relay.get(response.headers.get("location") as string);
    expect(command.body).toMatchObject({ command: "raw_request", state: "answered" });
  });

  it("takes a CALLERROR for an answer", async () => {
    const named = await connect();

    const { response } = await exchange(named, heartbeat, (id) => [4, id, "InternalError", "no", { a: 1 }]);

    expect(response.status).toBe(200);
    expect(response.body.data.response).toEqual({
      messageType: "CALL_ERROR",
      messageId: response.body.ocppMessageId,
      errorCode: "InternalError",
      ErrorDescription: "no",
      errorDetails: { a: 1 },
      payload: {},
    });
  });

  it("is 502 where the answer breaks its schema, and brings it back with validate: false", async () => {
    const named = await connect();
    const odd = (messageId: string) => [3, messageId, { status: "Perhaps" }];

    const held = await exchange(named, heartbeat, odd);
    const free = await exchange(named, { ...heartbeat, validate: false }, odd);

    expect(held.response.status).toBe(502);
    expect(held.response.body.errors[0].pointer).toBe("/status");
    expect(free.response.body.data.response.payload).toEqual({ status: "Perhaps" });
  });

  it("waits no longer than the caller prefers", async () => {
    const { identity } = await connect();

    const { status, headers, body } = await send(
      { assetId: identity, ...heartbeat, async: false },
      { prefer: "wait=1" },
    );

    expect({ status, slug: body.type.split("/").pop() }).toEqual({ status: 504, slug: "station-timeout" });
    expect(headers.get("location")).toBe(`/remote_commands/${body.ocppMessageId}`);
  });

  it("gives a legacy station's answer no time", async () => {
    const { identity } = await connect("ocpp1.6", { link: "legacy" });

    const { status, body } = await send({ assetId: identity, ...heartbeat, async: false });

    expect(status).toBe(200);
    expect(body.data).not.toHaveProperty("response");
  });

  it("shows no secret, neither in the answer nor in the command", async () => {
    const named = await connect();
    const payload = { key: "AuthorizationKey", value: "very-secret-1" };

    const { call, response } = await exchange(named, { action: "ChangeConfiguration", payload }, accepted);

    expect(call?.[3]).toEqual(payload);
    expect(response.body.data.request.payload).toEqual({ key: "AuthorizationKey", value: "***" });
    const command = await relay.get(response.headers.get("location") as string);
    expect(JSON.stringify(command.body)).not.toContain("very-secret");
  });
});

describe("a raw request with async: true", () => {
  it("is answered at once, goes out, and can be followed", async () => {
    const { identity, station } = await connect();

    const { status, headers, body } = await send({ assetId: cpIdOf("default", identity), ...heartbeat });

    expect(status).toBe(200);
    const { ocppMessageId } = body;
    expect(body).toEqual({
      status: "Success",
      async: true,
      ocppMessageId,
      data: {
        ocppMessageId,
        connection: { connectionId: expect.any(String), protocol: "ocpp1.6" },
        request: { messageType: "2", messageId: ocppMessageId, ...heartbeat },
      },
    });
    const call = await station.next();
    expect(call).toEqual([2, ocppMessageId, heartbeat.action, heartbeat.payload]);
    station.send(accepted(ocppMessageId));
    const location = headers.get("location") as string;
    const command = await until(async () => {
      const { body } = await relay.get(location);
      return body.state === "answered" && body;
    });
    expect(command.calls[0].response).toEqual({ status: "Accepted" });
  });

  it("tells beforehand what can be told", async () => {
    const { identity, station } = await connect();
    const bad = { assetId: identity, action: "TriggerMessage" };

    expect((await send({ ...bad, payload: {} })).status).toBe(422);
    expect((await send({ ...bad, payload: {}, action: "Heartbeat" })).status).toBe(422);
    expect((await send({ ...bad, payload: { requestedMessage: 7 } })).status).toBe(422);
    await station.close();
    const offline = await until(async () => {
      const response = await send({ assetId: identity, ...heartbeat });
      return response.status === 409 && response;
    });
    expect(offline.body.type).toMatch(/station-not-connected$/);
  });
});

describe("a requestId of the caller's", () => {
  it("becomes the message id, once for a station", async () => {
    const named = await connect();
    const request = { ...heartbeat, requestId: `my id/${named.identity}` };

    const first = await exchange(named, request, accepted);
    const again = await send({ assetId: named.identity, ...request, async: false });
    const againAsync = await send({ assetId: named.identity, ...request });
    const other = await exchange(await connect(), request, accepted);

    expect(first.call?.[1]).toBe(request.requestId);
    expect(first.response.body.data.response.messageId).toBe(request.requestId);
    for (const { status, body } of [again, againAsync]) {
      expect({ status, type: body.type }).toEqual({
        status: 409,
        type: "https://ocpp-relay.dev/problems/message-id-reused",
      });
    }
    expect(other.response.status).toBe(200);
  });

  it("used by eight concurrent requests sends one CALL, and does not block the next command", async () => {
    const { identity, station } = await connect();
    const request = { assetId: identity, ...heartbeat, requestId: "at-once", async: false };

    const all = Array.from({ length: 8 }, () => send(request));
    const call = (await station.next()) as Frame;
    await Promise.any(all);
    station.send(accepted(call[1]));

    const statuses = (await Promise.all(all)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 7 }, () => 409)]);
    expect(station.unread).toEqual([]);
    const next = await exchange({ identity, station }, heartbeat, accepted);
    expect(next.response.status).toBe(200);
    // what an earlier test sent in the background gives its slot back a moment after its answer
    await until(async () => (await relay.get("/networks/default")).body.inUse === 0);
  });

  it("can be one that was never sent", async () => {
    const named = await connect();
    const requestId = "second-try";
    const large = { action: "DataTransfer", payload: { vendorId: "v", data: "x".repeat(40_000) }, requestId };

    const refused = await send({ assetId: named.identity, ...large, async: false });
    const { response } = await exchange(named, { ...heartbeat, requestId }, accepted);

    expect(refused.status).toBe(413);
    expect(refused.body).toMatchObject({ limit: 32_768, bytes: expect.any(Number) });
    expect(response.status).toBe(200);
  });
});

describe("a payload", () => {
  it("goes out as it is with validate: false", async () => {
    const named = await connect();
    const payload = { requestedMessage: 7, more: { of: ["it", null] } };

    const { call } = await exchange(named, { action: "TriggerMessage", payload, validate: false }, accepted);

    expect(call?.[3]).toEqual(payload);
  });

  it.each([
    ["text", 400, "text"],
    ["a list", 400, []],
    ["null", 400, null],
    ["too deep", 400, JSON.parse(`${'{"a":'.repeat(25)}1${"}".repeat(25)}`)],
  ])("that is %s is %i", async (_, status, payload) => {
    const { identity } = await connect();
    const body = { assetId: identity, action: "DataTransfer", payload, validate: false };
    expect((await send(body)).status).toBe(status);
  });

  it("of ten thousand levels is 400, not an accident", async () => {
    const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
    const { status } = await relay.post(
      "/ocpp/v2/raw-request",
      `{"assetId":"raw-1","action":"DataTransfer","payload":${deep}}`,
    );
    expect(status).toBe(400);
  });
});

describe("who may", () => {
  it("is said by a scope of its own, and by the network", async () => {
    const { identity } = await connect();
    const request = { assetId: identity, ...heartbeat };
    const typed = await relay.narrowToken("write:ocpp");

    expect((await send(request, {}, typed)).status).toBe(403);
    expect((await send({ ...request, network: { id: "elsewhere" } })).status).toBe(404);
    expect((await send({ ...request, assetId: "nobody" })).status).toBe(404);
  });
});

describe.each(PROTOCOLS)("every CSMS-to-station action of %s", (protocol) => {
  const actions = [...actionsOf(protocol)].filter((action) => csmsMaySend(protocol, action));
  let named: Named;
  beforeAll(async () => {
    named = await connect(protocol);
  });

  it.each(actions)("%s goes out and comes back whole; a broken one names the pointer", async (action) => {
    const schemaOf = (kind: "request" | "response") => payloadSchema(protocol, action, kind);
    const sample = async (kind: "request" | "response") =>
      fc
        .sample(valuesOf(await schemaOf(kind)), { numRuns: 40, seed: 7 })
        .filter((payload) => JSON.stringify(payload).length < 15_000)
        .reduce((most, one) => (JSON.stringify(one).length > JSON.stringify(most).length ? one : most));
    const payload = (await sample("request")) as object;
    const answer = await sample("response");

    const { call, response } = await exchange(named, { action, payload }, (id) => [3, id, answer]);

    expect(response.status, JSON.stringify(response.body)).toBe(200);
    expect(call?.slice(2)).toEqual([action, payload]);
    const request = maskSecrets(action, payload);
    const masked = maskSecrets("", answer);
    expect(response.body.data.response.payload).toEqual(
      holdsSecret(action, payload) ? await maskResult({ protocol, action, request }, masked) : masked,
    );

    const broken = { ...payload, noSuchProperty: 1 };
    const refused = await send({ assetId: named.identity, action, payload: broken, async: false });
    const schema = (await schemaOf("request")) as { additionalProperties?: boolean };
    if (schema.additionalProperties === false) {
      expect(refused.status).toBe(422);
      expect(refused.body).toMatchObject({ protocol, action });
      expect(refused.body.errors).toContainEqual({
        pointer: expect.stringContaining("noSuchProperty"),
        detail: expect.any(String),
      });
    }
  });
});
