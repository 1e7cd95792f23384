/** A member of a problem's `errors`. */
export interface FieldError {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

/** An answer of the API that is no success: RFC 9457, or API Gateway's own `{message}`. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** The last part of `type`: `station-not-connected`. Empty for API Gateway's own. */
  readonly slug: string;
  readonly errors: readonly FieldError[];
  /** After how many seconds the API asks for a repeat. */
  readonly retryAfter: number | undefined;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, body: unknown, headers: Headers) {
    const members = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
    const text = (name: string) => (typeof members[name] === "string" ? members[name] : "");
    const title = text("title") || text("message") || `HTTP ${status}`;
    super(title);
    this.status = status;
    this.title = title;
    this.detail = text("detail");
    this.slug = text("type").split("/").at(-1) ?? "";
    this.errors = Array.isArray(members.errors) ? (members.errors as FieldError[]) : [];
    const wait = Number(headers.get("retry-after") ?? Number.NaN);
    this.retryAfter = Number.isFinite(wait) ? wait : undefined;
    this.members = members;
  }

  /** Whether the same request may succeed in a moment. */
  get isBusy(): boolean {
    return this.status === 429 || this.slug === "station-busy";
  }
}

/** The API did not answer at all. */
export class ApiUnreachable extends Error {
  constructor(cause: unknown) {
    super("The API does not answer.", { cause });
  }
}
