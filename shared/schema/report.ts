import type { Formats } from "./formats.ts";
import type { Check } from "./keywords.ts";

/** One thing that is wrong with a value. */
export interface Violation {
  /** JSON pointer (RFC 6901) to the offending place; of a missing property, to where it should be. */
  readonly pointer: string;
  /** To be read after the pointer: "must be a string", "is required". Never repeats the value. */
  readonly detail: string;
  /** The JSON Schema keyword that is broken. */
  readonly keyword: string;
}

/** Bounds for what goes into a response, a CALLERROR and the log: a value can hold thousands of violations … */
const MAX_VIOLATIONS = 20;
/** … and property names as long as a message. */
const MAX_POINTER = 200;

/** What one validation has found so far, and where it is. */
export class Report {
  readonly violations: Violation[] = [];
  readonly formats: Formats;
  readonly #path: (string | number)[] = [];

  constructor(formats: Formats) {
    this.formats = formats;
  }

  /** Checks a child of the present place. */
  at(segment: string | number, check: Check, child: unknown): void {
    this.#path.push(segment);
    check(child, this);
    this.#path.pop();
  }

  add(keyword: string, detail: string): void {
    if (this.violations.length >= MAX_VIOLATIONS) return;
    const pointer = this.#path.map((segment) => `/${escapeSegment(segment)}`).join("");
    this.violations.push({ pointer: cut(pointer), detail, keyword });
  }
}

function escapeSegment(segment: string | number): string {
  return String(segment).replaceAll("~", "~0").replaceAll("/", "~1");
}

function cut(pointer: string): string {
  return pointer.length <= MAX_POINTER ? pointer : `${pointer.slice(0, MAX_POINTER)}…`;
}
