import type { JSONSchema } from "json-schema-to-ts";
import type { ProblemSlug } from "../problems.ts";
import type { Scope } from "./scopes.ts";

/** The function that serves a route: `functions/api/<family>.ts`. */
export type Family = "synchronous" | "commands" | "stations" | "networks" | "openapi";

/**
 * One route of the remote API: what API Gateway needs to guard it, what the function needs to validate it,
 * and what the OpenAPI document says of it, in one place. Pure data, so that the CDK app can read it.
 */
export interface Route {
  readonly operationId: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As API Gateway spells it: `/stations/{cpId}`. */
  readonly path: string;
  /** One of these is enough; none: no token needed. */
  readonly scopes: readonly Scope[];
  readonly summary: string;
  readonly description?: string;
  /** Path parameters whose meaning is not plain from the name. */
  readonly params?: Readonly<Record<string, JSONSchema>>;
  /** Query parameters; what is not listed is refused. */
  readonly query?: Readonly<Record<string, JSONSchema>>;
  readonly headers?: Readonly<Record<string, JSONSchema>>;
  /** The body; without one the request has none (an empty one is tolerated). */
  readonly body?: JSONSchema;
  /** Whether a request without a body counts as `{}`. */
  readonly bodyOptional?: true;
  /** Success responses by status; null: no body. */
  readonly responses: Readonly<Record<number, { description: string; schema: JSONSchema | null }>>;
  /** Problems besides those every route can have. */
  readonly problems: readonly ProblemSlug[];
}
