import { once } from "node:events";
import { WebSocket } from "ws";

/** A frame as a station sees it: `[2, messageId, action, payload]`, `[3, messageId, payload]`, … */
export type Frame = [type: number, messageId: string, ...rest: unknown[]];

export interface RawStationOptions {
  /** @default ["ocpp1.6"] */
  readonly protocols?: readonly string[];
  /** For HTTP Basic authentication, together with the password. */
  readonly identity?: string;
  readonly password?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Its client certificate, and the CA to trust; all PEM. */
  readonly tls?: { readonly cert?: string; readonly key?: string; readonly ca: string };
}

/** The handshake was answered by something other than 101. */
export class UpgradeRefused extends Error {
  readonly status: number;
  readonly body: string;
  constructor(status: number, body: string) {
    super(`the upgrade was refused: ${status} ${body}`);
    this.status = status;
    this.body = body;
  }
}

/**
 * A station without manners: sends anything, answers nothing by itself. `url` is the whole one, with the
 * identity.
 */
export async function connectRaw(url: string, options: RawStationOptions = {}): Promise<RawStation> {
  const { protocols = ["ocpp1.6"], identity, password, headers = {}, tls = {} } = options;
  const basic = password === undefined ? {} : { authorization: `Basic ${btoa(`${identity}:${password}`)}` };
  const socket = new WebSocket(url, [...protocols], { headers: { ...basic, ...headers }, ...tls });
  const station = new RawStation(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
    socket.once("unexpected-response", async (_, response) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      reject(new UpgradeRefused(response.statusCode ?? 0, body));
    });
  });
  return station;
}

export class RawStation {
  readonly socket: WebSocket;
  /** Resolves when the connection ends. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #frames: unknown[] = [];
  readonly #waiting: ((frame: unknown) => void)[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = once(socket, "close").then(([code, reason]) => ({ code, reason: String(reason) }));
    // A handshake that failed is connectRaw's to report.
    this.closed.catch(() => {});
    socket.on("message", (data) => {
      if (String(data) === "") return; // EMPTY_FRAMES=1: API Gateway may send one after each answer
      const frame: unknown = JSON.parse(String(data));
      const waiting = this.#waiting.shift();
      if (waiting) waiting(frame);
      else this.#frames.push(frame);
    });
  }

  get protocol(): string {
    return this.socket.protocol;
  }

  /** Frames that came and were not asked for yet. */
  get unread(): readonly unknown[] {
    return this.#frames;
  }

  /** The next frame, in order of arrival. */
  next(): Promise<Frame> {
    if (this.#frames.length > 0) return Promise.resolve(this.#frames.shift() as Frame);
    return new Promise((resolve) => this.#waiting.push((frame) => resolve(frame as Frame)));
  }

  /** A text is sent as it is, all else as JSON. */
  send(frame: unknown): void {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** Ends the connection; `abrupt`: without a closing handshake. */
  async close({ abrupt = false } = {}): Promise<void> {
    if (abrupt) this.socket.terminate();
    else this.socket.close();
    await this.closed;
  }
}
