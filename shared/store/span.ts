import { Problem } from "../problems.ts";
import { parseDateTime } from "../schema/date-time.ts";
import { iso } from "../time.ts";

/** A span of time; both ends are RFC 3339 and inclusive. */
export interface Span {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Sorts behind every entry of a moment: the sort key of a list by time is `<ISO time>#<id>`. */
const AFTER_HASH = "$";

/** The last moment that ISO 8601 writes with four digits of year, as text that sorts by time must. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const instant = (text: string): string => iso(Math.min(Math.max(parseDateTime(text) ?? 0, 0), LAST_MS));

/**
 * The bounds of a list by time.
 *
 * @throws Problem `invalid-request` for a span that ends before it begins
 */
export function boundsOf({ from, to }: Span): { readonly from?: string; readonly to?: string } {
  const bounds = { ...(from && { from: instant(from) }), ...(to && { to: `${instant(to)}${AFTER_HASH}` }) };
  if (bounds.from && bounds.to && bounds.from > bounds.to) {
    const errors = [{ parameter: "to", detail: "must not be before from" }];
    throw new Problem("invalid-request", "The time span ends before it starts.", { errors });
  }
  return bounds;
}
