import { IDENTITY_PATTERN, MESSAGE_ID_PATTERN, NETWORK_ID_PATTERN } from "../ids.ts";
import type { validate } from "../schema/validate.ts";
import { SECRET_PATTERN } from "../webhooks/secret-pattern.ts";
import { IF_MATCH_PATTERN } from "./if-match.ts";

const PREFIX = "must match ";

const letters = "letters, digits, dots, hyphens and underscores, the first one a letter or a digit";

/** What each pattern of the routes asks for, in words. */
const words: ReadonlyMap<string, string> = new Map([
  [IF_MATCH_PATTERN, "must be * or entity tags in double quotes, as ETag has them"],
  [IDENTITY_PATTERN, "must have 1 to 48 characters, without colons and control characters"],
  [NETWORK_ID_PATTERN, `must have 1 to 48 characters: ${letters}`],
  [MESSAGE_ID_PATTERN, "must have 1 to 36 characters, without control characters"],
  ["^[A-Z]{3}$", "must be a currency code of three capital letters, such as EUR"],
  ["^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", `must have 1 to 64 characters: ${letters}`],
  [SECRET_PATTERN, "must be whsec_ and 24 to 64 bytes in Base64"],
  ["^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$", `must have 1 to 60 characters: ${letters}`],
  [
    "^[A-Za-z0-9*_=:+|@.~-]{16,40}$",
    "must have 16 to 40 characters: letters, digits and any of * - _ = : + | @ . ~",
  ],
  [
    "^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,40}$",
    "must have 1 to 40 characters, without control characters",
  ],
  [
    "^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,255}$",
    "must have 1 to 255 characters, without control characters",
  ],
  [
    "^[^,;\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,50}$",
    "must have 1 to 50 characters, without commas, semicolons and control characters",
  ],
]);

/** The detail of a violation in words: callers need not read regular expressions. */
export function inWords({ keyword, detail }: ReturnType<typeof validate>[number]): string {
  if (keyword !== "pattern" || !detail.startsWith(PREFIX)) return detail;
  return words.get(detail.slice(PREFIX.length)) ?? "has characters or a length that it must not have";
}

/** Whether there are words for a pattern. */
export const hasWords = (pattern: string): boolean => words.has(pattern);
