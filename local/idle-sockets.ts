import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/** As `IDLE_SOCKET_SECONDS` is where it is not set. */
export const IDLE_SOCKET_MS = 5_000;

/**
 * Resets a socket that carries a request after it was idle for this long; the request is not read.
 *
 * Lambda freezes an environment between invocations and removes its idle connections meanwhile: "attempting to reuse
 * an idle connection when invoking a function will result in a connection error"
 * (https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html). Environments are not frozen here, so a socket
 * that was reset while idle would only be dropped by its client. The reset therefore comes with the next request.
 *
 * To be called when the server has its listeners.
 *
 * @param idleMs 0: no socket is reset
 * @param isExempt requests that are served in any case
 */
export function resetIdleSockets(
  server: Server,
  idleMs: number,
  isExempt: (request: IncomingMessage) => boolean = () => false,
): void {
  if (idleMs === 0) return;
  const idleSince = new WeakMap<Socket, number>();
  const listeners = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const { socket } = request;
    const since = idleSince.get(socket);
    if (since !== undefined && performance.now() - since >= idleMs && !isExempt(request)) {
      return void socket.resetAndDestroy();
    }
    response.once("close", () => idleSince.set(socket, performance.now()));
    for (const listener of listeners) listener.call(server, request, response);
  });
}
