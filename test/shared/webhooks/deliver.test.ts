import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDelivery, redeliver, sendTestEvent } from "../../../shared/webhooks/deliveries.ts";
import { deleteWebhook } from "../../../shared/webhooks/remove.ts";
import { generateSecret } from "../../../shared/webhooks/secret.ts";
import { findWebhook } from "../../../shared/webhooks/webhooks.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { type Request, subscribed } from "../../support/webhook-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let table: TestTable;

beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.stop());

const world = (settings: object = {}) => subscribed(table, settings);

const signedBy = ({ headers, body, eventId }: Request, secret: string): boolean => {
  const at = new Date(Number(headers["webhook-timestamp"]) * 1000);
  const signatures = String(headers["webhook-signature"]).split(" ");
  return signatures.includes(new Webhook(secret).sign(eventId, at, body));
};

describe("a delivery", () => {
  it("is one signed request, whose outcome is stored", async () => {
    const { own, secret, deliveries, publish } = await world();
    await publish("e1");

    await own.runFor(0);

    const [request] = own.requests;
    expect(request && signedBy(request, secret)).toBe(true);
    expect(JSON.parse(String(request?.body))).toEqual({
      type: "connector.status",
      timestamp: new Date(own.nowMs).toISOString(),
      data: { eventId: "e1" },
    });
    expect(await deliveries()).toMatchObject([
      { eventId: "e1", state: "delivered", attempts: [{ status: 204, durationMs: 20 }] },
    ]);
    expect(own.waiting()).toBe(0);
  });

  it("is made for events that the webhook wants only, and once for an event that is published twice", async () => {
    const { own, deliveries, publish } = await world();
    const other = await world({ events: ["command.completed"] });
    await publish("e1");
    await other.publish("e1");
    await own.runFor(0);
    await publish("e1");
    await own.runFor(0);

    expect(own.requests).toHaveLength(1);
    expect(await deliveries()).toHaveLength(1);
    expect(await other.deliveries()).toEqual([]);
  });

  it("is repeated after 5 s, 5 min, 30 min, 2 h, 5 h and 10 h", async () => {
    const { own, publish, deliveries, read } = await world();
    own.answer = () => undefined;
    await publish("e1");
    const start = own.nowMs;

    await own.runFor(HOUR_MS);
    const times = own.requests.map(({ atMs }) => atMs - start);
    expect(times).toEqual([0, 5000, 5000 + 5 * MINUTE_MS, 5000 + 35 * MINUTE_MS]);
    own.nowMs = start + 5000 + 35 * MINUTE_MS;
    for (const [n, hours] of [2, 5, 10, 10].entries()) {
      await own.jump(hours * HOUR_MS - 1000);
      expect(own.requests).toHaveLength(times.length + n);
      await own.jump(1000);
      expect(own.requests).toHaveLength(times.length + n + 1);
    }

    const [delivery] = await deliveries();
    expect(delivery).toMatchObject({ state: "pending", nextAttemptAt: expect.any(String) });
    expect(delivery?.attempts.at(-1)).toMatchObject({ error: "no answer within 10 s" });
    expect((await read()).failingSinceMs).toBe(start);
  });

  it("that the receiver refuses gives way to the next one, and is repeated apart from it", async () => {
    const { own, publish, deliveries, read } = await world();
    own.answer = ({ eventId, atMs }) => (eventId === "bad" && atMs < start + HOUR_MS ? 422 : 204);
    const start = own.nowMs;
    for (const id of ["bad", "e2", "e3"]) await publish(id);
    await own.runFor(0);
    const states = async () => (await deliveries()).map(({ eventId, state }) => `${eventId} ${state}`).sort();

    expect(await states()).toEqual(["bad pending", "e2 delivered", "e3 delivered"]);
    expect((await read()).failingSinceMs).toBeUndefined();
    await own.runFor(HOUR_MS);
    await own.jump(2 * HOUR_MS);
    expect(await states()).toEqual(["bad delivered", "e2 delivered", "e3 delivered"]);
    expect(own.requests.filter(({ eventId }) => eventId === "bad").map(({ atMs }) => atMs - start)).toEqual([
      0,
      5000,
      5000 + 5 * MINUTE_MS,
      5000 + 35 * MINUTE_MS,
      3 * HOUR_MS,
    ]);
  });
});

describe("a receiver", () => {
  it("that is down for a day gets everything, in order for each station", async () => {
    const { own, publish, deliveries } = await world();
    const start = own.nowMs;
    own.answer = ({ atMs }) => (atMs < start + DAY_MS ? 503 : 204);
    const stations = ["CP1", "CP2"];
    const hours = [0, 1, 2, 6, 12, 18, 23, 25];
    const named = (cpId: string, hour: number) => `${cpId}-${hour}`;
    for (const hour of hours) {
      await own.jump(start + hour * HOUR_MS - own.nowMs);
      for (const cpId of stations) await publish(named(cpId, hour), cpId);
      await own.jump(0);
    }

    await own.jump(12 * HOUR_MS);

    for (const cpId of stations) {
      const received = own.accepted().filter((eventId) => eventId.startsWith(cpId));
      expect(received).toEqual(hours.map((hour) => named(cpId, hour)));
    }
    expect(new Set((await deliveries()).map(({ state }) => state))).toEqual(new Set(["delivered"]));
    expect(own.waiting()).toBe(0);
  });

  it("that answers 410 gets nothing more: the webhook is off, and what waits has failed", async () => {
    const { own, publish, deliveries, read, put } = await world();
    own.answer = () => 410;
    for (const id of ["e1", "e2"]) await publish(id);
    await own.runFor(0);
    await publish("e3");
    await own.jump(DAY_MS);

    expect(own.requests.map(({ eventId }) => eventId)).toEqual(["e1"]);
    expect((await deliveries()).map(({ state }) => state)).toEqual(["failed", "failed"]);
    expect(await read()).toMatchObject({ enabled: false, disabled: { reason: "gone" } });
    await put();
    expect((await read()).disabled).toBeUndefined();
  });

  it("that fails for five days is switched off", async () => {
    const { own, publish, deliveries, read } = await world();
    own.answer = () => 500;
    await publish("e1");
    for (let hours = 0; hours < 5 * 24; hours += 10) await own.jump(10 * HOUR_MS - MINUTE_MS);
    expect((await read()).enabled).toBe(true);

    for (let jumps = 0; jumps < 2; jumps++) await own.jump(10 * HOUR_MS);

    expect(await read()).toMatchObject({ enabled: false, disabled: { reason: "failing" } });
    expect((await deliveries()).map(({ state }) => state)).toEqual(["failed"]);
    expect(own.waiting()).toBe(0);
  });

  it("that was deleted gets nothing more", async () => {
    const { own, publish, networkId } = await world();
    await publish("e1");
    await deleteWebhook(own.deps, networkId, "hook");

    await own.jump(DAY_MS);

    expect(own.requests).toEqual([]);
    expect(await findWebhook(own.deps.table, networkId, "hook")).toBeUndefined();
    expect(own.waiting()).toBe(0);
  });
});

describe("a function that dies", () => {
  it.each([0, 1])(
    "at any step (every other from %i) sends all events, in order, and nothing waits",
    async (first) => {
      let killed = 0;
      for (let steps = first; ; steps += 2) {
        const { own, publish, deliveries } = await world();
        const start = own.nowMs;
        // a failure and a recovery: all steps of a lane that waits are among those that are tried
        own.answer = ({ atMs }) => (atMs <= start ? 503 : 204);
        for (const id of ["e1", "e2"]) await publish(id);
        own.killAfter(steps);
        await own.runFor(HOUR_MS);
        if (own.survived()) break;
        killed += 1;
        await publish("e3");
        await own.runFor(HOUR_MS);

        expect([steps, own.accepted()]).toEqual([steps, ["e1", "e2", "e3"]]);
        expect((await deliveries()).map(({ state }) => state)).toEqual(Array(3).fill("delivered"));
        expect(own.waiting()).toBe(0);
      }
      expect(killed).toBeGreaterThan(12);
    },
  );

  it("or has no more time is followed by the next one", async () => {
    const { own, publish } = await world();
    for (const id of ["e1", "e2", "e3"]) await publish(id);
    let asked = 0;

    await own.runUntil(own.nowMs, () => asked++ % 2 === 0);

    expect(own.requests.map(({ eventId }) => eventId)).toEqual(["e1", "e2", "e3"]);
    expect(own.waiting()).toBe(0);
  });
});

describe("a caller", () => {
  it("rotates a secret: for 24 h both sign, then the new one alone", async () => {
    const { own, publish, put, secret, read } = await world();
    const next = generateSecret();
    await put({ secret });
    expect((await read()).previousSecrets).toBeUndefined();
    expect((await put({ secret: next })).secret).toBeUndefined();
    await put();

    await publish("e1");
    await own.runFor(0);
    await own.jump(DAY_MS);
    await publish("e2");
    await own.runFor(0);

    const signers = own.requests.map((request) => [secret, next].map((each) => signedBy(request, each)));
    expect(signers).toEqual([
      [true, true],
      [false, true],
    ]);
  });

  it("sends a test event, of one attempt, and to a webhook that is off, too", async () => {
    const { own, read, deliveries } = await world({ enabled: false });
    own.answer = () => 500;

    const { deliveryId } = await sendTestEvent(own.deps, await read(), "d0d0d0d0");
    await own.jump(DAY_MS);

    expect(own.requests).toHaveLength(1);
    expect(await deliveries()).toMatchObject([{ deliveryId, type: "webhook.test", state: "failed" }]);
    expect((await read()).failingSinceMs).toBeUndefined();
  });

  it.each(["delivered", "failed", "pending"] as const)(
    "has a delivery that is %s sent again",
    async (state) => {
      const { own, publish, read, deliveries } = await world();
      own.answer = () => ({ delivered: 204, failed: 410, pending: 503 })[state];
      await publish("e1");
      await own.runFor(0);
      const [before] = await deliveries();
      expect(before?.state).toBe(state);
      own.answer = () => 204;

      const delivery = await readDelivery(own.deps.table, await read(), String(before?.deliveryId));
      await redeliver(own.deps, await read(), delivery);
      await own.runFor(0);

      expect(own.requests.map(({ eventId }) => eventId)).toEqual(["e1", "e1"]);
      expect(await deliveries()).toMatchObject([{ state: "delivered", attempts: [{}, { status: 204 }] }]);
      await own.jump(DAY_MS);
      expect(own.requests).toHaveLength(2);
      expect(own.waiting()).toBe(0);
    },
  );
});
