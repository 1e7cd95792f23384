/**
 * The members without which the effect of a station's CALL is unknown. A CALL is refused only if one of them is
 * missing. The reason is in OCPP 1.6 §4.7, §4.8 and §4.10: a station discards a StopTransaction that was refused, and
 * the charge is lost.
 */

import type { Violation } from "../schema/validate.ts";

interface Member {
  readonly path: readonly string[];
  /** Whether a value is of the kind, as it came. */
  readonly isKind: (value: unknown) => boolean;
  /** Whether one of the kind can be read. */
  readonly isReadable: (value: unknown) => boolean;
  /** To be read after the member's name: "must be text". */
  readonly detail: string;
}

/** A member that a CALL needs, or several of which it needs one. */
export type Need = readonly [Member, ...Member[]];

const isTextual = (value: unknown): boolean => typeof value === "string" || typeof value === "number";
const pathOf = (name: string): string[] => name.split(".");

/** @param name of the member; with dots where it is one of a member: `idToken.idToken` */
export const text = (name: string): Need => [
  { path: pathOf(name), isKind: isTextual, isReadable: () => true, detail: "must be a string" },
];

const NUMERIC = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const isNumeric = (value: unknown): boolean =>
  typeof value === "number" || (typeof value === "string" && NUMERIC.test(value));
const isWhole = (value: unknown): boolean => isNumeric(value) && Number.isInteger(Number(value));

export const integer = (name: string): Need => [
  {
    path: pathOf(name),
    isKind: isWhole,
    isReadable: (value) => Number.isSafeInteger(Number(value)),
    detail: "must be an integer",
  },
];

export const number = (name: string): Need => [
  { path: pathOf(name), isKind: isNumeric, isReadable: () => true, detail: "must be a number" },
];

export const oneOf = (name: string, words: readonly string[]): Need => [
  {
    path: pathOf(name),
    isKind: isTextual,
    isReadable: (value) => words.includes(String(value)),
    detail: `must be one of ${words.join(", ")}`,
  },
];

export const anyOf = (...needs: readonly [Need, ...Need[]]): Need => needs.flat() as unknown as Need;

/** What keeps a payload's effect from being read, by the pointers and keywords of its schema; empty: nothing. */
export const unmetNeeds = (needs: readonly Need[], payload: unknown): Violation[] =>
  needs.flatMap((need) => {
    const faults = need.map((member) => faultOf(member, payload));
    return faults.every((fault) => fault !== undefined) ? faults : [];
  });

function faultOf({ path, isKind, isReadable, detail }: Member, payload: unknown): Violation | undefined {
  let value = payload;
  let pointer = "";
  for (const name of path) {
    if (!isObject(value)) return { pointer, keyword: "type", detail: "must be an object" };
    pointer += `/${name}`;
    value = Object.hasOwn(value, name) ? value[name] : undefined;
    if (value === undefined || value === null) return { pointer, keyword: "required", detail: "is required" };
  }
  if (!isKind(value)) return { pointer, keyword: "type", detail };
  return isReadable(value) ? undefined : { pointer, keyword: "enum", detail };
}

/** An empty list is an empty object: so PHP writes it. */
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && (!Array.isArray(value) || value.length === 0);
