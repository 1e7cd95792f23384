import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type LocalOptions, type LocalRelay, startLocal } from "../../local/relay.ts";
import { UnservableTemplate } from "../../local/template.ts";
import { type Resources, writeAssembly } from "./fixtures/assembly.ts";
import { httpApiResources, issuer } from "./fixtures/http.ts";
import { stage, webSocketResources } from "./fixtures/websocket.ts";

const relays: LocalRelay[] = [];
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.close()));
});

const executeApi = (api: string, protocol: string, path: string) => ({
  "Fn::Join": [
    "",
    [`${protocol}://`, { Ref: api }, ".execute-api.", { Ref: "AWS::Region" }, ".amazonaws.com", path],
  ],
});
const properties = {
  Timeout: 20,
  Environment: {
    Variables: {
      CONNECTIONS: executeApi("wsApi", "https", `/${stage}`),
      STATIONS: executeApi("wsApi", "wss", `/${stage}`),
      API: executeApi("httpApi", "https", "/x"),
      TABLE: { Ref: "table" },
    },
  },
};
const functions = {
  "api-env": { code: "export const handler = async () => process.env;", properties },
  "api-time": { code: "export const handler = async () => ({ now: Date.now() });", properties },
  "api-wait": {
    code: `export const handler = async (event) => {
      new BroadcastChannel("relay-test").postMessage("serving");
      return event.rawQueryString === "short" ? 1 : new Promise(() => {}); };`,
    properties,
  },
  "api-post": {
    code: `export const handler = async ({ rawQueryString: id }) => {
      const url = process.env.CONNECTIONS + "/@connections/" + encodeURIComponent(id);
      return { statusCode: (await fetch(url, { method: "POST", body: "posted" })).status }; };`,
    properties,
  },
  socket: {
    code: `export const handler = async ({ requestContext: { connectionId } }) =>
      ({ statusCode: 200, body: connectionId });`,
    properties,
  },
};
const resources: Resources = {
  ...httpApiResources({
    "GET /env": { fn: "api-env", scopes: ["things/read"] },
    "GET /time": { fn: "api-time" },
    "GET /wait": { fn: "api-wait" },
    "POST /post": { fn: "api-post" },
  }),
  ...webSocketResources({ routes: { $connect: "socket", $default: "socket" }, twoWay: ["$default"] }),
  table: {
    Type: "AWS::DynamoDB::Table",
    Properties: {
      TableName: "things",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    },
  },
  server: {
    Type: "AWS::Cognito::UserPoolResourceServer",
    Properties: { Identifier: "things", Scopes: [{ ScopeName: "read" }, { ScopeName: "write" }] },
  },
};

async function start(options: Partial<LocalOptions> = {}): Promise<LocalRelay> {
  const relay = await startLocal({
    assembly: writeAssembly({ functions, resources }),
    onLog: () => {},
    ...options,
  });
  relays.push(relay);
  return relay;
}

// biome-ignore lint/suspicious/noExplicitAny: bodies are looked into freely
async function json(url: string, init: RequestInit = {}): Promise<{ status: number; body: any }> {
  const response = await fetch(url, init);
  return { status: response.status, body: await response.json() };
}

async function requestToken({ apiUrl }: LocalRelay, scope?: string, secret = "demo-secret") {
  return await json(`${apiUrl}/oauth2/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`demo:${secret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials", ...(scope ? { scope } : {}) }),
  });
}

async function connect({ stationUrl }: LocalRelay) {
  const socket = new WebSocket(`${stationUrl}/${stage}`);
  await once(socket, "open");
  const answer = once(socket, "message");
  socket.send("who am I");
  return { socket, id: String((await answer)[0]) };
}

describe("the runner", () => {
  it("serves both endpoints, and tells the functions where everything is", async () => {
    const relay = await start();
    const { body: token } = await requestToken(relay);

    const { body: env } = await json(`${relay.apiUrl}/env`, {
      headers: { authorization: `Bearer ${token.access_token}` },
    });

    expect(env).toMatchObject({
      CONNECTIONS: `${relay.endpoints.connections}/${stage}`,
      STATIONS: `${relay.stationUrl}/${stage}`,
      API: `${relay.apiUrl}/x`,
      TABLE: "things",
      AWS_ENDPOINT_URL_DYNAMODB: relay.endpoints.dynamodb,
      AWS_ENDPOINT_URL_LAMBDA: relay.endpoints.lambda,
      AWS_ENDPOINT_URL_SCHEDULER: relay.endpoints.scheduler,
      AWS_ENDPOINT_URL_SQS: relay.endpoints.sqs,
    });
    expect(relay.tableNames).toEqual(["things"]);
  });

  it("grants its clients the template's scopes, and guards routes with them", async () => {
    const relay = await start();
    const status = async (scope?: string) => {
      const { body } = await requestToken(relay, scope);
      const headers = { authorization: `Bearer ${body.access_token}` };
      return (await fetch(`${relay.apiUrl}/env`, { headers })).status;
    };

    const claims = JSON.parse(atob((await requestToken(relay)).body.access_token.split(".")[1]));

    expect(claims).toMatchObject({ iss: issuer, client_id: "demo", scope: "things/read things/write" });
    expect([await status("things/read"), await status("things/write")]).toEqual([200, 403]);
    // as Cognito, which knows a scope by its resource server only
    expect((await requestToken(relay, "read")).body).toEqual({ error: "invalid_scope" });
    expect((await fetch(`${relay.apiUrl}/env`)).status).toBe(401);
    expect((await requestToken(relay, undefined, "guessed")).status).toBe(401);
  });

  it("lets functions post to connections", async () => {
    const relay = await start();
    const { socket, id } = await connect(relay);
    const received = once(socket, "message");

    const { status } = await fetch(`${relay.apiUrl}/post?${id}`, { method: "POST" });

    expect([status, String((await received)[0])]).toEqual([200, "posted"]);
    expect(relay.metrics().postToConnection).toBe(1);
  });

  it("tells its status and metrics on the API's endpoint", async () => {
    const relay = await start();
    await fetch(`${relay.apiUrl}/time`);

    const { body: status } = await json(`${relay.apiUrl}/_local/status`);
    const { body: before } = await json(`${relay.apiUrl}/_local/metrics`);
    const reset = await fetch(`${relay.apiUrl}/_local/metrics/reset`, { method: "POST" });
    const { body: after } = await json(`${relay.apiUrl}/_local/metrics`);

    const { dynamodb, scheduler, sqs, connections } = relay.endpoints;
    expect(status).toEqual({
      ready: true,
      apiUrl: relay.apiUrl,
      stationUrl: relay.stationUrl,
      endpoints: { dynamodb, scheduler, sqs, connections },
    });
    expect(before).toEqual({
      since: expect.stringMatching(/^\d{4}-.*Z$/),
      dynamodb: { total: 0, operations: {} },
      capacity: { readUnits: 0, writeUnits: 0, indexWriteUnits: 0, storedBytes: 0, indexBytes: 0 },
      postToConnection: 0,
      scheduler: {},
      sqs: {},
      functions: expect.objectContaining({
        "api-time": {
          invocations: 1,
          environments: 1,
          initMs: [expect.any(Number)],
          processorMs: expect.any(Number),
          errors: 0,
        },
        socket: { invocations: 0, environments: 0, initMs: [], processorMs: 0, errors: 0 },
      }),
    });
    expect(reset.status).toBe(204);
    expect(after.functions["api-time"]).toEqual({
      invocations: 0,
      environments: 1,
      initMs: [],
      processorMs: 0,
      errors: 0,
    });
    expect((await fetch(`${relay.apiUrl}/_local/other`)).status).toBe(404);
  });

  it("kills environments: their callers get an internal error, the next ones a new environment", async () => {
    const relay = await start();
    const channel = new BroadcastChannel("relay-test");
    const serving = once(channel as unknown as EventTarget, "message");
    const waiting = json(`${relay.apiUrl}/wait`);
    await serving;
    channel.close();

    await relay.killEnvironments("api-wait");

    expect(await waiting).toEqual({ status: 500, body: { message: "Internal Server Error" } });
    expect(await json(`${relay.apiUrl}/wait?short`)).toEqual({ status: 200, body: 1 });
  });

  it("moves the clock of everything it serves", async () => {
    const relay = await start();
    const now = async () => (await json(`${relay.apiUrl}/time`)).body.now as number;
    const before = await now();

    relay.advanceClock(86_400_000);

    expect(await now()).toBeGreaterThanOrEqual(before + 86_400_000);
    expect(Date.parse(relay.metrics().since)).toBeLessThan(before);
    relay.resetMetrics();
    expect(Date.parse(relay.metrics().since)).toBeGreaterThanOrEqual(before + 86_400_000);
  });

  it("says in one line that a port is in use, and leaves nothing running", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };

    await expect(start({ apiPort: port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is in use by another program.`,
    );

    other.close();
    await once(other, "close");
    const relay = await start({ apiPort: port });
    expect(relay.apiUrl).toBe(`http://127.0.0.1:${port}`);
  });

  it("closes although clients wait and are connected", async () => {
    const relay = await start();
    const { socket } = await connect(relay);
    const channel = new BroadcastChannel("relay-test");
    const serving = once(channel as unknown as EventTarget, "message");
    const waiting = fetch(`${relay.apiUrl}/wait`).catch(() => "cut off");
    await serving;
    channel.close();
    const ended = once(socket, "close");

    await relay.close();

    await Promise.all([ended, waiting]);
  });

  it("names what it does not serve", async () => {
    const lines: string[] = [];
    const bus = { Type: "AWS::Kinesis::Stream" };

    await start({
      assembly: writeAssembly({ functions, resources: { ...resources, bus } }),
      progress: (line) => lines.push(line),
    });

    expect(lines).toEqual(["not served locally: AWS::Kinesis::Stream bus"]);
    await expect(start({ assembly: writeAssembly({ functions }) })).rejects.toThrow(UnservableTemplate);
  });
});
