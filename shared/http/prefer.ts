/** What a caller prefers, as far as it is known here. */
export interface Preferences {
  readonly respondAsync: boolean;
  /** The seconds to wait as the caller sent them: a whole number of 0 or more. */
  readonly waitSeconds?: number;
}

/** What stands between two commas; a comma inside quotes separates nothing. */
const ITEM = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;

/** A preference's name and value; parameters after a semicolon mean nothing here. */
const PREFERENCE = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:=\s*("?)([^"\s;]*)\2\s*)?(?:;.*)?$/s;

/**
 * Reads the header `Prefer` (RFC 7240 §2). Of a preference named twice the first counts; what is unknown or
 * malformed is passed over, as the RFC demands, so that this never fails.
 */
export function parsePrefer(header: string | undefined): Preferences {
  const preferences = new Map<string, string>();
  for (const [item] of header?.matchAll(ITEM) ?? []) {
    const [, name, , value = ""] = PREFERENCE.exec(item) ?? [];
    if (name && !preferences.has(name.toLowerCase())) preferences.set(name.toLowerCase(), value);
  }
  const wait = preferences.get("wait") ?? "";
  return {
    respondAsync: preferences.has("respond-async"),
    ...(/^\d{1,9}$/.test(wait) && { waitSeconds: Number(wait) }),
  };
}

/** How long a caller waits at most: an HTTP API ends a request after 30 s, the function after 28 s. */
const MAX_WAIT_S = 25;

/** How long to wait for a station, in milliseconds. */
export const waitMsOf = ({ waitSeconds = MAX_WAIT_S }: Preferences): number =>
  Math.min(Math.max(waitSeconds, 1), MAX_WAIT_S) * 1000;
