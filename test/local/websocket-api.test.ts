import { once } from "node:events";
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { afterAll, describe, expect, it } from "vitest";
import { type RawData, WebSocket } from "ws";
import { apiOf } from "../../local/integrations.ts";
import { listen, stop } from "../../local/listen.ts";
import { UnservableTemplate } from "../../local/template.ts";
import {
  type CertificateEndpoint,
  createCertificateEndpoint,
} from "../../local/websocket/certificate-endpoint.ts";
import { createWebSocketApi, type WebSocketLimits } from "../../local/websocket-api.ts";
import type { FunctionFixture } from "./fixtures/assembly.ts";
import { serveFunctions } from "./fixtures/serve.ts";
import { stage, type WebSocketFixture, webSocketResources } from "./fixtures/websocket.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  await Promise.all(cleanups.map((cleanup) => cleanup()));
});

let channels = 0;

/** Functions write their events to a channel of the test's own, and read from it how to go on. */
const telling = (channel: string, rest: string): FunctionFixture => ({
  code: `
    const channel = new BroadcastChannel(${JSON.stringify(channel)});
    const heard = new Map();
    channel.onmessage = ({ data }) => heard.get(data)?.();
    const hear = (word) => new Promise((resolve) => heard.set(word, resolve));
    export const handler = async (event) => {
      channel.postMessage(event);
      ${rest}
    };`,
  properties: { Timeout: 20 },
});

async function serve(
  fixture: Partial<WebSocketFixture> & {
    readonly connect?: string;
    readonly message?: string;
    readonly authorize?: string;
    readonly limits?: Partial<WebSocketLimits>;
    readonly certificateEndpoint?: CertificateEndpoint;
    readonly emptyFrames?: boolean;
  } = {},
) {
  const name = `websocket-test-${++channels}`;
  const {
    connect = "return { statusCode: 200 };",
    message = "return { statusCode: 200, body: event.body };",
  } = fixture;
  const functions = {
    connect: telling(name, connect),
    message: telling(name, message),
    disconnect: telling(name, "return { statusCode: 200 };"),
    authorize: telling(name, fixture.authorize ?? ""),
  };
  const resources = webSocketResources({
    routes: { $connect: "connect", $default: "message", $disconnect: "disconnect" },
    twoWay: ["$default"],
    ...fixture,
  });
  const { template, clock, lambda, log } = serveFunctions(functions, resources);
  const api = apiOf(template, "WEBSOCKET");
  if (api === undefined) throw new Error("no API");
  const { limits = {}, certificateEndpoint, emptyFrames = false } = fixture;
  const sockets = createWebSocketApi({
    template,
    api,
    lambda,
    clock,
    limits,
    emptyFrames,
    ...(certificateEndpoint && { certificateEndpoint }),
  });
  const url = (await listen(sockets.endpoint, 0)).replace("http", "ws");
  const managementUrl = await listen(sockets.management, 0);

  // biome-ignore lint/suspicious/noExplicitAny: events are looked into freely
  const events: any[] = [];
  const channel = new BroadcastChannel(name);
  const waiting = new Set<() => void>();
  channel.onmessage = ({ data }: { data: unknown }) => {
    if (typeof data === "object") events.push(data);
    for (const look of waiting) look();
  };
  cleanups.push(
    () => channel.close(),
    () => sockets.close(),
    () => stop(sockets.endpoint),
    () => stop(sockets.management),
    () => lambda.close(),
  );
  return {
    url,
    lambda,
    log,
    events,
    managementUrl,
    posts: sockets.posts,
    tell: (word: string) => channel.postMessage(word),
    /** The first event so far or to come that the predicate takes. */
    // biome-ignore lint/suspicious/noExplicitAny: events are looked into freely
    event: (accepts: (event: any) => boolean) =>
      new Promise<ReturnType<typeof events.at>>((resolve) => {
        const look = () => {
          const found = events.find(accepts);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    management: new ApiGatewayManagementApiClient({
      endpoint: `${managementUrl}/${stage}`,
      region: "eu-west-1",
      credentials: { accessKeyId: "x", secretAccessKey: "x" },
      maxAttempts: 1,
    }),
    async connect(
      path = `/${stage}`,
      protocols: string[] = [],
      options: { headers?: Record<string, string> } = {},
    ) {
      const socket = new WebSocket(url + path, protocols, options);
      await once(socket, "open");
      return socket;
    },
    /** What a handshake is refused with. */
    refused: (path = `/${stage}`, headers: Record<string, string> = {}) =>
      new Promise<{ status: number; body: string }>((resolve, reject) => {
        const socket = new WebSocket(url + path, { headers });
        socket.on("open", () => reject(new Error("not refused")));
        socket.on("error", () => {});
        socket.on("unexpected-response", async (_request, response) => {
          let body = "";
          for await (const chunk of response) body += chunk;
          resolve({ status: response.statusCode ?? 0, body });
        });
      }),
  };
}

const text = async (socket: WebSocket): Promise<string> => {
  const [data] = (await once(socket, "message")) as [RawData];
  return data.toString();
};
const closed = async (socket: WebSocket): Promise<number> => ((await once(socket, "close")) as [number])[0];
const ofType = (eventType: string) => (event: { requestContext?: { eventType?: string }; type?: string }) =>
  event.requestContext?.eventType === eventType && event.type === undefined;

const allow = (context: string) => `return { principalId: "p", context: ${context}, policyDocument: {
  Version: "2012-10-17",
  Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: event.methodArn }] } };`;
const authorizer = { fn: "authorize", identitySource: ["route.request.querystring.identity"] };

describe("the $connect of a WebSocket API", () => {
  it("gives the function the request, and every later event the same connection", async () => {
    const { connect, event } = await serve();

    const socket = await connect(`/${stage}?a=1&a=2&b=%C3%A4`, [], { headers: { "X-Given-Case": "yes" } });
    socket.send("hello");
    const [opened, message] = await Promise.all([event(ofType("CONNECT")), event(ofType("MESSAGE"))]);

    expect(opened).toMatchObject({
      headers: { "X-Given-Case": "yes", "Sec-WebSocket-Version": "13" },
      multiValueHeaders: { "X-Given-Case": ["yes"] },
      queryStringParameters: { a: "2", b: "ä" },
      multiValueQueryStringParameters: { a: ["1", "2"], b: ["ä"] },
      isBase64Encoded: false,
      requestContext: {
        routeKey: "$connect",
        eventType: "CONNECT",
        messageDirection: "IN",
        stage,
        apiId: expect.stringMatching(/^[a-z0-9]{10}$/),
        domainName: expect.stringMatching(/^[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com$/),
        connectionId: expect.stringMatching(/^[\w-]{15}=$/),
        identity: { sourceIp: "127.0.0.1" },
      },
    });
    expect(message).toMatchObject({
      body: "hello",
      isBase64Encoded: false,
      requestContext: {
        routeKey: "$default",
        eventType: "MESSAGE",
        messageId: expect.any(String),
        connectionId: opened.requestContext.connectionId,
        connectedAt: opened.requestContext.connectedAt,
      },
    });
    expect(message).not.toHaveProperty("headers");
  });

  it.each([
    [`/${stage}/behind`, 403],
    ["/other", 403],
    ["/", 403],
  ])("has no path but the stage's: %s", async (path, status) => {
    const { refused, events } = await serve();

    expect(await refused(path)).toMatchObject({ status, body: expect.stringContaining('"Forbidden"') });
    expect(events).toEqual([]);
  });

  it("is refused with the status that the function returns", async () => {
    const { refused } = await serve({ connect: "return { statusCode: 418 };" });

    expect((await refused()).status).toBe(418);
  });

  it.each([
    ["throws", "throw new Error('no')"],
    ["returns no status", "return {}"],
  ])("is refused with 502 where the function %s", async (_name, connect) => {
    const { refused } = await serve({ connect });

    expect(await refused()).toMatchObject({
      status: 502,
      body: expect.stringContaining("Internal server error"),
    });
  });

  it("sends Sec-WebSocket-Protocol only if the function returned it", async () => {
    const silent = await serve();
    const speaking = await serve({
      connect: `return { statusCode: 200, headers: { "Sec-WebSocket-Protocol": "b" } };`,
    });

    const refusal = new WebSocket(`${silent.url}/${stage}`, ["a", "b"]);
    const [error] = await once(refusal, "error");
    const socket = await speaking.connect(`/${stage}`, ["a", "b"]);

    expect(error.message).toContain("Server sent no subprotocol");
    expect(socket.protocol).toBe("b");
  });

  it("answers a request that is no handshake", async () => {
    const { url } = await serve();

    expect((await fetch(`${url.replace("ws", "http")}/${stage}`)).status).toBe(426);
  });
});

describe("a REQUEST authorizer", () => {
  it("gets the request, and its context is in every event as texts", async () => {
    const { connect, event } = await serve({ authorizer, authorize: allow("{ n: 1, yes: true, s: 't' }") });

    const socket = await connect(`/${stage}?identity=me`);
    socket.send("x");
    const [asked, opened, message] = await Promise.all([
      event(({ type }) => type === "REQUEST"),
      event(ofType("CONNECT")),
      event(ofType("MESSAGE")),
    ]);
    socket.close();
    const disconnect = await event(ofType("DISCONNECT"));

    expect(asked).toMatchObject({
      type: "REQUEST",
      methodArn: expect.stringMatching(
        /^arn:aws:execute-api:eu-west-1:000000000000:[a-z0-9]+\/live\/\$connect$/,
      ),
      queryStringParameters: { identity: "me" },
      requestContext: { routeKey: "$connect", eventType: "CONNECT" },
    });
    for (const { requestContext } of [opened, message, disconnect]) {
      expect(requestContext.authorizer).toEqual({ principalId: "p", n: "1", yes: "true", s: "t" });
    }
  });

  it("gets headers and query parameters whatever their names are", async () => {
    const { connect, event } = await serve({ authorizer, authorize: allow("{}") });

    await connect(`/${stage}?identity=me&__proto__=1&constructor=2`, [], {
      headers: JSON.parse('{ "__proto__": "3", "constructor": "4" }'),
    });

    const asked = JSON.stringify(await event(({ type }) => type === "REQUEST"));
    expect(asked).toContain('"identity":"me","__proto__":"1","constructor":"2"');
    expect(asked).toContain('"__proto__":["3"],"constructor":["4"]');
  });

  it("is not asked where an identity source is missing", async () => {
    const { refused, events } = await serve({ authorizer, authorize: allow("{}") });

    expect(await refused(`/${stage}?identity=`)).toMatchObject({
      status: 401,
      body: expect.stringContaining("Unauthorized"),
    });
    expect(events).toEqual([]);
  });

  it("finds a header as identity source in any case", async () => {
    const { connect, refused } = await serve({
      authorizer: { fn: "authorize", identitySource: ["route.request.header.Authorization"] },
      authorize: allow("{}"),
    });

    await connect(`/${stage}`, [], { headers: { authorization: "x" } });

    expect((await refused()).status).toBe(401);
  });

  const denial = allow("{}").replace("Allow", "Deny");
  it.each([
    ["401 where it throws Unauthorized", "throw new Error('Unauthorized')", 401],
    ["403 where it denies", denial, 403],
    ["403 where its policy is for something else", allow("{}").replace("event.methodArn", "'arn:x'"), 403],
    ["500 where it throws anything else", "throw new Error('Oops')", 500],
    ["500 where its context holds an object", allow("{ o: {} }"), 500],
    ["500 where it returns more than 8 KB", allow("{ s: 'x'.repeat(8200) }"), 500],
    ["500 where it returns no policy", "return { principalId: 'p' }", 500],
  ])("answers %s", async (_name, authorize, status) => {
    const { refused, events } = await serve({ authorizer, authorize });

    expect((await refused(`/${stage}?identity=me`)).status).toBe(status);
    expect(events.filter(ofType("CONNECT"))).toEqual([]);
  });

  it("takes wildcards in a policy", async () => {
    const { connect } = await serve({
      authorizer,
      authorize: allow("{}")
        .replace("event.methodArn", "['arn:aws:execute-api:*:*:*/live/*']")
        .replace('"execute-api:Invoke"', '"execute-api:*"'),
    });

    await connect(`/${stage}?identity=me`);
  });
});

describe("a distribution in front", () => {
  const edge = `function handler(event) {
    var request = event.request;
    if (request.uri === "/answered") {
      return { statusCode: 404, statusDescription: "Not Found", headers: { "x-edge": { value: "1" } } };
    }
    if (request.uri === "/broken") return nothing.here;
    if (request.uri === "/upgrade") return { statusCode: "upgrade" in request.headers ? 500 : 410 };
    if (request.uri === "/adds") request.headers["x-edge-y"] = { value: "1" };
    if (request.uri === "/node") return { statusCode: typeof process === "undefined" ? 410 : 500 };
    request.querystring = {
      uri: { value: encodeURIComponent(request.uri) },
      query: { value: encodeURIComponent(JSON.stringify(request.querystring)) },
      cookies: { value: encodeURIComponent(JSON.stringify(request.cookies)) },
    };
    request.headers["x-added"] = { value: "edge" };
    request.uri = "/live";
    return request;
  }`;

  it("runs its viewer-request function and adds the origin's headers", async () => {
    const { connect, event } = await serve({ edge });

    await connect("/some/%C3%A4?a=1&a=%202&b", [], { headers: { "X-Mine": "1", cookie: "c=1; d=2" } });
    const { headers, queryStringParameters, requestContext } = await event(ofType("CONNECT"));

    expect(queryStringParameters.uri).toBe("/some/%C3%A4");
    expect(JSON.parse(queryStringParameters.query)).toEqual({
      a: { value: "1", multiValue: [{ value: "1" }, { value: "%202" }] },
      b: { value: "" },
    });
    expect(JSON.parse(queryStringParameters.cookies)).toEqual({ c: { value: "1" }, d: { value: "2" } });
    expect(headers).toMatchObject({
      "X-Mine": "1",
      "x-added": "edge",
      Cookie: "c=1; d=2",
      "X-Origin-Secret": "hush",
      Host: requestContext.domainName,
    });
  });

  it("replaces what a viewer sends under the name of an origin's header", async () => {
    const { connect, event } = await serve({ edge });

    await connect("/x", [], { headers: { "x-origin-secret": "guessed" } });
    const { headers, multiValueHeaders } = await event(ofType("CONNECT"));

    expect(multiValueHeaders["X-Origin-Secret"]).toEqual(["hush"]);
    expect(JSON.stringify(headers)).not.toContain("guessed");
  });

  it("passes on what its policy lists, and what it adds itself", async () => {
    const { connect, event } = await serve({ edge, headers: ["Sec-WebSocket-Key", "X-Listed"] });

    await connect("/x?a=1", [], {
      headers: { "x-listed": "1", "x-mine": "2", authorization: "x", cookie: "c=1" },
    });
    const { headers, queryStringParameters } = await event(ofType("CONNECT"));

    expect(JSON.parse(queryStringParameters.query)).toEqual({ a: { value: "1" } });
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    expect(names.toSorted()).toEqual([
      ...["connection", "host", "sec-websocket-key", "upgrade", "x-listed", "x-origin-secret"],
    ]);
  });

  it("is not served with a policy that takes a part of the query only", async () => {
    await expect(serve({ edge, headers: ["Sec-WebSocket-Key"], queries: "none" })).rejects.toThrow(
      UnservableTemplate,
    );
  });

  it("leaves the API's own address open", async () => {
    const { connect, event, managementUrl, refused } = await serve({ edge });
    const own = new WebSocket(`${managementUrl.replace("http", "ws")}/${stage}?a=1`);
    await once(own, "open");

    const { headers, queryStringParameters } = await event(ofType("CONNECT"));

    expect(queryStringParameters).toEqual({ a: "1" });
    expect(headers).not.toHaveProperty("X-Origin-Secret");
    expect((await refused("/answered")).status).toBe(404);
    await connect("/x");
  });

  it("that asks for no certificates cannot be the certificate endpoint", async () => {
    const certificateEndpoint = await createCertificateEndpoint("");

    await expect(serve({ edge, certificateEndpoint })).rejects.toThrow(UnservableTemplate);
  });

  it.each([
    ["sends what the function answers", "/answered", 404],
    ["answers 503 where the function fails", "/broken", 503],
    ["runs it without Node's globals", "/node", 410],
    ["shows it no header of the connection", "/upgrade", 410],
    ["answers 502 where it adds one", "/adds", 502],
  ])("%s", async (_name, path, status) => {
    const { refused, events } = await serve({ edge });

    expect((await refused(path)).status).toBe(status);
    expect(events).toEqual([]);
  });
});

describe("messages", () => {
  it("are answered with the body of the route's response", async () => {
    const { connect } = await serve();
    const socket = await connect();

    socket.send("one");

    expect(await text(socket)).toBe("one");
  });

  it("are not answered without a route response", async () => {
    const { connect, event, tell } = await serve({
      twoWay: [],
      message: "await hear('go'); return { statusCode: 200, body: 'no' };",
    });
    const socket = await connect();
    const received: string[] = [];
    socket.on("message", (data) => received.push(data.toString()));

    socket.send("one");
    await event(ofType("MESSAGE"));
    tell("go");
    socket.close();
    await event(ofType("DISCONNECT"));

    expect(received).toEqual([]);
  });

  it.each([
    ["absent", "return { statusCode: 200 };"],
    ["empty", "return { statusCode: 200, body: '' };"],
  ])(
    "are answered by an empty frame where the body is %s and empty frames are on",
    async (_name, message) => {
      const { connect } = await serve({ emptyFrames: true, message });
      const socket = await connect();

      socket.send("one");

      expect(await text(socket)).toBe("");
    },
  );

  it("are not answered where the body is absent and empty frames are off", async () => {
    const { connect } = await serve({
      message: "return event.body === 'last' ? { statusCode: 200, body: 'end' } : { statusCode: 200 };",
    });
    const socket = await connect();
    const received: string[] = [];
    socket.on("message", (data) => received.push(data.toString()));

    socket.send("one");
    await new Promise((resolve) => setTimeout(resolve, 200));
    socket.send("last");
    await once(socket, "message");

    expect(received).toEqual(["end"]);
  });

  it("are not answered by an empty frame without a route response", async () => {
    const { connect, event } = await serve({
      twoWay: [],
      emptyFrames: true,
      message: "return { statusCode: 200 };",
    });
    const socket = await connect();
    const received: string[] = [];
    socket.on("message", (data) => received.push(data.toString()));

    socket.send("one");
    await event(ofType("MESSAGE"));
    await new Promise((resolve) => setTimeout(resolve, 200));
    socket.close();
    await event(ofType("DISCONNECT"));

    expect(received).toEqual([]);
  });

  it("of one connection run at the same time, dispatched in order of arrival", async () => {
    const { connect, event, events, tell, lambda } = await serve({
      message: "await hear('go'); return { statusCode: 200, body: event.body };",
    });
    const socket = await connect();
    const answers: Promise<string>[] = [];

    for (const body of ["1", "2", "3"]) socket.send(body);
    for (const body of ["1", "2", "3"]) await event((one) => one.body === body);
    for (let count = 0; count < 3; count += 1) answers.push(text(socket));
    tell("go");
    await Promise.all(answers);

    expect(events.filter(ofType("MESSAGE"))).toHaveLength(3);
    expect(lambda.metrics().message).toMatchObject({ invocations: 3, environments: 3 });
  });

  it.each([
    ["throws", "throw new Error('no')"],
    ["returns no status", "return { body: 'x' }"],
  ])("are answered by API Gateway itself where the function %s", async (_name, message) => {
    const { connect } = await serve({ message });
    const socket = await connect();

    socket.send("x");

    expect(JSON.parse(await text(socket))).toEqual({
      message: "Internal server error",
      connectionId: expect.stringMatching(/=$/),
      requestId: expect.stringMatching(/=$/),
    });
  });

  it("arrive in base64 where they are binary, and go out as binary where the function says so", async () => {
    const { connect, event } = await serve({
      message: "return { statusCode: 200, body: event.body, isBase64Encoded: true };",
    });
    const socket = await connect();

    socket.send(Buffer.from([0, 255]));
    const [data, isBinary] = await once(socket, "message");

    expect(await event(ofType("MESSAGE"))).toMatchObject({ body: "AP8=", isBase64Encoded: true });
    expect([data, isBinary]).toEqual([Buffer.from([0, 255]), true]);
  });

  it("take the route that the selection expression finds, else $default", async () => {
    const { connect, event } = await serve({
      selection: "$request.body.action.name",
      routes: { $default: "message", hop: "message" },
    });
    const socket = await connect();
    const keyOf = async (body: string) => {
      socket.send(body);
      const { requestContext } = await event((one) => one.body === body);
      return requestContext.routeKey;
    };

    expect(await keyOf('{"action":{"name":"hop"}}')).toBe("hop");
    expect(await keyOf('{"action":{"name":"skip"}}')).toBe("$default");
    expect(await keyOf('[2,"x"]')).toBe("$default");
    expect(await keyOf("no JSON")).toBe("$default");
  });

  it("without any route are forbidden", async () => {
    const { connect } = await serve({ routes: { $connect: "connect" } });
    const socket = await connect();

    socket.send("x");

    expect(JSON.parse(await text(socket)).message).toBe("Forbidden");
  });
});

describe("the end of a connection", () => {
  it.each([
    [1000, "bye", { disconnectStatusCode: 1000, disconnectReason: "bye" }],
    [4001, "", { disconnectStatusCode: 4001, disconnectReason: "" }],
    [
      undefined,
      undefined,
      { disconnectStatusCode: 1005, disconnectReason: "Client-side close frame status not set" },
    ],
  ])("is told to $disconnect with what the client said: %s %s", async (code, reason, expected) => {
    const { connect, event } = await serve();
    const socket = await connect();

    socket.close(code, reason);

    expect(await event(ofType("DISCONNECT"))).toMatchObject({
      isBase64Encoded: false,
      requestContext: { routeKey: "$disconnect", ...expected },
    });
  });

  it("is 1006 where the client just goes", async () => {
    const { connect, event } = await serve();
    const socket = await connect();

    socket.terminate();

    expect((await event(ofType("DISCONNECT"))).requestContext.disconnectStatusCode).toBe(1006);
  });

  it("follows a $connect that succeeded although the client had gone", async () => {
    const { url, event, tell } = await serve({ connect: "await hear('go'); return { statusCode: 200 };" });
    const socket = new WebSocket(`${url}/${stage}`);
    socket.on("error", () => {});
    const { requestContext } = await event(ofType("CONNECT"));

    socket.terminate();
    // The server learns of it when it writes, at the latest.
    tell("go");

    expect((await event(ofType("DISCONNECT"))).requestContext.connectionId).toBe(requestContext.connectionId);
  });

  it("comes when it was idle for too long, or is too old", async () => {
    const idle = await serve({ limits: { idleMs: 100 } });
    const old = await serve({ limits: { lifetimeMs: 100 } });

    const codes = await Promise.all([idle, old].map(async ({ connect }) => closed(await connect())));

    expect(codes).toEqual([1001, 1001]);
    expect((await idle.event(ofType("DISCONNECT"))).requestContext).toMatchObject({
      disconnectStatusCode: 1001,
      disconnectReason: "Going away",
    });
  });
});

describe("the limits on what a client sends", () => {
  it.each([
    ["a frame of 32 KB passes", [32 * 1024], undefined],
    ["a larger frame closes", [32 * 1024 + 1], 1009],
    ["a message of 128 KB in frames passes", [32, 32, 32, 32].map((kb) => kb * 1024), undefined],
    ["a larger message closes", [32 * 1024, 32 * 1024, 32 * 1024, 32 * 1024, 1], 1009],
  ])("%s", async (_name, frames, code) => {
    const { connect, event, events } = await serve({ message: "return { statusCode: 200, body: 'ok' };" });
    const socket = await connect();
    const end = closed(socket);

    for (const [index, bytes] of frames.entries()) {
      socket.send("x".repeat(bytes), { fin: index === frames.length - 1 });
    }

    if (code === undefined) {
      expect(await text(socket)).toBe("ok");
      return;
    }
    expect(await end).toBe(code);
    expect((await event(ofType("DISCONNECT"))).requestContext.disconnectStatusCode).toBe(code);
    expect(events.filter(ofType("MESSAGE"))).toEqual([]);
  });

  it("are checked whatever pieces the frames arrive in", async () => {
    const { connect } = await serve();
    const socket = await connect();
    const answers: string[] = [];
    socket.on("message", (data) => answers.push(data.toString()));

    const bodies = ["a", "b".repeat(200), "c".repeat(32 * 1024), "d"];
    for (const body of bodies) socket.send(body);
    while (answers.length < bodies.length) await once(socket, "message");

    expect(answers.map((answer) => answer.length).sort((a, b) => a - b)).toEqual([1, 1, 200, 32 * 1024]);
  });

  it("leave pings alone: they are answered", async () => {
    const { connect } = await serve();
    const socket = await connect();

    socket.ping("p");
    const [data] = await once(socket, "pong");

    expect(data.toString()).toBe("p");
  });
});

describe("the @connections API", () => {
  const idOf = async ({ event }: Awaited<ReturnType<typeof serve>>): Promise<string> =>
    (await event(ofType("CONNECT"))).requestContext.connectionId;

  it("posts to a connection as text, and counts posts", async () => {
    const served = await serve();
    const socket = await served.connect();
    const ConnectionId = await idOf(served);

    const received = once(socket, "message");

    await served.management.send(new PostToConnectionCommand({ ConnectionId, Data: '["ä"]' }));
    const [data, isBinary] = await received;

    expect([data.toString(), isBinary]).toEqual(['["ä"]', false]);
    expect(served.posts()).toBe(1);
  });

  it("answers 410 while $connect runs, and after the end", async () => {
    const served = await serve({ connect: "await hear('go'); return { statusCode: 200 };" });
    const opening = served.connect();
    const ConnectionId = await idOf(served);
    const post = () => served.management.send(new PostToConnectionCommand({ ConnectionId, Data: "x" }));

    await expect(post()).rejects.toMatchObject({ name: "GoneException", $metadata: { httpStatusCode: 410 } });
    served.tell("go");
    const socket = await opening;
    await post();
    socket.close();
    await served.event(ofType("DISCONNECT"));
    await expect(post()).rejects.toMatchObject({ name: "GoneException" });
  });

  it("posts at most 128 KB", async () => {
    const served = await serve();
    const socket = await served.connect();
    const ConnectionId = await idOf(served);
    const post = (bytes: number) =>
      served.management.send(new PostToConnectionCommand({ ConnectionId, Data: "x".repeat(bytes) }));

    await expect(post(128 * 1024 + 1)).rejects.toMatchObject({ name: "PayloadTooLargeException" });
    const received = text(socket);
    await post(128 * 1024);

    expect((await received).length).toBe(128 * 1024);
  });

  it("answers 410 to what is no id, and 403 to what is no stage of the API", async () => {
    const { managementUrl } = await serve();
    const post = async (path: string) =>
      (await fetch(`${managementUrl}${path}`, { method: "POST", body: "x" })).status;

    expect(await post(`/${stage}/@connections/%E0%A4%A`)).toBe(410);
    expect(await post("/other/@connections/x")).toBe(403);
    expect(await post("/")).toBe(403);
  });

  it("tells about a connection", async () => {
    const served = await serve();
    await served.connect(`/${stage}`, [], { headers: { "user-agent": "test" } });

    const answer = await served.management.send(
      new GetConnectionCommand({ ConnectionId: await idOf(served) }),
    );

    expect(answer).toMatchObject({
      ConnectedAt: expect.any(Date),
      LastActiveAt: expect.any(Date),
      Identity: { SourceIp: "127.0.0.1", UserAgent: "test" },
    });
  });

  it("closes a connection", async () => {
    const served = await serve();
    const socket = await served.connect();
    const end = closed(socket);

    await served.management.send(new DeleteConnectionCommand({ ConnectionId: await idOf(served) }));

    expect(await end).toBe(1000);
    expect((await served.event(ofType("DISCONNECT"))).requestContext).toMatchObject({
      disconnectStatusCode: 1000,
      disconnectReason: "Connection Closed Normally",
    });
  });
});
