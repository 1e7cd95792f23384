import { once } from "node:events";
import { RPCServer } from "ocpp-rpc";
import {
  connectStation,
  type Payload,
  type Station,
  type StationOptions,
} from "../../local/stations/station.ts";

interface Message {
  readonly action: string;
  readonly payload: Payload;
}

/** ocpp-rpc's end of a connection. */
interface RpcConnection {
  call(action: string, payload: Payload): Promise<unknown>;
  sendRaw(frame: string): void;
  close(options: { force: boolean }): Promise<unknown>;
  on(event: "response", listener: (response: { payload: unknown[] }) => void): void;
}

/** The record of one station: its messages, and the means to send to it. */
export class StationRecord {
  readonly messages: Message[] = [];
  connection: RpcConnection | undefined;
  #arrived = () => {};

  add(message: Message): void {
    this.messages.push(message);
    this.#arrived();
  }

  all(action: string): Payload[] {
    return this.messages.filter((message) => message.action === action).map(({ payload }) => payload);
  }

  /** The n-th message of this action with these members, as soon as it has come. */
  async find(action: string, members: Payload = {}, n = 1): Promise<Payload> {
    const fits = (payload: Payload) =>
      Object.entries(members).every(([name, value]) => payload[name] === value);
    for (;;) {
      const found = this.all(action).filter(fits)[n - 1];
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  async call(action: string, payload: Payload): Promise<Payload> {
    return (await this.connection?.call(action, payload)) as Payload;
  }

  /** Sends these frames as they are and resolves with as many responses. */
  exchange(frames: readonly unknown[]): Promise<unknown[][]> {
    const responses: unknown[][] = [];
    return new Promise((resolve) => {
      this.connection?.on("response", ({ payload }) => {
        if (responses.push(payload) === frames.length) resolve(responses);
      });
      for (const frame of frames) this.connection?.sendRaw(JSON.stringify(frame));
    });
  }
}

/**
 * A small OCPP 1.6 central system on ocpp-rpc, strict about schemas in both directions. It accepts every
 * station and token, but `BLOCKED`.
 */
export class CentralSystem {
  /** Who is not listed here may come without. */
  readonly passwords = new Map<string, string>();
  /** What the next BootNotifications of an identity are answered with, where not by the usual. */
  readonly bootAnswers = new Map<string, Payload[]>();
  readonly #records = new Map<string, StationRecord>();
  readonly #server = new RPCServer({ protocols: ["ocpp1.6", "ocpp2.0.1"], strictMode: true });
  #stations: Station[] = [];
  #transactions = 0;
  #url = "";

  async start(): Promise<void> {
    this.#server.auth((accept, reject, { identity, password }) => {
      const expected = this.passwords.get(identity ?? "");
      if (expected !== undefined && String(password) !== expected) reject(401, "Unauthorized");
      else accept();
    });
    this.#server.on("client", (client) => {
      const record = this.record(client.identity);
      record.connection = client;
      client.handle(({ method, params }: { method: string; params: Payload }) => {
        record.add({ action: method, payload: params });
        return this.#answer(client.identity, method, params);
      });
    });
    const http = await this.#server.listen(0, "127.0.0.1");
    this.#url = `ws://127.0.0.1:${(http.address() as { port: number }).port}/ocpp`;
  }

  get url(): string {
    return this.#url;
  }

  record(identity: string): StationRecord {
    const record = this.#records.get(identity) ?? new StationRecord();
    this.#records.set(identity, record);
    return record;
  }

  /** Connects a simulated station, quick in what it does. */
  async connect(
    options: Partial<StationOptions> = {},
  ): Promise<{ station: Station; central: StationRecord }> {
    const { identity = `CP${this.#records.size}` } = options;
    const central = this.record(identity);
    const station = await connectStation({ url: this.#url, stepMs: 5, ...options, identity });
    this.#stations.push(station);
    return { station, central };
  }

  /** Resolves when a station connects. */
  async nextConnection(): Promise<void> {
    await once(this.#server, "client");
  }

  async closeStations(): Promise<void> {
    await Promise.all(this.#stations.splice(0).map((station) => station.close()));
  }

  close(): Promise<void> {
    return this.#server.close({ force: true });
  }

  #answer(identity: string, action: string, { idTag }: Payload): Payload {
    const currentTime = new Date().toISOString();
    const idTagInfo = { status: idTag === "BLOCKED" ? "Blocked" : "Accepted" };
    switch (action) {
      case "BootNotification":
        return { status: "Accepted", interval: 300, currentTime, ...this.bootAnswers.get(identity)?.shift() };
      case "Heartbeat":
        return { currentTime };
      case "StartTransaction":
        this.#transactions += 1;
        return { transactionId: this.#transactions, idTagInfo };
      case "Authorize":
        return { idTagInfo };
      default:
        return {};
    }
  }
}
