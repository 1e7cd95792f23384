/** A station that records every frame it gets, empty ones too, and answers only what a trial makes it answer. */
import { once } from "node:events";
import { WebSocket } from "ws";

/** `[2, messageId, action, payload]`, `[3, messageId, payload]`, … */
export type Frame = readonly [type: number, messageId: string, ...rest: unknown[]];

export interface ProbeOptions {
  readonly protocols?: readonly string[];
  readonly identity: string;
  readonly password?: string;
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
}

/** The handshake was answered by another status than 101. */
export class HandshakeRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the handshake was refused: ${status}`);
    this.status = status;
  }
}

/** @param url the station endpoint without the identity */
export async function connectProbe(url: string, options: ProbeOptions): Promise<Probe> {
  const { protocols = ["ocpp1.6"], identity, password, tls = {} } = options;
  const credentials = Buffer.from(`${identity}:${password}`).toString("base64");
  const headers = password === undefined ? {} : { authorization: `Basic ${credentials}` };
  const socket = new WebSocket(`${url}/${encodeURIComponent(identity)}`, [...protocols], { headers, ...tls });
  const probe = new Probe(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
    socket.once("unexpected-response", (request, response) => {
      request.destroy();
      reject(new HandshakeRefused(response.statusCode ?? 0));
    });
  });
  return probe;
}

export class Probe {
  readonly socket: WebSocket;
  /** Resolves with the code when the connection ends. */
  readonly closed: Promise<number>;
  /** All texts that came and were not taken yet, in order of arrival. */
  readonly #texts: string[] = [];
  readonly #waiting: ((text: string) => void)[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = once(socket, "close").then(([code]) => Number(code));
    this.closed.catch(() => {});
    socket.on("message", (data) => {
      const taker = this.#waiting.shift();
      if (taker) taker(String(data));
      else this.#texts.push(String(data));
    });
  }

  get unread(): readonly string[] {
    return this.#texts;
  }

  /** The next frame that is not empty. @throws Error after `withinMs`, and where the frame is no JSON */
  async next(withinMs = 30_000): Promise<Frame> {
    for (;;) {
      const text = this.#texts.shift() ?? (await this.#arrival(withinMs));
      if (text !== "") return JSON.parse(text) as Frame;
    }
  }

  #arrival(withinMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no frame came within ${withinMs} ms`)), withinMs);
      this.#waiting.push((text) => {
        clearTimeout(timer);
        resolve(text);
      });
    });
  }

  send(frame: Frame): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Waits for the next CALL of the CSMS and answers it. */
  async answerNext(payload: object): Promise<void> {
    const [, messageId] = await this.next();
    this.send([3, messageId, payload]);
  }

  close(): void {
    this.socket.terminate();
  }
}
