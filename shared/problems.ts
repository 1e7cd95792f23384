/**
 * The catalogue of errors an API consumer can meet, as RFC 9457 problem details: thrown anywhere in the
 * domain, written by `shared/http`, listed by the OpenAPI document.
 */

export const PROBLEM_BASE = "https://ocpp-relay.dev/problems/";

export const problems = {
  "invalid-request": { status: 400, title: "The request is not valid" },
  forbidden: { status: 403, title: "The user's roles do not permit this" },
  "no-network": { status: 403, title: "The client belongs to no network" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "The method is not supported at this path" },
  "attempt-not-pending": { status: 409, title: "The attempt is no longer pending" },
  "attempt-not-started": { status: 409, title: "The attempt has no running transaction" },
  "too-many-open-attempts": { status: 409, title: "Too many open remote start attempts" },
  "station-not-connected": { status: 409, title: "The station is not connected" },
  "already-exists": { status: 409, title: "The resource already exists" },
  "permanently-locked": { status: 409, title: "The station or connector is permanently locked" },
  "message-id-reused": { status: 409, title: "The OCPP message id was already used" },
  "no-rate-assigned": { status: 409, title: "No rate is assigned to the station" },
  "too-many-webhooks": { status: 409, title: "The network has too many webhooks" },
  "not-empty": { status: 409, title: "The network still has stations" },
  "precondition-failed": { status: 412, title: "The resource has changed since the version in If-Match" },
  "payload-too-large": { status: 413, title: "The OCPP frame would be too large" },
  "unsupported-media-type": { status: 415, title: "The body is not JSON" },
  "payload-violates-schema": { status: 422, title: "The payload violates the OCPP schema" },
  "not-supported-by-protocol": { status: 422, title: "Not supported by the station's OCPP version" },
  "idempotency-key-reused": { status: 422, title: "The idempotency key was used for a different request" },
  "too-many-parallel-requests": {
    status: 429,
    title: "The network's limit of concurrent commands is reached",
  },
  internal: { status: 500, title: "Internal error" },
  "station-call-error": { status: 502, title: "The station answered with a CALLERROR" },
  "invalid-station-answer": { status: 502, title: "The station's answer violates its schema" },
  "connection-lost": { status: 502, title: "The connection closed before the station answered" },
  "station-busy": { status: 503, title: "The station is busy with another command" },
  "station-timeout": { status: 504, title: "The station did not answer in time" },
} as const;

export type ProblemSlug = keyof typeof problems;

/** Problem details as they are stored with a command and sent to its caller (without `instance`). */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  [member: string]: unknown;
}

export interface ProblemOptions extends ErrorOptions {
  /** Response headers that belong to the problem, such as `Retry-After` (seconds) or `Location`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An outcome that is the caller's to know: everything in it is shown to the API consumer. */
export class Problem extends Error {
  readonly slug: ProblemSlug;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param detail what happened, and where it helps what to do
   * @param members the extension members that the catalogue promises for this slug
   */
  constructor(
    slug: ProblemSlug,
    detail: string,
    members: Readonly<Record<string, unknown>> = {},
    options: ProblemOptions = {},
  ) {
    super(detail, options);
    this.name = "Problem";
    this.slug = slug;
    this.members = members;
    this.headers = options.headers ?? {};
  }

  get status(): number {
    return problems[this.slug].status;
  }

  /** The RFC 9457 object. */
  toDetails(): ProblemDetails {
    const { status, title } = problems[this.slug];
    return { type: PROBLEM_BASE + this.slug, title, status, detail: this.message, ...this.members };
  }
}

/** The problem for something that does not exist, or belongs to a network that is not the caller's. */
export const notFound = (what: string): Problem => new Problem("not-found", `There is no such ${what}.`);
