import { createHash } from "node:crypto";
import { Problem } from "../problems.ts";

/** The versions that a request takes (`If-Match`): any that exists, or one of these; undefined: no matter which. */
export type Precondition = "*" | readonly string[] | undefined;

/** The version of a resource's content: equal contents have equal versions. */
export const versionOf = (content: object): string =>
  createHash("sha256")
    .update(JSON.stringify(sorted(content)))
    .digest("base64url")
    .slice(0, 22);

/**
 * Refuses a request that was meant for another version.
 *
 * @param version undefined: the resource does not exist
 * @throws Problem `precondition-failed`
 */
export function requireVersion(precondition: Precondition, version: string | undefined): void {
  if (precondition === undefined) return;
  if (version !== undefined && (precondition === "*" || precondition.includes(version))) return;
  throw changedMeanwhile();
}

export const changedMeanwhile = (): Problem =>
  new Problem(
    "precondition-failed",
    "The resource has changed or does not exist. Read it again before you write.",
  );

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
}
