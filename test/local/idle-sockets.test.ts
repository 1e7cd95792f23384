import { Agent, request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterEach, describe, expect, it } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import { resetIdleSockets } from "../../local/idle-sockets.ts";
import { listen, serverOf, stop } from "../../local/listen.ts";
import { startScheduler } from "../../local/scheduler.ts";

const IDLE_MS = 100;
const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

/** A client with one socket, which it keeps. @returns "answered", or the error's code and whether the socket was reused */
function clientOf(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  cleanups.push(() => agent.destroy());
  return (headers: Record<string, string> = {}) =>
    new Promise<string>((resolve) => {
      const outgoing = httpRequest(url, { agent, headers }, (response) =>
        response.resume().once("end", () => resolve("answered")),
      );
      outgoing.once("error", (error: NodeJS.ErrnoException) =>
        resolve(`${error.code}${outgoing.reusedSocket ? " on a reused socket" : ""}`),
      );
      outgoing.end();
    });
}

async function serve(idleMs: number, isExempt?: Parameters<typeof resetIdleSockets>[2]) {
  let served = 0;
  const server = serverOf(async (_request, response) => {
    served += 1;
    response.end("ok");
  });
  resetIdleSockets(server, idleMs, isExempt);
  const url = await listen(server, 0);
  cleanups.push(() => stop(server));
  return { send: clientOf(url), served: () => served };
}

describe("a socket that was idle", () => {
  it("is reset by its next request, which is not served", async () => {
    const { send, served } = await serve(IDLE_MS);

    const first = await send();
    await sleep(IDLE_MS + 20);
    const second = await send();
    const third = await send();

    expect([first, second, third]).toEqual(["answered", "ECONNRESET on a reused socket", "answered"]);
    expect(served()).toBe(2);
  });

  it("is kept where it was idle for a shorter time", async () => {
    const { send, served } = await serve(60_000);

    expect([await send(), await send()]).toEqual(["answered", "answered"]);
    expect(served()).toBe(2);
  });

  it("is kept where the time is 0", async () => {
    const { send } = await serve(0);

    await send();
    await sleep(IDLE_MS);

    expect(await send()).toBe("answered");
  });

  it("is kept for a request that is exempt", async () => {
    const { send } = await serve(IDLE_MS, ({ headers }) => headers["x-own"] !== undefined);

    await send();
    await sleep(IDLE_MS + 20);

    expect(await send({ "x-own": "1" })).toBe("answered");
  });
});

describe("a client without retries meets a reset after idle time", () => {
  it("at DynamoDB, whose count of requests leaves the reset one out", async () => {
    const dynamodb = await startDynamoDb({ tables: {}, now: Date.now, idleSocketMs: IDLE_MS });
    const client = new DynamoDBClient({
      endpoint: dynamodb.endpoint,
      region: "eu-central-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, maxSockets: 1 }) }),
    });
    cleanups.push(
      () => dynamodb.close(),
      () => client.destroy(),
    );

    await client.send(new ListTablesCommand());
    await sleep(IDLE_MS + 20);

    await expect(client.send(new ListTablesCommand())).rejects.toMatchObject({ code: "ECONNRESET" });
    await client.send(new ListTablesCommand());
    expect(dynamodb.metrics()).toEqual({ total: 2, operations: { ListTables: 2 } });
  });

  it("at Scheduler", async () => {
    const scheduler = await startScheduler({
      now: Date.now,
      groups: [],
      invoke: async () => {},
      idleSocketMs: IDLE_MS,
    });
    cleanups.push(() => scheduler.close());
    const send = clientOf(`${scheduler.endpoint}/schedules`);

    await send();
    await sleep(IDLE_MS + 20);

    expect(await send()).toBe("ECONNRESET on a reused socket");
  });
});
