/** Plain node:http listeners on loopback. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const loopback = "127.0.0.1";
/** Connections that wait to be accepted; a whole fleet comes at once. The kernel lowers it to its own maximum. */
const BACKLOG = 4096;

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * A server whose handler may fail. Errors of a caller that has gone are ignored, all others are logged as defects.
 */
export function serverOf(handle: RequestHandler): Server {
  return createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!request.destroyed || request.complete) console.error(error);
      response.destroy();
    });
  });
}

/** Resolves with the base URL, without a slash at its end. */
export async function listen(server: Server, port: number): Promise<string> {
  // Clients keep their connections; one that the server closes in the moment of its reuse would be a lost request.
  server.keepAliveTimeout = 600_000;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new PortInUse(port) : error),
    );
    server.listen({ port, host: loopback, backlog: BACKLOG }, resolve);
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

/** Undefined past the limit; the connection stays usable for an answer. Rejects where the caller has gone. */
export function readBody(request: IncomingMessage): Promise<Buffer>;
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined>;
export function readBody(request: IncomingMessage, maxBytes = Number.POSITIVE_INFINITY) {
  return new Promise<Buffer | undefined>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else resolve(undefined);
    });
    request.on("end", () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
