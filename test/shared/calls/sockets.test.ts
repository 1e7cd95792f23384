import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { openConnections } from "../../../shared/calls/post.ts";
import { FreshHttpHandler } from "../../../shared/http-client.ts";

/** What the far end does with a request: answers it, or resets the socket in one of several ways. */
type Conduct = "answer" | "reset" | "resetAfterHeaders" | "silence" | "throttle";

interface Request {
  readonly method: string;
  /** The how-many-th of its socket, from 1 on. */
  readonly nthOfSocket: number;
}

/** A management API whose sockets can be dead. */
class FarEnd {
  readonly arrived: Request[] = [];
  readonly processed: Request[] = [];
  readonly sockets = new Set<Socket>();
  conduct: (request: Request) => Conduct = () => "answer";
  #server: Server | undefined;

  async start(): Promise<string> {
    const requestsOf = new WeakMap<Socket, number>();
    this.#server = createServer((message, response) => {
      const { socket, method = "" } = message;
      const nthOfSocket = (requestsOf.get(socket) ?? 0) + 1;
      requestsOf.set(socket, nthOfSocket);
      const request = { method, nthOfSocket };
      this.arrived.push(request);
      message.resume().on("end", () => {
        switch (this.conduct(request)) {
          case "answer":
            this.processed.push(request);
            return response.end();
          case "throttle":
            response.writeHead(429, { "x-amzn-errortype": "LimitExceededException" });
            return response.end("{}");
          case "resetAfterHeaders":
            this.processed.push(request);
            response.writeHead(200, { "content-length": "10" });
            response.write("12345");
            return void setTimeout(() => socket.resetAndDestroy(), 20);
          case "reset":
            return socket.resetAndDestroy();
          case "silence":
        }
      });
    });
    this.#server.keepAliveTimeout = 0;
    this.#server.on("connection", (socket: Socket) => this.sockets.add(socket));
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

let farEnd: FarEnd;
afterEach(() => farEnd.stop());

async function open({ requestMs = 3_000 } = {}) {
  farEnd = new FarEnd();
  const time = { now: 0 };
  const handler = new FreshHttpHandler({ idleMs: 2_000, now: () => time.now, requestMs });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const config = { region: "eu-central-1", credentials };
  return { time, connections: openConnections(await farEnd.start(), config, handler) };
}

/** Sockets that the network removed: whatever comes as a later request of one is answered by a reset. */
const resetsOldSockets = ({ nthOfSocket }: Request): Conduct => (nthOfSocket > 1 ? "reset" : "answer");

describe("a post", () => {
  it("reuses the socket of a post a moment ago", async () => {
    const { connections } = await open();

    await connections.post("c", "[1]");
    await connections.post("c", "[2]");

    expect(farEnd.sockets.size).toBe(1);
  });

  it("goes out on a new socket after idle seconds, so that a dead one does no harm", async () => {
    const { connections, time } = await open();
    farEnd.conduct = resetsOldSockets;

    for (let n = 0; n < 8; n++) {
      await expect(connections.post("c", `[${n}]`)).resolves.toBe("sent");
      time.now += 6_000;
    }

    expect(farEnd.processed).toHaveLength(8);
    expect(farEnd.arrived).toHaveLength(8);
  });

  it("is repeated once on a new socket when a reused one is reset before any byte of the answer", async () => {
    const { connections } = await open();
    farEnd.conduct = resetsOldSockets;

    for (let n = 0; n < 8; n++) await expect(connections.post("c", `[${n}]`)).resolves.toBe("sent");

    expect(farEnd.processed).toHaveLength(8);
    expect(farEnd.arrived).toHaveLength(15);
  });

  it("closes the other idle sockets too, when one of them was dead", async () => {
    const { connections } = await open();
    await Promise.all([1, 2, 3, 4].map((n) => connections.post("c", `[${n}]`)));
    farEnd.conduct = resetsOldSockets;
    farEnd.arrived.length = 0;

    await expect(connections.post("c", "[5]")).resolves.toBe("sent");

    expect(farEnd.arrived.map(({ nthOfSocket }) => nthOfSocket)).toEqual([2, 1]);
  });

  it("leaves a concurrent post's socket alone", async () => {
    const { connections, time } = await open();
    await connections.post("c", "[1]");
    const slow = connections.post("c", "[2]");
    time.now += 10_000;

    await expect(Promise.all([slow, connections.post("c", "[3]")])).resolves.toEqual(["sent", "sent"]);

    expect(farEnd.processed).toHaveLength(3);
  });

  it("is not repeated when a new socket is reset", async () => {
    const { connections } = await open();
    farEnd.conduct = () => "reset";

    await expect(connections.post("c", "[1]")).resolves.toBe("unknown");

    expect(farEnd.arrived).toHaveLength(1);
  });

  it("is not repeated a second time", async () => {
    const { connections } = await open();
    await connections.post("c", "[1]");
    farEnd.conduct = () => "reset";

    await expect(connections.post("c", "[2]")).resolves.toBe("unknown");

    expect(farEnd.arrived).toHaveLength(3);
  });

  it("is not repeated when the reset comes after the first byte of the answer", async () => {
    const { connections } = await open();
    await connections.post("c", "[1]");
    farEnd.conduct = () => "resetAfterHeaders";

    await connections.post("c", "[2]");

    expect(farEnd.arrived).toHaveLength(2);
  });

  it("ends as unknown, and is not repeated, when a reused socket gives no answer in time", async () => {
    const { connections } = await open({ requestMs: 200 });
    await connections.post("c", "[1]");
    farEnd.conduct = () => "silence";

    await expect(connections.post("c", "[2]")).resolves.toBe("unknown");

    expect(farEnd.arrived).toHaveLength(2);
  });
});

describe("closing a connection", () => {
  it("is retried on a new socket when the old one is dead", async () => {
    const { connections } = await open();
    await connections.post("c", "[1]");
    farEnd.conduct = resetsOldSockets;

    await connections.close("c");

    expect(farEnd.processed.map(({ method }) => method)).toEqual(["POST", "DELETE"]);
  });

  it("is retried when API Gateway throttles", async () => {
    const { connections } = await open();
    farEnd.conduct = () => (farEnd.arrived.length < 2 ? "throttle" : "answer");

    await connections.close("c");

    expect(farEnd.processed).toHaveLength(1);
  });

  it("does not throw when every attempt fails", async () => {
    const { connections } = await open();
    farEnd.conduct = () => "reset";

    await expect(connections.close("c")).resolves.toBeUndefined();

    expect(farEnd.arrived).toHaveLength(3);
  });
});
