import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { listen, stop } from "../../local/listen.ts";

/** A request that a receiver got. */
export interface Received {
  readonly path: string;
  readonly id: string;
  readonly headers: IncomingMessage["headers"];
  readonly raw: string;
  readonly body: { type: string; timestamp: string; data: Record<string, unknown> };
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** What it answers from now on. */
  answer: (request: Received) => number | Promise<number>;
  close(): Promise<void>;
}

/** A receiver of webhooks on this machine. It answers 204. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const receiver = { received, answer: (_: Received): number | Promise<number> => 204 };
  const server = createServer(async (request, response) => {
    const raw = await text(request);
    const { url = "", headers } = request;
    const got = { path: url, id: String(headers["webhook-id"]), headers, raw, body: JSON.parse(raw) };
    received.push(got);
    response.writeHead(await receiver.answer(got)).end();
  });
  const url = await listen(server, 0);
  return Object.assign(receiver, { url: `${url}/hook`, close: () => stop(server) });
}

/** The secrets, by their place among those given, that a request is signed with. */
export const signers = ({ raw, headers }: Received, secrets: readonly string[]): number[] =>
  secrets.flatMap((secret, n) => {
    try {
      // the relay's clock may be moved; the age of a signature is the receiver's to judge
      const at = new Date(Number(headers["webhook-timestamp"]) * 1000);
      const signature = new Webhook(secret).sign(String(headers["webhook-id"]), at, raw);
      return String(headers["webhook-signature"]).split(" ").includes(signature) ? [n] : [];
    } catch {
      return [];
    }
  });
