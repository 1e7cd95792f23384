import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { createHttpApi } from "../../local/http-api.ts";
import { apiOf } from "../../local/integrations.ts";
import { listen, serverOf, stop } from "../../local/listen.ts";
import { httpApiResources, issuer, type RouteFixture } from "./fixtures/http.ts";
import { serveFunctions } from "./fixtures/serve.ts";

const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(cleanups.map((cleanup) => cleanup()));
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  bytes: Buffer;
}

interface Sent {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

const echo = { code: "export const handler = async (event) => event;" };
/** Returns what the body of the request asks for, or fails in the way that it asks for. */
const answering = {
  code: `export const handler = async ({ body }) => {
    const order = JSON.parse(body);
    if (order.fail) throw new Error("no");
    return order.answer;
  };`,
};

/** Tokens of these tests are their own claims; one that is no JSON has a bad signature. */
const token = (claims: object) => `Bearer ${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
const verify = async (jwt: string) => JSON.parse(Buffer.from(jwt, "base64url").toString());
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

async function serve(routes: Record<string, RouteFixture>, api: Record<string, unknown> = {}) {
  const functions = {
    echo,
    answering,
    narrow: { ...echo, properties: { ReservedConcurrentExecutions: 0 } },
    hanging: { code: "export const handler = () => new Promise(() => {});" },
  };
  const { template, clock, lambda, log } = serveFunctions(functions, httpApiResources(routes, api));
  const resource = apiOf(template, "HTTP");
  if (resource === undefined) throw new Error("no API");
  const server = serverOf(
    createHttpApi({ template, api: resource, lambda, clock, verify, clients: ["local-client"] }),
  );
  const url = await listen(server, 0);
  cleanups.push(
    () => stop(server),
    () => lambda.close(),
  );
  const send = (path: string, { method = "GET", headers = {}, body }: Sent = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const outgoing = httpRequest(url + path, { method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
            bytes: Buffer.concat(chunks),
          }),
        );
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  return { send, lambda, log, url };
}

describe("routes of an HTTP API", async () => {
  const { send } = await serve({
    "GET /pets": { fn: "echo" },
    "GET /pets/{id}": { fn: "echo" },
    "GET /pets/dog": { fn: "echo" },
    "ANY /pets/dog": { fn: "echo" },
    "GET /files/{proxy+}": { fn: "echo" },
    "ANY /pets/{id}/toys/{toy}": { fn: "echo" },
  });
  const routeOf = async (method: string, path: string) => {
    const { status, body } = await send(path, { method });
    return status === 200 ? [JSON.parse(body).routeKey, JSON.parse(body).pathParameters] : [status];
  };

  it.each([
    ["GET", "/pets", ["GET /pets", undefined]],
    ["GET", "/pets/7", ["GET /pets/{id}", { id: "7" }]],
    ["GET", "/pets/a%20b%2Fc", ["GET /pets/{id}", { id: "a b/c" }]],
    ["GET", "/pets/dog", ["GET /pets/dog", undefined]],
    ["PUT", "/pets/dog", ["ANY /pets/dog", undefined]],
    ["GET", "/files/a/b", ["GET /files/{proxy+}", { proxy: "a/b" }]],
    ["PATCH", "/pets/7/toys/ball?x=1", ["ANY /pets/{id}/toys/{toy}", { id: "7", toy: "ball" }]],
    ["POST", "/pets", [404]],
    ["GET", "/pets/", [404]],
    ["GET", "/files", [404]],
    ["GET", "/", [404]],
  ])("%s %s", async (method, path, expected) => {
    expect(await routeOf(method, path)).toEqual(expected);
  });

  it("answers what has no route in API Gateway's words", async () => {
    const { status, headers, body } = await send("/nowhere");

    expect([status, body]).toEqual([404, '{"message":"Not Found"}']);
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["apigw-requestid"]).toMatch(/^[\w-]{15}=$/);
  });

  it("go to $default where there is one", async () => {
    const other = await serve({ $default: { fn: "echo" }, "GET /a": { fn: "echo" } });

    expect(JSON.parse((await other.send("/b/c")).body)).toMatchObject({
      routeKey: "$default",
      rawPath: "/b/c",
    });
  });
});

describe("the event of payload format 2.0", async () => {
  const { send, lambda, url } = await serve({ "ANY /e/{x}": { fn: "echo" } });
  const eventOf = async (path: string, sent?: Sent) => JSON.parse((await send(path, sent)).body);

  it("has headers and query parameters whatever their names are", async () => {
    const { body } = await send("/e/x?__proto__=1&constructor=2", {
      headers: JSON.parse('{ "__proto__": "3", "constructor": "4" }'),
    });

    expect(body).toContain('"queryStringParameters":{"__proto__":"1","constructor":"2"}');
    expect(body).toContain('"__proto__":"3","constructor":"4"');
  });

  it("describes the request", async () => {
    const event = await eventOf("/e/%C3%A4?a=1&b=x%20y&a=2", {
      headers: { "X-Two": ["1", "2"], cookie: "c=1; d=2", "user-agent": "test" },
    });

    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "ANY /e/{x}",
      rawPath: "/e/ä",
      rawQueryString: "a=1&b=x%20y&a=2",
      queryStringParameters: { a: "1,2", b: "x y" },
      cookies: ["c=1", "d=2"],
      pathParameters: { x: "ä" },
      isBase64Encoded: false,
      requestContext: {
        accountId: "000000000000",
        apiId: expect.stringMatching(/^[a-z0-9]{10}$/),
        stage: "$default",
        http: { method: "GET", path: "/e/ä", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
        routeKey: "ANY /e/{x}",
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
    });
    expect(event.headers).toMatchObject({
      "x-two": "1,2",
      "x-forwarded-for": "127.0.0.1",
      "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    });
    for (const absent of ["cookie", "connection"]) expect(event.headers).not.toHaveProperty(absent);
    expect(event).not.toHaveProperty("body");
    expect(event.requestContext).not.toHaveProperty("authorizer");
  });

  it.each([
    ["application/json; charset=utf-8", false],
    ["text/csv", false],
    ["application/x-www-form-urlencoded", true],
    ["application/problem+json", true],
  ])("carries a body of %s as text or base64", async (type, isBase64Encoded) => {
    const body = '{"ä":1}';

    const event = await eventOf("/e/1", { method: "POST", headers: { "content-type": type }, body });

    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(Buffer.from(event.body, isBase64Encoded ? "base64" : "utf8").toString()).toBe(body);
  });

  it("is never made for a caller that goes in the middle of its body", async () => {
    const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1" });
    await once(socket, "connect");
    socket.write("POST /e/gone HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    lambda.resetMetrics();

    socket.destroy();
    await once(socket, "close");

    expect((await send("/e/1")).status).toBe(200);
    expect(lambda.metrics().echo?.invocations).toBe(1);
  });

  it("refuses a body of more than 10 MB", async () => {
    const body = Buffer.alloc(10 * 1024 * 1024 + 1);

    const { status, body: text } = await send("/e/1", { method: "POST", body });

    expect([status, text]).toEqual([413, '{"message":"Request Entity Too Large"}']);
  });
});

describe("a function's response", async () => {
  const { send } = await serve({
    "POST /": { fn: "answering" },
    "POST /narrow": { fn: "narrow" },
    "POST /impatient": { fn: "hanging", integration: { TimeoutInMillis: 50 } },
  });
  const order = (answer: unknown, path = "/") =>
    send(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ answer }),
    });

  it("sets status, headers, cookies and body", async () => {
    const { status, headers, body } = await order({
      statusCode: 201,
      headers: { Location: "/x", "X-Number": 5 },
      cookies: ["a=1; Secure", "b=2"],
      body: "text",
    });

    expect([status, body]).toEqual([201, "text"]);
    expect(headers).toMatchObject({
      location: "/x",
      "x-number": "5",
      "set-cookie": ["a=1; Secure", "b=2"],
      "content-type": "text/plain;charset=UTF-8",
      "content-length": "4",
    });
  });

  it("may be base64", async () => {
    const { bytes } = await order({ statusCode: 200, body: "AP8=", isBase64Encoded: true });

    expect(bytes).toEqual(Buffer.from([0, 255]));
  });

  it.each([
    ["an object", { a: 1 }, '{"a":1}'],
    ["a text", "hello", "hello"],
    ["null", null, "null"],
  ])("without statusCode is the body: %s", async (_name, answer, expected) => {
    const { status, headers, body } = await order(answer);

    expect([status, headers["content-type"], body]).toEqual([200, "application/json", expected]);
  });

  it.each([
    ["a status that is none", { statusCode: "many" }],
    ["a body that is no text", { statusCode: 200, body: { a: 1 } }],
    ["a header with a line break", { statusCode: 200, headers: { Location: "/x\r\nSet-Cookie: a=1" } }],
    ["a header beyond Latin-1", { statusCode: 200, headers: { Location: "/stations/€" } }],
    ["a header whose name is no token", { statusCode: 200, headers: { "no token": "x" } }],
    ["a cookie with a line break", { statusCode: 200, cookies: ["a=1\nb=2"] }],
  ])("is an internal error where it has %s", async (_name, answer) => {
    const { status, body } = await order(answer);

    expect([status, body]).toEqual([500, '{"message":"Internal Server Error"}']);
  });

  it("is an internal error where the function throws", async () => {
    const { status, body } = await send("/", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"fail":true}',
    });

    expect([status, body]).toEqual([500, '{"message":"Internal Server Error"}']);
  });

  it.each([
    ["the function is throttled", "/narrow"],
    ["the integration's time is up", "/impatient"],
  ])("is 503 where %s", async (_name, path) => {
    const { status, body } = await order({}, path);

    expect([status, body]).toEqual([503, '{"message":"Service Unavailable"}']);
  });
});

describe("a JWT authorizer", async () => {
  const { send, lambda } = await serve({
    "GET /scoped": { fn: "echo", scopes: ["read", "write"] },
    "GET /any-token": { fn: "echo", guarded: true },
  });
  const get = (path: string, authorization?: string) =>
    send(path, authorization === undefined ? {} : { headers: { authorization } });
  const good = () => ({ iss: issuer, client_id: "local-client", exp: inAnHour(), scope: "write other" });

  it("hands claims as texts and the token's scopes to the function", async () => {
    const exp = inAnHour();
    const { body } = await get(
      "/scoped",
      token({ ...good(), exp, groups: ["a", "b"], flag: true, none: null }),
    );

    expect(JSON.parse(body).requestContext.authorizer).toEqual({
      jwt: {
        claims: {
          iss: issuer,
          client_id: "local-client",
          exp: String(exp),
          scope: "write other",
          groups: "[a b]",
          flag: "true",
        },
        scopes: ["write", "other"],
      },
    });
  });

  it("asks for no scope where the route names none", async () => {
    const { status, body } = await get("/any-token", token(good()));

    expect(status).toBe(200);
    expect(JSON.parse(body).requestContext.authorizer.jwt.scopes).toBeNull();
  });

  it.each([
    ["an audience of the template", { client_id: "deployed-client" }],
    ["aud", { aud: ["x", "local-client"], client_id: "whoever" }],
    ["scp as a list", { scp: ["read"], scope: undefined }],
  ])("takes %s", async (_name, claims) => {
    expect((await get("/scoped", token({ ...good(), ...claims }))).status).toBe(200);
  });

  it.each([
    ["no token", undefined],
    ["a token without its scheme's space", "Bearer"],
    ["a bad signature", "Bearer nonsense"],
    ["another issuer", token({ ...good(), iss: "https://other.test" })],
    ["an expired token", token({ ...good(), exp: inAnHour() - 3601 })],
    ["a token that is not valid yet", token({ ...good(), nbf: inAnHour() })],
    ["no expiry", token({ ...good(), exp: undefined })],
    ["another client", token({ ...good(), client_id: "stranger" })],
    ["another audience, whatever the client", token({ ...good(), aud: "stranger" })],
  ])("answers 401 to %s", async (_name, authorization) => {
    const { status, headers, body } = await get("/scoped", authorization);

    expect([status, body]).toEqual([401, '{"message":"Unauthorized"}']);
    expect(headers["www-authenticate"]).toMatch(/^Bearer/);
  });

  it("answers 403 where none of the route's scopes is in the token, and calls nobody", async () => {
    lambda.resetMetrics();

    const { status, headers, body } = await get("/scoped", token({ ...good(), scope: "reader" }));

    expect([status, body]).toEqual([403, '{"message":"Forbidden"}']);
    expect(headers["www-authenticate"]).toContain("insufficient_scope");
    expect(lambda.metrics().echo?.invocations).toBe(0);
  });
});

describe("CORS", async () => {
  const { send } = await serve(
    { "GET /c": { fn: "echo" } },
    {
      CorsConfiguration: {
        AllowOrigins: ["https://good.test"],
        AllowMethods: ["GET", "PUT"],
        AllowHeaders: ["Authorization"],
        ExposeHeaders: ["Location"],
        MaxAge: 60,
      },
    },
  );
  const preflight = (origin: string) =>
    send("/c", { method: "OPTIONS", headers: { origin, "access-control-request-method": "PUT" } });

  it("answers a preflight without a function", async () => {
    const { status, headers } = await preflight("https://good.test");

    expect(status).toBe(204);
    expect(headers).toMatchObject({
      "access-control-allow-origin": "https://good.test",
      "access-control-allow-methods": "GET,PUT",
      "access-control-allow-headers": "authorization",
      "access-control-max-age": "60",
    });
  });

  it("names no other origin", async () => {
    expect((await preflight("https://bad.test")).headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("marks responses", async () => {
    const { headers } = await send("/c", { headers: { origin: "https://good.test" } });

    expect(headers["access-control-allow-origin"]).toBe("https://good.test");
    expect(headers["access-control-expose-headers"]).toBe("location");
  });
});
