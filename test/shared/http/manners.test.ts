import { gunzipSync } from "node:zlib";
import type { Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { handler as openApi } from "../../../functions/api/openapi.ts";
import { type ApiHandler, createApi } from "../../../shared/http/api.ts";
import type { HttpEvent } from "../../../shared/http/event.ts";
import { hasWords } from "../../../shared/http/pattern-words.ts";
import type { Route } from "../../../shared/http/route.ts";
import { routes } from "../../../shared/http/routes.ts";
import { httpEvent, type TestRequest } from "../../support/api.ts";

const route = {
  operationId: "echo",
  method: "POST",
  path: "/echo/{id}",
  scopes: [],
  summary: "",
  params: { id: { type: "string", pattern: "^[A-Z]{3}$" } },
  query: { n: { type: "integer" } },
  headers: { prefer: { type: "string" }, "if-match": { type: "string", maxLength: 3 } },
  body: {
    type: "object",
    properties: {
      type: { type: "string", enum: ["Hard", "Soft"] },
      near: { type: "string", enum: ["a", "A"] },
      list: { type: "array", items: { type: "string", enum: ["One"] } },
      text: { type: "string" },
    },
    additionalProperties: false,
  },
  bodyOptional: true,
  responses: { 200: { description: "", schema: {} } },
  problems: [],
} as const satisfies Route;

const echo = createApi([route], { echo: async ({ body }) => ({ status: 200, body }) }, {});
const context = { getRemainingTimeInMillis: () => 28_000 } as Context;

async function call(request: TestRequest, change: Partial<HttpEvent> = {}, handler: ApiHandler = echo) {
  const event = { ...httpEvent(route, { params: { id: "EUR" }, ...request }), ...change };
  const { statusCode: status, headers = {}, body, isBase64Encoded } = await handler(event, context);
  return { status, headers, text: body, isBase64Encoded };
}
const json = async (...args: Parameters<typeof call>) => JSON.parse((await call(...args)).text ?? "null");

/** A request that no route of the API matches. */
function unrouted(method: string, rawPath: string, rawQueryString = "") {
  const event = httpEvent(route, {});
  const http = { ...event.requestContext.http, method, path: rawPath };
  const change = { routeKey: "$default", rawPath, rawQueryString };
  return call({}, { ...change, requestContext: { ...event.requestContext, http } }, openApi);
}

describe("errors of a request", () => {
  it("name the member, the parameter or the header that is wrong, in words", async () => {
    const { errors } = await json({
      params: { id: "eur" },
      query: { n: "x", m: "1" },
      headers: { "if-match": "long" },
      body: { text: 1 },
    });
    expect(errors).toEqual([
      { parameter: "id", detail: "must be a currency code of three capital letters, such as EUR" },
      { parameter: "n", detail: "must be an integer" },
      { parameter: "m", detail: "is no query parameter of this operation" },
      { header: "If-Match", detail: "must be at most 3 characters long" },
      { pointer: "/text", detail: "must be a string" },
    ]);
  });

  it("have words for every pattern of every route", () => {
    const patterns = new Set<string>();
    JSON.stringify(routes, (name, value) => {
      if (name === "pattern" && typeof value === "string") patterns.add(value);
      return value;
    });
    expect(patterns.size).toBeGreaterThan(4);
    expect([...patterns].filter((pattern) => !hasWords(pattern))).toEqual([]);
  });
});

describe("a body", () => {
  it("may spell the values of an enum in upper or lower case, where that is unambiguous", async () => {
    expect(await json({ body: { type: "soft", list: ["ONE"], near: "A", text: "soft" } })).toEqual({
      type: "Soft",
      list: ["One"],
      near: "A",
      text: "soft",
    });
    expect((await call({ body: { type: "Warm" } })).status).toBe(400);
  });

  it("that is not UTF-8 is 400, as text and as base64, and its escape is taken", async () => {
    expect(await json({ body: '{"text": "caf\ufffd"}' })).toMatchObject({
      status: 400,
      errors: [{ pointer: "", detail: "is not UTF-8" }],
    });
    const body = Buffer.from([...Buffer.from('{"text":"'), 0xe9, ...Buffer.from('"}')]).toString("base64");
    expect((await call({ body }, { isBase64Encoded: true })).status).toBe(400);
    expect(await json({ body: '{"text": "\\ufffd"}' })).toEqual({ text: "\ufffd" });
  });

  it("of null counts as absent where it is optional", async () => {
    expect(await json({ body: "null" })).toEqual({});
  });
});

describe("a response", () => {
  const text = "x".repeat(20_000);

  it("of more than 10 KB is gzipped for clients that accept it", async () => {
    for (const coding of ["gzip", "br, gzip;q=0.5", "*"]) {
      const answer = await call({ body: { text }, headers: { "accept-encoding": coding } });
      expect(answer.headers).toMatchObject({ "Content-Encoding": "gzip", Vary: "Accept-Encoding" });
      expect(answer.isBase64Encoded).toBe(true);
      const bytes = gunzipSync(Buffer.from(answer.text ?? "", "base64"));
      expect(JSON.parse(bytes.toString())).toEqual({ text });
    }
    for (const coding of ["identity", "gzip;q=0", "br"]) {
      const { headers } = await call({ body: { text }, headers: { "accept-encoding": coding } });
      expect(headers["Content-Encoding"]).toBeUndefined();
    }
    const small = await call({ body: { text: "x" }, headers: { "accept-encoding": "gzip" } });
    expect(small.headers["Content-Encoding"]).toBeUndefined();
  });

  it("confirms the waiting time that was applied", async () => {
    const applied = async (prefer: string) =>
      (await call({ headers: { prefer } })).headers["Preference-Applied"];
    expect(await applied("wait=5")).toBe("wait=5");
    expect(await applied("wait=600")).toBe("wait=25");
    expect(await applied("handling=strict")).toBeUndefined();
  });

  it("to HEAD has the headers of GET and no body", async () => {
    const [path] = routes.filter(({ operationId }) => operationId === "getOpenApi");
    const event = httpEvent(path as Route, {});
    const http = { ...event.requestContext.http, method: "HEAD" };
    const head = {
      ...event,
      routeKey: "HEAD /openapi.json",
      requestContext: { ...event.requestContext, http },
    };
    const result = await openApi(head, context);
    expect(result).toMatchObject({ statusCode: 200, headers: { "content-type": "application/json" } });
    expect(result.body).toBeUndefined();
  });
});

describe("the OpenAPI document", () => {
  it("is not sent again to a client that has it", async () => {
    const [path] = routes.filter(({ operationId }) => operationId === "getOpenApi");
    const get = (etag?: string) =>
      openApi(httpEvent(path as Route, { ...(etag && { headers: { "if-none-match": etag } }) }), context);
    const etag = String((await get()).headers?.ETag);
    expect(etag).toMatch(/^W\/"\S{22}"$/);
    for (const known of [etag, etag.slice(2), `"other", ${etag}`, "*"]) {
      const { statusCode, headers, body } = await get(known);
      expect({ statusCode, etag: headers?.ETag, body }).toEqual({ statusCode: 304, etag, body: undefined });
    }
    expect((await get('"other"')).statusCode).toBe(200);
  });
});

describe("a request that no route matches", () => {
  it("is 404 for an unknown path and 405 with Allow for another method", async () => {
    expect(JSON.parse((await unrouted("GET", "/nowhere")).text ?? "")).toMatchObject({
      status: 404,
      type: "https://ocpp-relay.dev/problems/not-found",
      instance: "/nowhere",
    });
    const { status, headers, text } = await unrouted("DELETE", "/stations");
    expect({ status, allow: headers.Allow }).toEqual({ status: 405, allow: "GET, HEAD, POST" });
    expect(JSON.parse(text ?? "").type).toBe("https://ocpp-relay.dev/problems/method-not-allowed");
    expect((await unrouted("OPTIONS", "/stations/CP1")).headers.Allow).toBe("DELETE, GET, HEAD, PATCH");
    expect((await unrouted("HEAD", "/nowhere")).text).toBeUndefined();
  });

  it("is a page for people at / and /docs, with nothing from another host", async () => {
    for (const path of ["/", "/docs"]) {
      const { status, headers, text } = await unrouted("GET", path);
      expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
      expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; /);
      expect(text).not.toMatch(/(src|href)="(?!\/)/);
      expect((await unrouted("HEAD", path)).text).toBeUndefined();
      expect((await unrouted("POST", path)).headers.Allow).toBe("GET, HEAD");
    }
    expect((await unrouted("GET", "/docs/")).headers.Location).toBe("/docs");
    expect((await unrouted("GET", "/docs/constructor")).status).toBe(404);
  });

  it("with a trailing slash is sent to the route with method and query kept", async () => {
    const { status, headers } = await unrouted("POST", "/stations/", "network=acme");
    expect({ status, location: headers.Location }).toEqual({
      status: 308,
      location: "/stations?network=acme",
    });
    expect((await unrouted("GET", "//evil.example/")).status).toBe(404);
  });
});
