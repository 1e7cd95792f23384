import { Problem } from "../problems.ts";
import type { Precondition } from "../store/version.ts";

/** `*`, or entity tags. Names none of what may stand between the tags. */
export const IF_MATCH_PATTERN = '^\\s*\\*\\s*$|"[^"]*"';

/** The header `If-Match` of the routes that honour it. */
export const ifMatch = {
  "if-match": {
    type: "string",
    minLength: 1,
    maxLength: 1000,
    pattern: IF_MATCH_PATTERN,
    description: "The `ETag` that was read: the request is refused if there is another version now.",
  },
} as const;

/** The header `ETag` of their responses. */
export const etagHeader = {
  ETag: { type: "string", description: "The version of what callers write, for `If-Match`." },
} as const;

const ENTITY_TAG = /(W\/)?"([^"]*)"/g;

/**
 * Reads `If-Match` (RFC 9110 §13.1.1). Weak tags match nothing, as the RFC demands.
 *
 * @throws Problem `invalid-request` for a header without an entity tag
 */
export function preconditionOf(header: string | undefined): Precondition {
  if (header === undefined) return undefined;
  if (header.trim() === "*") return "*";
  const tags = [...header.matchAll(ENTITY_TAG)];
  if (tags.length === 0)
    throw new Problem("invalid-request", "If-Match contains no entity tag.", {
      errors: [{ header: "If-Match", detail: "must be * or entity tags in double quotes, as ETag has them" }],
    });
  return tags.filter(([, weak]) => !weak).map(([, , tag = ""]) => tag);
}

/** The header `ETag` of a version. */
export const etagOf = (version: string) => ({ ETag: `"${version}"` });
