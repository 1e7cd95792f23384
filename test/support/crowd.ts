import { WebSocket } from "ws";

/** How a station of a crowd reacts to a CALL. */
export type Manner =
  | "accepts"
  | "refuses"
  | "errs"
  | "silent"
  | "late"
  | "twice"
  | "garbage"
  | "wrongStatus"
  | "hangsUp"
  | "reconnects";

/** A station that counts the CALLs that reach it, over all of its connections. */
export class CrowdStation {
  readonly identity: string;
  readonly manner: Manner;
  /** The message ids. */
  readonly calls: string[] = [];
  readonly #sockets = new Set<WebSocket>();

  constructor(identity: string, manner: Manner) {
    this.identity = identity;
    this.manner = manner;
  }

  /** @param stationUrl with the path of the endpoint */
  async connect(stationUrl: string): Promise<void> {
    const socket = new WebSocket(`${stationUrl}/${this.identity}`, ["ocpp1.6"]);
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    socket.on("error", () => {});
    socket.on("message", (data) => {
      const text = String(data);
      if (!text.startsWith("[2,")) return;
      const [, messageId] = JSON.parse(text) as [2, string];
      this.calls.push(messageId);
      this.#react(socket, stationUrl, messageId);
    });
  }

  /** Answers every CALL so far that its manner left unanswered. */
  answerLate(): void {
    for (const socket of this.#sockets)
      for (const messageId of this.calls) socket.send(JSON.stringify([3, messageId, { status: "Accepted" }]));
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  #react(socket: WebSocket, stationUrl: string, messageId: string): void {
    const answer = (status: string) => socket.send(JSON.stringify([3, messageId, { status }]));
    const reactions: Readonly<Record<Manner, () => void>> = {
      accepts: () => answer("Accepted"),
      refuses: () => answer("Rejected"),
      errs: () => socket.send(JSON.stringify([4, messageId, "InternalError", "", {}])),
      silent: () => {},
      late: () => {},
      twice: () => {
        answer("Accepted");
        answer("Accepted");
      },
      garbage: () => socket.send(`[3,"${messageId}",{"status":"Acc`),
      wrongStatus: () => answer("Perhaps"),
      hangsUp: () => socket.terminate(),
      reconnects: () => void this.connect(stationUrl).catch(() => {}),
    };
    reactions[this.manner]();
  }
}
