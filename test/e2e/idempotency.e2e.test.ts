import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idempotencyKey } from "../../shared/store/keys.ts";
import { type ApiAnswer, type RelayUnderTest, startRelay, until } from "../support/relay.ts";

let relay: RelayUnderTest;
let count = 0;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

const nextKey = () => `key-${++count}`;
const seen = ({ status, body, headers }: ApiAnswer) => ({
  status,
  body,
  contentType: headers.get("content-type"),
  location: headers.get("location"),
});
const reset = (identity: string, key: string, type = "Soft", headers: Record<string, string> = {}) =>
  relay.command(identity, "reset", { type }, { headers: { "idempotency-key": key, ...headers } });
const accepted = (messageId: string) => [3, messageId, { status: "Accepted" }];
const name = () => `once-${++count}`;

describe("a repeat", () => {
  it("gets the first one's outcome and sends nothing", async () => {
    const identity = name();
    const station = await relay.station(identity, { handlers: { Reset: () => ({ status: "Rejected" }) } });
    const key = nextKey();

    const first = await reset(identity, key);
    const again = await reset(identity, key);

    expect(first.body.status).toBe("Rejected");
    expect(seen(again)).toEqual(seen(first));
    expect(station.calls).toHaveLength(1);
  });

  it("of a body in another order is one; with another body, or for another route, it is 422", async () => {
    const identity = name();
    const station = await relay.rawStation(identity);
    const headers = { "idempotency-key": nextKey() };
    const send = (body: string) => relay.post("/ocpp/v2/raw-request", body, { headers });
    const payload = '{"requestedMessage":"Heartbeat"}';

    const first = await send(`{"action":"TriggerMessage","assetId":"${identity}","payload":${payload}}`);
    const again = await send(`{"payload":${payload}, "assetId":"${identity}", "action":"TriggerMessage"}`);
    const other = await send(`{"payload":${payload},"assetId":"${identity}","action":"Reset"}`);
    const elsewhere = await relay.command(identity, "reset", { type: "Soft" }, { headers });

    expect(first.status).toBe(200);
    expect(seen(again)).toEqual(seen(first));
    for (const { status, body } of [other, elsewhere]) {
      expect({ status, type: body.type.split("/").pop() }).toEqual({
        status: 422,
        type: "idempotency-key-reused",
      });
    }
    station.send(accepted((await station.next())[1]));
    expect(station.unread).toEqual([]);
  });

  it("of a refusal is refused alike, whatever has changed", async () => {
    const identity = name();
    const password = await relay.register(identity);
    const key = nextKey();

    const first = await reset(identity, key);
    await relay.connectRaw(identity, password);
    const again = await reset(identity, key);

    expect(first.status).toBe(409);
    expect(seen(again)).toEqual(seen(first));
  });

  it("by another client is its own first", async () => {
    const key = nextKey();
    const token = await relay.otherToken();
    expect((await reset("nobody", key)).status).toBe(404);
    const other = await relay.command(
      "nobody",
      "reset",
      { type: "Hard" },
      {
        headers: { "idempotency-key": key },
        token,
      },
    );
    expect(other.status).toBe(404);
  });

  it("after a day is another request, and goes out", async () => {
    const identity = name();
    const station = await relay.station(identity, { handlers: { Reset: () => ({ status: "Accepted" }) } });
    const key = nextKey();
    const first = await reset(identity, key);
    const hash = createHash("sha256")
      .update(JSON.stringify(["demo", key]))
      .digest("hex");
    await relay.table.update({
      key: idempotencyKey(hash),
      update: "SET expiresAt = :past",
      condition: "attribute_exists(pk)",
      values: { ":past": 1 },
    });

    const tomorrow = await reset(identity, key);

    expect(tomorrow.status).toBe(200);
    expect(tomorrow.body.commandId).not.toBe(first.body.commandId);
    expect(station.calls).toHaveLength(2);
  });

  it.each(["", "x".repeat(256)])("with a key of a wrong length is 400", async (key) => {
    const { status } = await reset("nobody", key);
    expect(status).toBe(400);
  });
});

describe("fifty at once", () => {
  it("send one CALL and get one answer", async () => {
    const identity = name();
    const station = await relay.station(identity, {
      answerDelayMs: 300,
      handlers: { Reset: () => ({ status: "Accepted" }) },
    });
    const key = nextKey();

    const answers = await Promise.all(Array.from({ length: 50 }, () => reset(identity, key)));

    const [first] = answers as [ApiAnswer];
    expect(first.status).toBe(200);
    for (const answer of answers) expect(seen(answer)).toEqual(seen(first));
    expect(station.calls).toHaveLength(1);
    await until(async () => (await relay.get("/networks/default")).body.inUse === 0);
  });

  it("make one attempt, and one start CALL", async () => {
    const identity = name();
    const station = await relay.station(identity);
    const headers = { "idempotency-key": nextKey() };
    const body = { cpId: identity, idTag: "TAG" };

    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        relay.post("/remote_commands/asynchronous/remote_start_attempt", body, { headers }),
      ),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    await until(async () => {
      const { body } = await relay.get(
        `/remote_commands/asynchronous/remote_start_attempt/${answers[0]?.body.id}`,
      );
      return body.state === "started";
    });
    expect(station.calls.filter(({ action }) => action === "RemoteStartTransaction")).toHaveLength(1);
  });
});

describe("a first one that is killed", () => {
  it("does not leave the key stuck, and its CALL is not sent again", async () => {
    const identity = name();
    const station = await relay.rawStation(identity);
    const key = nextKey();

    const first = reset(identity, key);
    const call = await station.next();
    await relay.local.killEnvironments("api-synchronous");
    expect((await first).status).toBeGreaterThanOrEqual(500);
    const repeat = reset(identity, key);
    station.send(accepted(call[1]));

    const { status, body } = await repeat;
    expect({ status, station: body.status, id: body.ocppMessageId }).toEqual({
      status: 200,
      station: "Accepted",
      id: call[1],
    });
    expect(seen(await reset(identity, key)).body).toEqual(body);
    expect(station.unread).toEqual([]);
  });

  it("is gone on with where it stood: keys that were sent are not sent again", async () => {
    const identity = name();
    const station = await relay.rawStation(identity);
    const headers = { "idempotency-key": nextKey() };
    const configurations = ["A", "B", "C"].map((key) => ({ key, value: "1" }));
    const change = () => relay.command(identity, "change_configurations", { configurations }, { headers });

    const first = change();
    const a = await station.next();
    station.send(accepted(a[1]));
    const b = await station.next();
    await relay.local.killEnvironments("api-synchronous");
    await first;
    const repeat = change();
    station.send(accepted(b[1]));
    const c = await station.next();
    station.send(accepted(c[1]));

    const { status, body } = await repeat;
    expect(status).toBe(200);
    expect(body.results.map(({ key, status }: Record<string, string>) => `${key} ${status}`)).toEqual([
      "A Accepted",
      "B Accepted",
      "C Accepted",
    ]);
    expect([a, b, c].map(([, , , payload]) => (payload as { key: string }).key)).toEqual(["A", "B", "C"]);
    expect(station.unread).toEqual([]);
  });
});

describe("what does not use the key up", () => {
  it("is a 503: the repeat is sent", async () => {
    const identity = name();
    const station = await relay.rawStation(identity);
    const blocking = relay.command(identity, "reset", { type: "Soft" }, { headers: { prefer: "wait=1" } });
    const call = await station.next();
    const key = nextKey();

    const busy = await reset(identity, key, "Hard", { prefer: "wait=1" });
    await blocking;
    station.send(accepted(call[1]));
    const repeat = reset(identity, key, "Hard");
    const second = await station.next();
    station.send(accepted(second[1]));

    expect(busy.status).toBe(503);
    expect((await repeat).body.status).toBe("Accepted");
  });
});

describe("respond-async and what nobody waits for", () => {
  it("is queued once, and answered alike", async () => {
    const identity = name();
    const station = await relay.rawStation(identity);
    const key = nextKey();
    const headers = { prefer: "respond-async" };

    const answers = await Promise.all([1, 2, 3, 4].map(() => reset(identity, key, "Soft", headers)));
    const call = await station.next();
    station.send(accepted(call[1]));

    for (const answer of answers) expect(seen(answer)).toEqual(seen(answers[0] as ApiAnswer));
    expect(answers[0]?.status).toBe(202);
    await until(
      async () => (await relay.get(answers[0]?.headers.get("location") ?? "")).body.state === "answered",
    );
    expect(station.unread).toEqual([]);
  });

  it("takes a raw request's own id, once", async () => {
    const identity = name();
    const station = await relay.rawStation(identity);
    const headers = { "idempotency-key": nextKey() };
    const body = {
      action: "ClearCache",
      assetId: identity,
      payload: {},
      async: false,
      requestId: `own-${identity}`,
    };
    const send = (more: object = {}) => relay.post("/ocpp/v2/raw-request", body, { headers, ...more });

    const first = send();
    const call = await station.next();
    station.send(accepted(call[1]));
    const again = await send();
    const keyless = await send({ headers: {} });

    expect(call[1]).toBe(`own-${identity}`);
    expect(seen(again)).toEqual(seen(await first));
    expect(keyless.status).toBe(409);
    expect(station.unread).toEqual([]);
  });

  it("clears a cache once", async () => {
    const identity = name();
    const station = await relay.rawStation(identity);
    const headers = { "idempotency-key": nextKey() };
    const path = `/remote_commands/asynchronous/${identity}/clear_cache`;

    const first = await relay.post(path, undefined, { headers });
    const again = await relay.post(path, undefined, { headers });
    const call = await station.next();
    station.send(accepted(call[1]));

    expect(first.status).toBe(202);
    expect(seen(again)).toEqual(seen(first));
    expect(station.unread).toEqual([]);
  });
});
