import type { SlotUse } from "../limits/semaphore.ts";

const POLICY = "parallel";

/**
 * The headers of draft-ietf-httpapi-ratelimit-headers-11 for the network's limit: a quota of concurrent requests, so
 * without a window.
 *
 * @param use as the request found or left it
 * @param retryAfterS after how many seconds a slot may be free, where none is
 */
export const rateLimitOf = ({ limit, inUse }: SlotUse, retryAfterS?: number) => ({
  "RateLimit-Policy": `"${POLICY}";q=${limit};qu="concurrent-requests"`,
  RateLimit: `"${POLICY}";r=${Math.max(limit - inUse, 0)}${retryAfterS === undefined ? "" : `;t=${retryAfterS}`}`,
});
