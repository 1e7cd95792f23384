import type { IncomingMessage } from "node:http";

/** Names of this machine, with any port: what a tunnel to another machine ends at has one of its own. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/**
 * The origin that the browser uses for this endpoint. A name that is not of this machine is not taken from the
 * request: it may be that of a page which had its own name resolved to the loopback address (DNS rebinding).
 */
export function ownOriginOf({ headers: { host = "" } }: IncomingMessage, url: string): string {
  return LOOPBACK.test(host) ? `http://${host}` : url;
}
