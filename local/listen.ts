/** Plain node:http listeners on loopback. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const loopback = "127.0.0.1";

/** Resolves with the base URL, without a slash at its end. */
export async function listen(server: Server, port: number): Promise<string> {
  // Clients keep their connections; one that the server closes in the moment of its reuse would be a lost request.
  server.keepAliveTimeout = 600_000;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new PortInUse(port) : error),
    );
    server.listen(port, loopback, resolve);
  });
  return `http://${loopback}:${(server.address() as AddressInfo).port}`;
}

export class PortInUse extends Error {
  override readonly name = "PortInUse";
  constructor(port: number) {
    super(`Port ${port} on ${loopback} is in use by another program.`);
  }
}

/** Ends the listener and every connection that is still open on it. */
export async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** Rejects with {@link BodyTooLarge} past the limit; the connection stays usable for an answer. */
export function readBody(request: IncomingMessage, maxBytes = Number.POSITIVE_INFINITY): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else reject(new BodyTooLarge());
    });
    request.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
