import middy from "@middy/core";
import type { Context } from "aws-lambda";
import type { FromSchema, JSONSchema } from "json-schema-to-ts";
import { type Clock, systemClock } from "../clock.ts";
import type { Idempotency } from "../commands/idempotency.ts";
import { addLogKeys } from "../logger.ts";
import { existingNetworks, memberships, remembering } from "../networks/membership.ts";
import { observed } from "../observed.ts";
import { Problem } from "../problems.ts";
import type { Table } from "../store/table.ts";
import type { Caller } from "./caller.ts";
import type { ApiEvent, HttpEvent, HttpResult } from "./event.ts";
import type { IdempotencyStore } from "./idempotency.ts";
import { accessLog } from "./middleware/access-log.ts";
import { findRoute } from "./middleware/find-route.ts";
import { clientIdOf, identifyCaller, requireRole } from "./middleware/identify-caller.ts";
import { jsonBody } from "./middleware/json-body.ts";
import { problemJson } from "./middleware/problem-json.ts";
import { representation } from "./middleware/representation.ts";
import { validateRequest } from "./middleware/validate-request.ts";
import type { Page } from "./pages.ts";
import { parsePrefer, waitMsOf } from "./prefer.ts";
import type { Route } from "./route.ts";

type PathParam<Path> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | PathParam<Rest> : never;

type Fields<Schemas> = {
  readonly [Name in keyof Schemas as Schemas[Name] extends { default: unknown } ? Name : never]: Value<
    Schemas[Name]
  >;
} & {
  readonly [Name in keyof Schemas as Schemas[Name] extends { default: unknown } ? never : Name]?: Value<
    Schemas[Name]
  >;
};

type Value<Schema> = Schema extends JSONSchema ? FromSchema<Schema> : never;

/** A valid request of a route, typed by the schemas that it was validated with. */
export interface ApiRequest<R> {
  readonly params: Readonly<Record<R extends { path: infer Path } ? PathParam<Path> : never, string>>;
  readonly query: R extends { query: infer Schemas } ? Fields<Schemas> : Readonly<Record<never, never>>;
  /** By their lower-case names. */
  readonly headers: R extends { headers: infer Schemas } ? Fields<Schemas> : Readonly<Record<never, never>>;
  readonly body: R extends { body: infer Schema } ? Value<Schema> : undefined;
  /** Undefined for routes that need no token. */
  readonly caller: R extends { scopes: readonly [] } ? undefined : Caller;
  readonly requestId: string;
  /** Scheme and host that the request was sent to. */
  readonly apiUrl: string;
  /** Set if the request carries an Idempotency-Key. */
  readonly idempotency?: Idempotency;
  /** Milliseconds until Lambda ends this invocation. */
  remainingMs(): number;
}

export interface ApiResponse {
  readonly status: number;
  /** Sent as JSON; without one the response has no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What serves a family of routes, by operationId. */
export type Handlers<Routes extends readonly Route[]> = {
  readonly [Id in Routes[number]["operationId"]]: (
    request: ApiRequest<Extract<Routes[number], { operationId: Id }>>,
  ) => Promise<ApiResponse>;
};

/**
 * What a stored response lacks, because secrets are not stored, by operationId: the members to add to its body.
 *
 * @param id the idempotency id of the request
 */
export type Renewals = Readonly<
  Record<
    string,
    (id: string, body: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, unknown>>>
  >
>;

export type ApiDeps = CommonDeps & (Callers | NoCallers);

/** For families whose routes ask for a token. */
interface Callers {
  /** Where callers are looked up. */
  readonly table: Table;
  /** What stands before each scope in a token: without it no user would have a role that grants anything. */
  readonly scopePrefix: string;
  /**
   * Whether the environment remembers for a minute which networks a client belongs to. Only for families whose
   * handlers change nothing before they answer 404: such a request is served again with the networks as they are now.
   *
   * @default false
   */
  readonly remembersNetworks?: boolean;
}

interface NoCallers {
  readonly table?: never;
  readonly scopePrefix?: never;
  readonly remembersNetworks?: never;
}

interface CommonDeps {
  /** @default the system's */
  readonly clock?: Clock;
  /** For families whose routes take an Idempotency-Key. */
  readonly idempotencyStore?: IdempotencyStore;
  readonly renewals?: Renewals;
  /** For the function of the route `$default`: pages for people, by their paths. */
  readonly pages?: Readonly<Record<string, Page>>;
  /** For the function of the route `$default`: all routes there are, to answer 404 and 405. */
  readonly unrouted?: readonly Route[];
}

const IDEMPOTENCY_KEY = "idempotency-key";

export type ApiHandler = (event: HttpEvent, context: Context) => Promise<HttpResult>;

/**
 * How long before the end of the invocation the function answers with a problem. Later, the caller would get the 503
 * of API Gateway.
 */
const TIMEOUT_EARLY_MS = 500;

/** The Lambda handler of one family of routes. */
export function createApi<const Routes extends readonly Route[]>(
  routes: Routes,
  handlers: Handlers<NoInfer<Routes>>,
  {
    table,
    clock = systemClock,
    scopePrefix = "",
    remembersNetworks = false,
    idempotencyStore,
    renewals,
    unrouted,
    pages,
  }: ApiDeps,
): ApiHandler {
  const keyed = routes.find(({ headers }) => headers?.[IDEMPOTENCY_KEY]);
  if (keyed && !idempotencyStore) throw new Error(`${keyed.operationId} needs an idempotency store`);
  const dispatch = async (event: ApiEvent, context: Context) => {
    const { route, input, caller, requestContext } = event;
    const serve = handlers[route.operationId as keyof Handlers<Routes>] as (
      request: ApiRequest<unknown> | object,
    ) => Promise<ApiResponse>;
    const respond = async (idempotency?: Idempotency) => {
      const request = {
        ...input,
        caller,
        requestId: requestContext.requestId,
        apiUrl: `${event.headers["x-forwarded-proto"] ?? "https"}://${requestContext.domainName}`,
        ...(idempotency && { idempotency }),
        remainingMs: () => context.getRemainingTimeInMillis(),
      };
      const response = await serve(request).catch(async (error) => {
        if (!remembersNetworks || !isNotFound(error) || !(await caller.rereadNetworks())) throw error;
        return serve(request);
      });
      return toResult(withPreference(event.headers.prefer, route, response));
    };
    const key = route.headers?.[IDEMPOTENCY_KEY] && input.headers[IDEMPOTENCY_KEY];
    return idempotencyStore && typeof key === "string"
      ? idempotencyStore.respond(event, key, respond, renewals?.[route.operationId])
      : respond();
  };

  const handle = middy<ApiEvent, HttpResult>(dispatch, { timeoutEarlyInMillis: TIMEOUT_EARLY_MS }).use([
    representation(),
    accessLog(),
    problemJson(),
    findRoute(routes, unrouted, pages),
    requireRole(scopePrefix),
    jsonBody(),
    validateRequest(),
    ...(table
      ? [
          identifyCaller({
            networksOf: remembersNetworks
              ? remembering(memberships(table, clock, 0), clock)
              : memberships(table, clock),
            existingNetworks: existingNetworks(table),
            scopePrefix,
            onResolved: (cpId) => addLogKeys({ cpId }),
          }),
        ]
      : []),
  ]);
  // the middlewares add the missing members before a handler reads them
  return observed(
    (event) => ({ requestId: event.requestContext.requestId, clientId: clientIdOf(event) }),
    (event: HttpEvent, context: Context) => handle(event as ApiEvent, context),
  );
}

const isNotFound = (error: unknown): boolean => error instanceof Problem && error.slug === "not-found";

/** Confirms a waiting time that was honoured (RFC 7240 §3). */
function withPreference(prefer: string | undefined, route: Route, response: ApiResponse): ApiResponse {
  if (!route.headers?.prefer || prefer === undefined || response.status !== 200) return response;
  const preferences = parsePrefer(prefer);
  if (preferences.waitSeconds === undefined) return response;
  const applied = `wait=${waitMsOf(preferences) / 1000}`;
  return { ...response, headers: { "Preference-Applied": applied, ...response.headers } };
}

function toResult({ status, body, headers }: ApiResponse): HttpResult {
  return body === undefined
    ? { statusCode: status, headers: { ...headers } }
    : {
        statusCode: status,
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      };
}
