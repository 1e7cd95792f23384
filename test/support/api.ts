import type { Context } from "aws-lambda";
import { expect } from "vitest";
import type { ApiHandler } from "../../shared/http/api.ts";
import type { HttpEvent } from "../../shared/http/event.ts";
import type { Route } from "../../shared/http/route.ts";
import { routes } from "../../shared/http/routes.ts";
import { PROBLEM_BASE, type ProblemSlug, problems } from "../../shared/problems.ts";
import { type Schema, validate } from "../../shared/schema/validate.ts";

export interface TestRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text, which is sent as it is. */
  readonly body?: unknown;
  /** The OAuth client that calls. @default "demo" */
  readonly client?: string;
  readonly remainingMs?: number;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: each test states the type it expects of a body
  readonly body: any;
}

/** The event that the HTTP API makes of a request: payload format 2.0, everything decoded. */
export function httpEvent(route: Route, request: TestRequest): HttpEvent {
  const { params = {}, query = {}, headers = {}, body, client = "demo" } = request;
  const rawPath = route.path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? "");
  const routeKey = `${route.method} ${route.path}`;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: { ...(text !== undefined && { "content-type": "application/json" }), ...headers },
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    ...(Object.keys(params).length > 0 && { pathParameters: params }),
    ...(text !== undefined && { body: text }),
    isBase64Encoded: false,
    requestContext: {
      accountId: "123456789012",
      apiId: "api",
      domainName: "api.example.com",
      domainPrefix: "api",
      http: {
        method: route.method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "test",
      },
      requestId: "request-1",
      routeKey,
      stage: "$default",
      time: "01/Jan/2026:00:00:00 +0000",
      timeEpoch: 1_767_225_600_000,
      ...(route.scopes.length > 0 && {
        authorizer: { jwt: { claims: { client_id: client, scope: route.scopes.join(" ") } } },
      }),
    },
  };
}

/**
 * Calls an operation as API Gateway does, and holds the answer to what its route promises: the schema of the
 * status, or problem details of the catalogue.
 */
export async function callApi(
  handler: ApiHandler,
  operationId: string,
  request: TestRequest = {},
): Promise<TestResponse> {
  const route = routes.find((candidate) => candidate.operationId === operationId);
  if (!route) throw new Error(`no operation ${operationId}`);
  const context = { getRemainingTimeInMillis: () => request.remainingMs ?? 28_000 } as Context;

  const result = await handler(httpEvent(route, request), context);

  const status = result.statusCode ?? 0;
  const headers = result.headers ?? {};
  const body = result.body === undefined ? undefined : JSON.parse(result.body);
  if (status < 400) expectSuccess(route, status, headers, body);
  else expectProblem(status, headers, body);
  return { status, headers, body };
}

function expectSuccess(route: Route, status: number, headers: TestResponse["headers"], body: unknown): void {
  const promised = route.responses[status];
  expect(promised, `${route.operationId} does not promise a ${status}`).toBeDefined();
  if (!promised?.schema) {
    expect(body).toBeUndefined();
    return;
  }
  expect(headers["content-type"]).toBe("application/json");
  expect(validate(promised.schema as Schema, body)).toEqual([]);
  for (const name of Object.keys(promised.headers ?? {})) expect(Object.keys(headers)).toContain(name);
}

function expectProblem(
  status: number,
  headers: TestResponse["headers"],
  body: Record<string, unknown>,
): void {
  expect(headers["content-type"]).toBe("application/problem+json");
  const slug = String(body.type).slice(PROBLEM_BASE.length) as ProblemSlug;
  expect(body).toMatchObject({ ...problems[slug], status, detail: expect.any(String) });
  expect(body.instance).toMatch(/^\//);
}
