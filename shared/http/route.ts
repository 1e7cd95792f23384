import type { JSONSchema } from "json-schema-to-ts";
import type { ProblemSlug } from "../problems.ts";
import type { Scope } from "./scopes.ts";

/** What a route is about. `functions/api/<family>.ts` serves it; `stations` serves `tokens`, too. */
export type Family =
  | "synchronous"
  | "asynchronous"
  | "raw"
  | "rates"
  | "tokens"
  | "webhooks"
  | "commands"
  | "bulk"
  | "stations"
  | "networks"
  | "openapi";

/** How the rows of a CSV file become the body. */
export interface CsvBody {
  /** The member of the body that the rows are the elements of. */
  readonly list: string;
  /** The columns that a file may have, by name. Empty cells are absent members. */
  readonly columns: Readonly<Record<string, CsvColumn>>;
}

export interface CsvColumn {
  /** The member that the cell becomes, and the members around it. */
  readonly path: readonly string[];
  /** `list`: texts separated by `;`; `connectors`: `1;2` or `1:1;1:2`. @default "text" */
  readonly kind?: "text" | "number" | "list" | "connectors";
}

/** What a route answers where all went well. */
export interface SuccessResponse {
  readonly description: string;
  /** Null: no body. */
  readonly schema: JSONSchema | null;
  /** Whether a response without a body is one, too. */
  readonly bodyOptional?: true;
  /** Response headers that come with it. */
  readonly headers?: Readonly<Record<string, JSONSchema>>;
}

/**
 * One route of the remote API: the scopes for API Gateway, the schemas for validation, and the description for the
 * OpenAPI document. Pure data, so that the CDK app can import it.
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
  /** Path parameters that have a syntax; one that breaks it is 400. Others are looked up: 404. */
  readonly params?: Readonly<Record<string, JSONSchema>>;
  /** Query parameters; what is not listed is refused. A `default` is filled in. */
  readonly query?: Readonly<Record<string, JSONSchema>>;
  /** Request headers that mean something here, in lower case. */
  readonly headers?: Readonly<Record<string, JSONSchema>>;
  /** The body; without one the request has none, and what is sent is ignored. */
  readonly body?: JSONSchema;
  /** A body that may come as `text/csv`, too. @default JSON only */
  readonly csv?: CsvBody;
  /** For a body that is one of several: the members of each, by its name in the OpenAPI document. */
  readonly alternatives?: Readonly<Record<string, readonly string[]>>;
  /** Whether a request without a body, or with `null`, counts as `{}`. */
  readonly bodyOptional?: true;
  /** Members of body and response that are shown once and kept nowhere. */
  readonly secrets?: readonly string[];
  /** Success responses by status. */
  readonly responses: Readonly<Record<number, SuccessResponse>>;
  /** Problems besides those every route of its kind can have. */
  readonly problems: readonly ProblemSlug[];
}
