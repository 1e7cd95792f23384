import type { Context } from "aws-lambda";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type ApiRequest, type ApiResponse, createApi } from "../../../shared/http/api.ts";
import type { HttpEvent } from "../../../shared/http/event.ts";
import type { IdempotencyStore } from "../../../shared/http/idempotency.ts";
import type { Route } from "../../../shared/http/route.ts";
import { notFound } from "../../../shared/problems.ts";
import type { Table } from "../../../shared/store/table.ts";
import { httpEvent, type TestRequest } from "../../support/api.ts";

const route = {
  operationId: "measure",
  method: "POST",
  path: "/things/{thing}/measure",
  scopes: ["read:asset"],
  summary: "Measure",
  params: { thing: { type: "string", pattern: "^[a-z]+$" } },
  query: {
    limit: { type: "integer", minimum: 1, maximum: 500, default: 50 },
    word: { type: "string" },
  },
  headers: { "idempotency-key": { type: "string", minLength: 1 } },
  body: {
    type: "object",
    properties: { name: { type: "string" }, unit: { type: "string", default: "kWh" } },
    required: ["name"],
    additionalProperties: false,
  },
  responses: { 200: { description: "", schema: null } },
  problems: [],
} as const satisfies Route;

const bodiless = {
  operationId: "touch",
  method: "POST",
  path: "/touch",
  scopes: [],
  summary: "Touch",
  responses: { 204: { description: "", schema: null } },
  problems: [],
} as const satisfies Route;

const optional = {
  ...bodiless,
  operationId: "ask",
  path: "/ask",
  body: {
    type: "object",
    properties: { keys: { type: "array" }, until: { type: "string", format: "date-time" } },
    additionalProperties: false,
  },
  bodyOptional: true,
} as const satisfies Route;

const routes = [route, bodiless, optional] as const;
const table = {} as Table;
/** As if no key had come before. */
const idempotencyStore: IdempotencyStore = { respond: (_, __, work) => work({ id: "id", isRepeat: false }) };
const context = { getRemainingTimeInMillis: () => 20_000 } as Context;

interface Overrides {
  readonly measure?: (request: ApiRequest<typeof route>) => Promise<ApiResponse>;
}

describe("a family that remembers the networks of its callers", () => {
  it("serves a request again that found nothing, where its client has joined a network since", async () => {
    const guarded = { ...bodiless, scopes: ["read:asset"] } as const satisfies Route;
    let networks = ["north"];
    const get = async () => ({ networks: new Set(networks) });
    const seen: (readonly string[])[] = [];
    const handle = createApi(
      [guarded],
      {
        touch: async ({ caller }) => {
          seen.push(await caller.networks());
          if (!seen.at(-1)?.includes("south")) throw notFound("station");
          return { status: 204 };
        },
      },
      { table: { get } as unknown as Table, scopePrefix: "", remembersNetworks: true },
    );
    const touch = async () => (await handle(httpEvent(guarded, {}), context)).statusCode;

    expect(await touch()).toBe(404);
    expect(seen).toEqual([["north"]]);
    networks = ["north", "south"];
    expect([await touch(), await touch()]).toEqual([204, 204]);
    expect(seen.slice(1)).toEqual([["north"], ["north", "south"], ["north", "south"]]);
  });
});

function api({ measure = async (request) => ({ status: 200, body: request }) }: Overrides = {}) {
  const handle = createApi(
    routes,
    {
      measure,
      touch: async ({ body }) => ({ status: body === undefined ? 204 : 500 }),
      ask: async ({ body }) => ({ status: 200, body }),
    },
    { table, scopePrefix: "", idempotencyStore },
  );
  return async (of: Route, request: TestRequest, change: Partial<HttpEvent> = {}) => {
    const result = await handle({ ...httpEvent(of, request), ...change }, context);
    return { ...result, json: result.body === undefined ? undefined : JSON.parse(result.body) };
  };
}

const valid = { params: { thing: "meter" }, body: { name: "A" } };

describe("api", () => {
  it("hands over what was validated, with numbers read and defaults filled in", async () => {
    const { statusCode, json, headers } = await api()(route, {
      ...valid,
      query: { limit: "7" },
      headers: { "idempotency-key": "k" },
    });
    expect(statusCode).toBe(200);
    expect(headers).toEqual({ "content-type": "application/json" });
    expect(json).toMatchObject({
      params: { thing: "meter" },
      query: { limit: 7 },
      headers: { "idempotency-key": "k" },
      body: { name: "A", unit: "kWh" },
      caller: { clientId: "demo" },
      requestId: "request-1",
    });
    expect((await api()(route, valid)).json.query).toEqual({ limit: 50 });
  });

  it("answers without a body where there is none", async () => {
    const { statusCode, body, headers } = await api()(bodiless, {});
    expect({ statusCode, body, headers }).toEqual({ statusCode: 204, body: undefined, headers: {} });
  });

  it("lists the violations of a schema with their places", async () => {
    const { statusCode, json, headers } = await api()(route, {
      params: { thing: "METER" },
      query: { limit: "many", colour: "red" },
      headers: { "idempotency-key": "" },
      body: { name: 1, size: 2 },
    });
    expect(statusCode).toBe(400);
    expect(headers).toEqual({ "content-type": "application/problem+json" });
    expect(json).toMatchObject({
      type: "https://ocpp-relay.dev/problems/invalid-request",
      status: 400,
      instance: "/things/METER/measure",
    });
    expect(json.errors.map(({ detail: _, ...place }: { detail: string }) => place)).toEqual([
      { parameter: "thing" },
      { parameter: "limit" },
      { parameter: "colour" },
      { header: "Idempotency-Key" },
      { pointer: "/name" },
      { pointer: "/size" },
    ]);
  });

  it.each(["501", "0", "1e1", "-1", "1.0", "", "9".repeat(30)])("refuses %j as a limit", async (limit) => {
    expect((await api()(route, { ...valid, query: { limit } })).statusCode).toBe(400);
  });

  it.each(["{", "", "nul", "{name:1}"])("refuses %j as a body", async (body) => {
    const { statusCode, json } = await api()(route, { ...valid, body });
    expect(statusCode).toBe(400);
    expect(json.errors).toEqual([{ pointer: "", detail: expect.any(String) }]);
  });

  it.each(["application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"])(
    "takes %s for JSON",
    async (type) => {
      expect((await api()(route, { ...valid, headers: { "content-type": type } })).statusCode).toBe(200);
    },
  );

  it.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/xml"])(
    "refuses %s",
    async (type) => {
      const { statusCode, json } = await api()(route, { ...valid, headers: { "content-type": type } });
      expect(statusCode).toBe(415);
      expect(json.type).toMatch(/unsupported-media-type$/);
    },
  );

  it("reads a base64 body", async () => {
    const encode = (bytes: string | Uint8Array) => ({
      body: Buffer.from(bytes).toString("base64"),
      isBase64Encoded: true,
    });
    const { json } = await api()(route, valid, encode('{"name":"Säule"}'));
    expect(json.body.name).toBe("Säule");
    expect((await api()(route, valid, encode(new Uint8Array([0xff])))).statusCode).toBe(400);
  });

  it("takes no body for an empty object where one is optional", async () => {
    expect((await api()(optional, {})).json).toEqual({});
    expect((await api()(optional, { body: "[]" })).statusCode).toBe(400);
    expect((await api()(route, { params: { thing: "meter" } })).statusCode).toBe(400);
  });

  it("reads null as absent where a body or a member is optional", async () => {
    expect((await api()(optional, { body: "null" })).json).toEqual({});
    expect((await api()(optional, { body: { keys: null } })).json).toEqual({});
    expect((await api()(route, { ...valid, body: { name: "A", unit: null } })).json.body).toEqual({
      name: "A",
      unit: "kWh",
    });
    expect((await api()(route, { ...valid, body: { name: null } })).statusCode).toBe(400);
    expect((await api()(route, { ...valid, body: "null" })).statusCode).toBe(400);
  });

  it("accepts a time whose zone has no colon, but no time without a zone", async () => {
    const until = "2026-11-20T12:00:00.000+0000";
    expect((await api()(optional, { body: { until } })).json).toEqual({ until });
    expect((await api()(optional, { body: { until: "2026-11-20T12:00:00" } })).statusCode).toBe(400);
  });

  it("ignores a body that no route asks for", async () => {
    const { statusCode } = await api()(bodiless, { body: "x=1", headers: { "content-type": "text/plain" } });
    expect(statusCode).toBe(204);
  });

  it("writes a problem with its members, headers and the path as a URI", async () => {
    const measure = () => Promise.reject(notFound("thing"));
    const { statusCode, json } = await api({ measure })(route, valid, { rawPath: "/things/a ü/measure" });
    expect(statusCode).toBe(404);
    expect(json).toEqual({
      type: "https://ocpp-relay.dev/problems/not-found",
      title: "Not found",
      status: 404,
      detail: "There is no such thing.",
      instance: "/things/a%20%C3%BC/measure",
    });
  });

  it("shows nothing of what goes wrong inside", async () => {
    const measure = () => Promise.reject(new Error("password=hunter2"));
    const { statusCode, body, json } = await api({ measure })(route, valid);
    expect(statusCode).toBe(500);
    expect(json).toMatchObject({ type: expect.stringMatching(/internal$/), requestId: "request-1" });
    expect(body).not.toContain("hunter2");
  });
});

describe("access log", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  /** The API with a logger that is not silent. */
  async function loggingApi() {
    vi.stubEnv("POWERTOOLS_DEV", "true");
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "INFO");
    vi.resetModules();
    const { createApi } = await import("../../../shared/http/api.ts");
    const { notFound } = await import("../../../shared/problems.ts");
    return { createApi, notFound };
  }

  it("is one line per request, without bodies and tokens", async () => {
    const { createApi, notFound } = await loggingApi();
    const lines: string[] = [];
    for (const level of ["info", "log", "error"] as const)
      vi.spyOn(console, level).mockImplementation((line) => lines.push(line));
    const handle = createApi(
      [route],
      {
        measure: async ({ caller }) => {
          await caller.resolveCpId("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", undefined);
          throw notFound("thing");
        },
      },
      { table, scopePrefix: "", idempotencyStore },
    );
    const secret = { ...valid, body: { name: "hunter2" }, headers: { authorization: "Bearer hunter2" } };

    await handle(httpEvent(route, secret), context);

    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        requestId: "request-1",
        clientId: "demo",
        cpId: "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        operation: "measure",
        status: 404,
        problem: "not-found",
        durationMs: expect.any(Number),
      }),
    ]);
    expect(lines.join()).not.toContain("hunter2");
  });
});
