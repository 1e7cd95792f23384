/** Ids that AWS makes up for requests and connections, in its own formats. */
import { randomBytes } from "node:crypto";

let pool = randomBytes(0);
let used = 0;

/** Random bytes drawn in bulk: one draw per id costs more than the rest of a request's book-keeping. */
function draw(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    pool = randomBytes(4096);
    used = 0;
  }
  used += bytes;
  return pool.subarray(used - bytes, used);
}

/** As API Gateway writes request and connection ids: `JKJaXmPLvHcESHA=`. */
export const gatewayId = () => `${draw(11).toString("base64url")}=`;

/** As `X-Amzn-Trace-Id` and `_X_AMZN_TRACE_ID` carry it. */
export function traceId(now: number): string {
  const seconds = Math.floor(now / 1000).toString(16);
  return `Root=1-${seconds.padStart(8, "0")}-${draw(12).toString("hex")}`;
}
