import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cpIdOf } from "../../shared/ids.ts";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";
import { type Receiver, signers, startReceiver } from "../support/webhook-receiver.ts";

let relay: RelayUnderTest;
const receivers: Receiver[] = [];

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()));
  await relay.stop();
});

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
});
