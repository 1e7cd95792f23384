import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cpIdOf } from "../../shared/ids.ts";
import { killInTheMiddle } from "../support/killed-relay.ts";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";
import { type Received, type Receiver, signers, startReceiver } from "../support/webhook-receiver.ts";

let relay: RelayUnderTest;
const receivers: Receiver[] = [];

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()));
  await relay.stop();
});

interface Delivery {
  readonly state: string;
  readonly attempts: readonly object[];
}

/** A receiver, and a webhook of the network `default` that sends to it. */
async function subscribe(webhookId: string, settings: object = {}) {
  const receiver = await startReceiver();
  receivers.push(receiver);
  const { status, body } = await relay.call("PUT", `/webhooks/${webhookId}`, {
    body: { url: receiver.url, events: ["command.completed"], ...settings },
  });
  expect(status).toBe(201);
  return { receiver, secret: body.secret as string, path: `/webhooks/${webhookId}` };
}

describe("a webhook", () => {
  it("gets the events of its network, signed so that the scheme's own library verifies them", async () => {
    const { receiver, secret, path } = await subscribe("signed");
    await relay.station("hook-1");

    const { body: command } = await relay.command("hook-1", "reset", { type: "Soft" });
    const [request] = await until(() => receiver.received.length > 0 && receiver.received);

    const verified = new Webhook(secret).verify(String(request?.raw), request?.headers as never);
    expect(request && signers(request, [secret])).toEqual([0]);
    expect(verified).toMatchObject({
      type: "command.completed",
      data: { commandId: command.commandId, cpId: cpIdOf("default", "hook-1"), networkId: "default" },
    });
    const [delivery] = await until(async () => {
      const { items } = (await relay.get(`${path}/deliveries?state=delivered`)).body;
      return items.length > 0 && items;
    });
    expect(delivery).toMatchObject({
      eventId: request?.id,
      type: "command.completed",
      state: "delivered",
      attempts: [{ status: 204 }],
    });
  });

  it("whose receiver fails is sent the event again after the function was killed; others overtake a refusal", async () => {
    const { receiver, path } = await subscribe("failing");
    await relay.station("hook-2");
    let refusedId: string | undefined;
    receiver.answer = ({ id, body }) => {
      if (body.data.cpId !== cpIdOf("default", "hook-2")) return 204;
      refusedId ??= id;
      return id === refusedId ? 400 : 204;
    };
    const [refused, next] = await Promise.all(
      [1, 2].map(async () => (await relay.command("hook-2", "get_configuration", {})).body.commandId),
    );
    const states = async () => {
      const { items } = (await relay.get(`${path}/deliveries`)).body;
      return items.map(({ state }: { state: string }) => state).sort();
    };
    await until(async () => (await states()).join() === "delivered,pending");

    receiver.answer = () => 204;
    await relay.local.killEnvironments("webhook-deliver");
    relay.local.advanceClock(6 * 60_000);

    await until(async () => (await states()).join() === "delivered,delivered");
    const ids = new Set(receiver.received.map(({ body }) => body.data.commandId));
    expect(ids).toEqual(new Set([refused, next]));
  });

  it("is switched off by 410, with an event; a test event and a delivery that is sent again still arrive", async () => {
    const { receiver, path } = await subscribe("gone");
    const { receiver: others } = await subscribe("watching", { events: ["webhook.disabled"] });
    await relay.station("hook-3");
    receiver.answer = () => 410;
    await relay.command("hook-3", "reset", { type: "Soft" });

    const [event] = await until(() => others.received.length > 0 && others.received);
    expect(event?.body).toMatchObject({
      type: "webhook.disabled",
      data: { networkId: "default", webhookId: "gone", reason: "gone" },
    });
    expect((await relay.get(path)).body).toMatchObject({ enabled: false, disabled: { reason: "gone" } });

    receiver.answer = () => 204;
    const [failed] = (await relay.get(`${path}/deliveries?state=failed`)).body.items;
    for (const route of ["test", `deliveries/${failed.deliveryId}/redeliver`]) {
      const before = receiver.received.length;
      const { status, headers } = await relay.post(`${path}/${route}`);
      expect(status).toBe(202);
      await until(async () => {
        const { body } = await relay.get(String(headers.get("location")));
        return body.state === "delivered";
      });
      expect(receiver.received.length).toBe(before + 1);
    }
  });

  it("keeps its secret, or gets another one, by which it is signed, too; its version is honoured", async () => {
    const { receiver, secret, path } = await subscribe("rotated");
    const { headers } = await relay.get(path);
    const etag = String(headers.get("etag"));
    const next = `whsec_${Buffer.from("another secret of 24 bytes").toString("base64")}`;
    const body = { url: receiver.url, events: ["command.completed"], secret: next };

    const replaced = await relay.call("PUT", path, { body, headers: { "if-match": etag } });
    const refused = await relay.call("PUT", path, { body, headers: { "if-match": etag } });
    await relay.post(`${path}/test`);
    const [request] = await until(() => receiver.received.length > 0 && receiver.received);

    expect(replaced).toMatchObject({ status: 200, body: { previousSecretUntil: expect.any(String) } });
    expect(JSON.stringify([replaced.body, (await relay.get(path)).body])).not.toContain("whsec_");
    expect(refused.status).toBe(412);
    expect(request && signers(request, [secret, next])).toEqual([0, 1]);
    expect((await relay.call("DELETE", path)).status).toBe(204);
    expect((await relay.get(path)).status).toBe(404);
  });

  it("is deleted with its network", async () => {
    const path = "/networks/short-lived";
    const token = await relay.otherToken();
    const settings = { clients: ["other"], allowUnauthenticatedStations: true };
    expect((await relay.call("PUT", path, { body: settings })).status).toBe(201);
    const webhook = "/webhooks/short-lived?network=short-lived";
    const body = { url: "https://example.com/", events: ["*"] };
    expect((await relay.call("PUT", webhook, { body, token })).status).toBe(201);

    expect((await relay.call("DELETE", path)).status).toBe(204);
    expect((await relay.call("PUT", path, { body: settings })).status).toBe(201);
    expect((await relay.get(webhook, { token })).status).toBe(404);
    expect((await relay.call("DELETE", path)).status).toBe(204);
  });

  it.each(["https://169.254.169.254/latest", "http://example.com/", "https://user:word@example.com/"])(
    "is refused with the address %s",
    async (url) => {
      const { status, body } = await relay.call("PUT", "/webhooks/hostile", { body: { url, events: ["*"] } });

      expect([status, body.errors[0].pointer]).toEqual([400, "/url"]);
    },
  );
});

describe("a receiver", () => {
  it("gets every event in order where the whole stack is killed; what is repeated has the same webhook-id", async () => {
    const receiver = await startReceiver();
    const path = "/webhooks/killed";
    /** The attempts of each station, in order. Each of them is an event. */
    const attempts: Record<string, string[]> = { delivered: [], inFlight: [], retried: [] };
    const counts: Record<string, number> = { delivered: 1, inFlight: 3, retried: 3 };
    const stations = new Map(
      Object.keys(attempts).map((identity) => [cpIdOf("default", identity), identity]),
    );
    const stationOf = ({ body }: Received) => stations.get(String(body.data.cpId));
    let isUp = false;
    receiver.answer = (request) => {
      const station = stationOf(request);
      if (isUp || station === "delivered") return 204;
      return station === "retried" ? 503 : new Promise<number>(() => {});
    };

    await killInTheMiddle(
      async ({ call }) => {
        await call("PUT", path, { url: receiver.url, events: ["attempt.changed"] });
        for (const [identity, count] of Object.entries(counts)) {
          await call("POST", "/stations", { identity });
          for (let n = 0; n < count; n++) {
            const start = { cpId: identity, idTag: `TAG${n}` };
            const { id } = await call("POST", "/remote_commands/asynchronous/remote_start_attempt", start);
            attempts[identity]?.push(id);
          }
        }
        await until(async () => {
          const { items } = await call("GET", `${path}/deliveries`);
          const states = items.map(({ state }: { state: string }) => state);
          const isRetried = items.some((one: Delivery) => one.state === "pending" && one.attempts.length > 0);
          const isInFlight = receiver.received.some((request) => stationOf(request) === "inFlight");
          return items.length === 7 && states.includes("delivered") && isRetried && isInFlight;
        });
      },
      async ({ local, get }) => {
        isUp = true;
        // the visibility timeout of the queue; the retry is due before
        local.advanceClock(361_000);
        await until(async () => {
          const { items } = (await get(`${path}/deliveries`)).body;
          return items.length === 7 && items.every(({ state }: Delivery) => state === "delivered");
        });
      },
      () => receiver.close(),
    );

    for (const [identity, ids] of Object.entries(attempts)) {
      const requests = receiver.received.filter((request) => stationOf(request) === identity);
      const received = requests.map(({ body }) => body.data.id);
      expect([...new Set(received)]).toEqual(ids);
      // those that waited behind the first one were sent once
      for (const id of ids.slice(1)) expect(received.filter((one) => one === id)).toHaveLength(1);
    }
    expect(receiver.received.filter((request) => stationOf(request) === "delivered")).toHaveLength(1);
    const events = new Set(receiver.received.map(({ id, body }) => `${id} ${body.data.id}`));
    expect(events.size).toBe(7);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(7);
  });
});
