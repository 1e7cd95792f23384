import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { webhookKey } from "../../../shared/store/webhooks.ts";
import { sendTestEvent } from "../../../shared/webhooks/deliveries.ts";
import { takeTurn } from "../../../shared/webhooks/probe.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { subscribed } from "../../support/webhook-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What a request without an answer takes. */
const TIMEOUT_MS = 10_000;

let table: TestTable;

beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.stop());

const stations = Array.from({ length: 11 }, (_, n) => `CP${n}`);

/** A webhook whose receiver does not answer until `isUp` is set, with events of each station. */
async function unanswered(of: readonly string[], events = 1) {
  const world = await subscribed(table);
  const { own, publish } = world;
  const receiver = { isUp: false, accepts: (_eventId: string) => true };
  /** In order. */
  const accepted: string[] = [];
  own.answer = ({ eventId }) => {
    if (receiver.isUp && receiver.accepts(eventId)) {
      accepted.push(eventId);
      return 204;
    }
    own.nowMs += TIMEOUT_MS;
    return undefined;
  };
  for (const cpId of of) for (let n = 0; n < events; n++) await publish(`${cpId}-${n}`, cpId);
  return { ...world, receiver, accepted };
}

/** As `unanswered`, after nine failures: with the next one the webhook is probed. */
async function probed(of: readonly string[] = ["CP0", "CP1", "CP2"], events = 1) {
  const world = await unanswered(of, events);
  const { networkId, webhookId } = await world.read();
  await table.table.update({
    key: webhookKey(networkId, webhookId),
    update: "SET failures = :nine",
    values: { ":nine": 9 },
  });
  await world.own.jump(0);
  return world;
}

describe("a receiver that does not answer", () => {
  it("for a day gets a request or two at a time, whatever the number of stations, and everything afterwards", async () => {
    const { own, publish, receiver, deliveries, accepted } = await unanswered(stations);
    await own.jump(0);
    const first = own.requests.length;
    for (let part = 1; part <= 6; part++) {
      await own.jump(4 * HOUR_MS);
      for (const cpId of stations.slice(0, 2)) await publish(`${cpId}-${part}`, cpId);
      await own.jump(0);
    }

    // ten failures; the probe and the event behind it
    expect(first).toBeLessThanOrEqual(12);
    expect(own.requests.length - first).toBeLessThanOrEqual(2 * 6 + 2);
    receiver.isUp = true;
    await own.jump(31 * MINUTE_MS);
    await own.jump(MINUTE_MS);
    // those that failed before the probes began go on with their own schedule
    await own.jump(10 * HOUR_MS);

    for (const cpId of stations.slice(0, 2))
      expect(accepted.filter((eventId) => eventId.startsWith(`${cpId}-`))).toEqual(
        Array.from({ length: 7 }, (_, n) => `${cpId}-${n}`),
      );
    expect(new Set((await deliveries()).map(({ state }) => state))).toEqual(new Set(["delivered"]));
    expect(accepted).toHaveLength(stations.length + 2 * 6);
    expect(own.waiting()).toBe(0);
  });

  it("is found within half an hour once it is up, by stations that have not failed themselves", async () => {
    const { own, receiver, publish, read, accepted } = await probed();
    await own.jump(8 * HOUR_MS);
    receiver.isUp = true;
    await publish("new-0", "new");
    await own.jump(0);
    expect(accepted).toEqual([]);

    await own.jump(31 * MINUTE_MS);
    await own.jump(MINUTE_MS);

    expect(accepted).toContain("new-0");
    const { failures, probes, probeAtMs, failingSinceMs } = await read();
    expect([failures, probes, probeAtMs, failingSinceMs]).toEqual(Array(4).fill(undefined));
  });

  it("to one event only holds up neither the others of its station nor those of other stations", async () => {
    const { own, receiver, deliveries } = await probed(["CP0", "CP1"], 2);
    receiver.accepts = (eventId) => eventId !== "CP0-0";
    receiver.isUp = true;
    for (let hours = 0; hours < 20; hours++) await own.jump(HOUR_MS);

    const pending = (await deliveries()).filter(({ state }) => state === "pending");
    expect(pending.map(({ eventId }) => eventId)).toEqual(["CP0-0"]);
  });

  it("is sent a test event at once, and by its success everything that waits", async () => {
    const { own, receiver, read, accepted } = await probed();
    await own.jump(8 * HOUR_MS);
    receiver.isUp = true;

    await sendTestEvent(own.deps, await read(), "d1d1d1d1");
    await own.runFor(0);

    expect((await read()).failures).toBeUndefined();
    await own.jump(31 * MINUTE_MS);
    expect(new Set(accepted.slice(1))).toEqual(new Set(["CP0-0", "CP1-0", "CP2-0"]));
  });

  it("loses nothing where the function of a probe dies at any step", async () => {
    for (let steps = 0; steps < 24; steps += 1) {
      const { own, receiver, accepted } = await probed(["CP0", "CP1"]);
      receiver.isUp = true;
      own.killAfter(steps);
      await own.jump(HOUR_MS);
      own.survived();
      for (let hours = 0; hours < 4; hours++) await own.jump(HOUR_MS);

      expect([steps, [...new Set(accepted)].sort()]).toEqual([steps, ["CP0-0", "CP1-0"]]);
      expect(own.waiting()).toBe(0);
    }
  });
});

describe("takeTurn", () => {
  it("lets one of several lanes probe, and another one once its lease has run out", async () => {
    const { own, read } = await probed();
    const webhook = await read();
    const now = (webhook.probeAtMs ?? own.nowMs) + 1;
    const turns = () => Promise.all([1, 2, 3].map(() => takeTurn(table.table, webhook, now)));

    const first = await turns();
    expect(first.filter(({ mayPost }) => mayPost)).toHaveLength(1);
    for (const turn of first) if (!turn.mayPost) expect(turn.againAtMs).toBe(now + 30_000);
    expect(await takeTurn(table.table, await read(), now + 29_999)).toMatchObject({ mayPost: false });
    expect(await takeTurn(table.table, await read(), now + 30_000)).toMatchObject({ mayPost: true });
  });

  it("lets every lane send to a receiver that refuses single events", async () => {
    const { own, publish, read } = await subscribed(table);
    own.answer = () => 422;
    for (const cpId of stations) await publish(`${cpId}-0`, cpId);
    await own.jump(0);

    expect(own.requests).toHaveLength(stations.length);
    expect(await takeTurn(table.table, await read(), own.nowMs)).toEqual({ mayPost: true, probe: 0 });
  });
});
