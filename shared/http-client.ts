/**
 * How the SDK's clients speak HTTP from a function that Lambda freezes between two events.
 *
 * Lambda removes idle connections of a frozen environment, and the function learns of it only when it sends:
 * the first request on such a socket fails, or gets no answer at all. So a socket that was idle for longer than
 * its client allows is closed before the next request, which opens a new one; and no request waits without end.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html "Use a keep-alive directive"
 * @see docs/sockets.md
 */

import type { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";
import { NodeHttpHandler } from "@smithy/node-http-handler";

/** A new connection within the region takes 1 to 20 ms. */
const CONNECTION_MS = 1_000;

/** The slowest requests of the relay take some 100 ms; a function that holds a caller's request has 28 s. */
const REQUEST_MS = 3_000;

/**
 * For clients that retry by themselves: a dead socket costs them one retry, a new connection some 10 ms of TLS.
 * Environments that serve an event every few seconds keep their sockets.
 */
const RETRIED_IDLE_MS = 10_000;

export interface HttpSettings {
  /** How long a socket may be idle and still be used again, in milliseconds. @default 10 s */
  readonly idleMs?: number;
  /** @default the system's clock */
  readonly now?: () => number;
  /** @default 3 s */
  readonly requestMs?: number;
}

/** Which free sockets an agent has had since when, and which errors happened on one that was used again. */
class Sockets {
  readonly #freeSince = new WeakMap<Duplex, number>();
  readonly #staleErrors = new WeakSet<Error>();
  readonly #agents: readonly HttpAgent[];

  constructor(now: () => number) {
    // An import of node:http would read all of its exports, three of which load undici: 22 ms of each cold start.
    const { Agent } = process.getBuiltinModule("node:http");
    this.#agents = [new Agent({ keepAlive: true }), new HttpsAgent({ keepAlive: true })];
    for (const agent of this.#agents) this.#observe(agent, now);
  }

  get http(): HttpAgent {
    return this.#agents[0] as HttpAgent;
  }

  get https(): HttpsAgent {
    return this.#agents[1] as HttpsAgent;
  }

  /** Node calls these two when a socket becomes free and when a request takes a free one. */
  #observe(agent: HttpAgent, now: () => number): void {
    const keep = agent.keepSocketAlive.bind(agent);
    agent.keepSocketAlive = (socket) => {
      this.#freeSince.set(socket, now());
      return keep(socket);
    };
    const reuse = agent.reuseSocket.bind(agent);
    agent.reuseSocket = (socket, request) => {
      reuse(socket, request);
      const readBefore = bytesRead(socket);
      const reusedAt = now();
      request.prependListener("error", (error: NodeJS.ErrnoException) => {
        const isReset = error.code === "ECONNRESET" || error.code === "EPIPE";
        if (!request.reusedSocket || !isReset || bytesRead(socket) !== readBefore) return;
        this.#staleErrors.add(error);
        // The sockets that were idle beside it are dead, too: each would cost the SDK one of its few retries.
        this.closeFreeSince(reusedAt);
      });
    };
  }

  /** Closes the free sockets that became free before a time. Sockets in use are left alone. */
  closeFreeSince(atMs: number): void {
    for (const { freeSockets } of this.#agents)
      for (const socket of Object.values(freeSockets).flatMap((sockets = []) => sockets))
        if ((this.#freeSince.get(socket) ?? 0) <= atMs) socket.destroy();
  }

  isStale(error: unknown): boolean {
    return error instanceof Error && this.#staleErrors.has(error);
  }
}

const bytesRead = (socket: Duplex): number => ("bytesRead" in socket ? Number(socket.bytesRead) : 0);

/** The SDK's handler with time-outs, which sends nothing on a socket that was idle for long. */
export class FreshHttpHandler extends NodeHttpHandler {
  readonly #sockets: Sockets;
  readonly #idleMs: number;
  readonly #now: () => number;

  constructor({ idleMs = RETRIED_IDLE_MS, now = Date.now, requestMs = REQUEST_MS }: HttpSettings = {}) {
    const sockets = new Sockets(now);
    super({
      connectionTimeout: CONNECTION_MS,
      requestTimeout: requestMs,
      throwOnRequestTimeout: true, // otherwise the SDK only logs
      httpAgent: sockets.http,
      httpsAgent: sockets.https,
    });
    this.#sockets = sockets;
    this.#idleMs = idleMs;
    this.#now = now;
  }

  override handle(...args: Parameters<NodeHttpHandler["handle"]>): ReturnType<NodeHttpHandler["handle"]> {
    this.#sockets.closeFreeSince(this.#now() - this.#idleMs);
    return super.handle(...args);
  }

  /** Whether a request failed because its socket, used before, was closed before any byte of the answer. */
  isStale(error: unknown): boolean {
    return this.#sockets.isStale(error);
  }

  /** Closes all free sockets: the next request opens a new one. */
  closeFree(): void {
    this.#sockets.closeFreeSince(Number.POSITIVE_INFINITY);
  }
}

/** What every client of the SDK is made with. */
export const clientSettings = () => ({ requestHandler: new FreshHttpHandler() });
