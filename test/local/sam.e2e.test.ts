/**
 * The recipe of docs/sam-local.md without Docker: what `sam local` makes of the files (the environment as in
 * samcli/local/lambdafn/env_vars.py, the event as in samcli/local/apigw/event_constructor.py; 1.170.0) is given
 * to a function's bundle in a process of its own.
 */
import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { deploymentFunctions } from "../../local/template/stack.ts";
import { type RelayUnderTest, startRelay } from "../support/relay.ts";

interface SamFunction {
  readonly Handler: string;
  readonly Code: string;
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
}

interface SamTemplate {
  // biome-ignore lint/suspicious/noExplicitAny: each test states the type of a template
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: any }>>;
}

type Variables = Readonly<Record<string, string>>;

const GET_CONFIGURATION = "GET /stations/{cpId}/configuration";
const ASK_CONFIGURATION = "POST /remote_commands/synchronous/{cpId}/get_configuration";

let folder: string;
let relay: RelayUnderTest;
let template: SamTemplate;
let overrides: Readonly<Record<string, Variables>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ocpp-relay-sam-"));
  relay = await startRelay({ samFolder: folder });
  await relay.station("DEMO-16");
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
  template = read("template.json");
  overrides = read("env.json");
});
afterAll(async () => {
  await relay.stop();
  await rm(folder, { recursive: true });
});

const ofType = (type: string) => Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

/** The function behind a route, as `sam local start-api` finds it. */
function functionOf(routeKey: string): readonly [logicalId: string, SamFunction] {
  const properties = (logicalId: string) => template.Resources[logicalId]?.Properties ?? {};
  const routes = ofType("AWS::ApiGatewayV2::Route").map(([, { Properties }]) => Properties);
  const { Target } = routes.find(({ RouteKey }) => RouteKey === routeKey);
  const [, [, integration]] = Target["Fn::Join"];
  const [logicalId] = properties(integration.Ref).IntegrationUri["Fn::GetAtt"];
  return [logicalId, properties(logicalId)];
}

/** What sam sets itself, and the template's variables with the file's values: no name but the template's. */
function environmentOf([logicalId, { Environment }]: readonly [string, SamFunction]): Variables {
  const own = Object.keys(Environment.Variables).map((name) => [
    name,
    overrides[logicalId]?.[name] ?? Environment.Variables[name],
  ]);
  const variables = {
    AWS_SAM_LOCAL: "true",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "defaultkey",
    AWS_SECRET_ACCESS_KEY: "defaultsecret",
    AWS_LAMBDA_FUNCTION_NAME: logicalId,
    ...Object.fromEntries(own),
  };
  // there is no container here: its host is this machine
  return JSON.parse(JSON.stringify(variables).replaceAll("host.docker.internal", "127.0.0.1"));
}

const eventOf = (routeKey: string, cpId: string, { token = relay.token, body = "" } = {}) => ({
  version: "2.0",
  routeKey,
  rawPath: routeKey.split(" ")[1]?.replace("{cpId}", cpId),
  rawQueryString: "",
  cookies: [],
  headers: {
    "User-Agent": "curl/8.5.0",
    Host: "127.0.0.1:3000",
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(body && { "Content-Type": "application/json" }),
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Port": "3000",
  },
  requestContext: {
    accountId: "123456789012",
    apiId: "1234567890",
    http: { method: routeKey.split(" ")[0], path: "/", protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
    requestId: "190a9b7b-1836-466c-97c3-87604933f83a",
    routeKey,
    stage: "$default",
    domainName: "localhost",
    domainPrefix: "localhost",
  },
  body,
  pathParameters: { cpId },
  stageVariables: null,
  isBase64Encoded: false,
});

/** Runs a handler once in a new process that has this environment and nothing else. */
async function run(module: string, env: Variables, event: object) {
  const script = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(module).href)});
    const context = { awsRequestId: "1", functionName: "f", getRemainingTimeInMillis: () => 25_000 };
    const result = await handler(${JSON.stringify(event)}, context);
    process.stdout.write("\\n" + JSON.stringify(result));
    process.exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    env,
  });
  const { statusCode, body } = JSON.parse(stdout.slice(stdout.lastIndexOf("\n")));
  return { status: statusCode, body: JSON.parse(body) };
}

async function runAsSam(event: { readonly routeKey: string }) {
  const fn = functionOf(event.routeKey);
  const [file, handler] = fn[1].Handler.split(".");
  expect(handler).toBe("handler");
  return run(join(folder, fn[1].Code, `${file}.mjs`), environmentOf(fn), event);
}

describe("a function under sam local", () => {
  it("asks the station that is connected here, and reads what it said", async () => {
    const asked = await runAsSam(
      eventOf(ASK_CONFIGURATION, "DEMO-16", { body: '{"keys":["HeartbeatInterval"]}' }),
    );
    expect(asked).toMatchObject({
      status: 200,
      body: { configurationKeys: [{ key: "HeartbeatInterval", value: expect.any(String) }] },
    });

    const stored = await runAsSam(eventOf(GET_CONFIGURATION, "DEMO-16"));
    expect(stored).toMatchObject({
      status: 200,
      body: { configurationKeys: [{ key: "HeartbeatInterval" }] },
    });
    const { body } = await relay.get("/stations/DEMO-16/configuration");
    expect(stored.body).toEqual(body);
  });

  it("takes the event file of docs/ for sam local invoke", async () => {
    const event = JSON.parse(readFileSync("docs/sam-event.json", "utf8"));
    expect((await runAsSam(event)).status).toBe(200);
  });

  it("asks for a token and its scope as the HTTP API does", async () => {
    const read = (token: string) => runAsSam(eventOf(GET_CONFIGURATION, "DEMO-16", { token }));
    expect(await read("")).toEqual({ status: 401, body: { message: "Unauthorized" } });
    expect(await read("a.token.somehow")).toEqual({ status: 401, body: { message: "Unauthorized" } });
    expect(await read(await relay.narrowToken("write:asset"))).toEqual({
      status: 403,
      body: { message: "Forbidden" },
    });
    expect((await read(await relay.otherToken())).status).toBe(200);
  });
});

describe("the files for sam local", () => {
  it("have the whole HTTP API, and nothing that start-api stumbles over", () => {
    const assembled = JSON.parse(
      readFileSync(globSync(join(inject("assembly"), "*.template.json"))[0] ?? "", "utf8"),
    );
    const routeKeysOf = ({ Resources }: SamTemplate) =>
      Object.values(Resources)
        .filter(({ Type }) => Type === "AWS::ApiGatewayV2::Route")
        .map(({ Properties }) => String(Properties.RouteKey));
    // the WebSocket API has routes of these names too
    const ofHttp = routeKeysOf(assembled).filter((key) => !key.startsWith("$"));
    expect(routeKeysOf(template).sort()).toEqual(["$default", ...ofHttp].sort());
    expect(ofHttp).toContain(GET_CONFIGURATION);
  });

  it("name every variable that is set, which sam would leave out otherwise", () => {
    const functions = ofType("AWS::Lambda::Function");
    // each function has the rights of its own role, and so a key of its own
    const keys = functions.map(([logicalId]) => overrides[logicalId]?.AWS_ACCESS_KEY_ID);
    expect(new Set(keys).size).toBe(functions.length);
    for (const [logicalId, { Properties }] of functions) {
      expect(Properties.Environment.Variables).toEqual(overrides[logicalId]);
      expect(overrides[logicalId]).toMatchObject({
        AWS_ENDPOINT_URL_DYNAMODB: expect.stringMatching(/^http:\/\/host\.docker\.internal:\d+$/),
        AWS_ACCESS_KEY_ID: expect.any(String),
      });
      expect(existsSync(join(folder, Properties.Code, "index.mjs"))).toBe(true);
    }
  });
});

describe("what is deployed", () => {
  it("says where each function's code is, which sam reads", () => {
    const [file = ""] = globSync(join(inject("assembly"), "*.template.json"));
    const { Resources } = JSON.parse(readFileSync(file, "utf8"));
    const deployment = deploymentFunctions({ Resources });
    const functions = Object.entries<{ Type: string; Metadata?: Record<string, string> }>(Resources).filter(
      ([id, { Type }]) => Type === "AWS::Lambda::Function" && !deployment.has(id),
    );
    expect(functions.length).toBeGreaterThan(0);
    for (const [, { Metadata }] of functions)
      expect(existsSync(join(inject("assembly"), Metadata?.["aws:asset:path"] ?? "none", "index.mjs"))).toBe(
        true,
      );
  });

  it("knows nothing of sam local", () => {
    const files = globSync(join(inject("assembly"), "{asset.*/*.mjs,*.template.json}"));
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => readFileSync(file, "utf8").includes("SAM_LOCAL"))).toEqual([]);
  });

  it("believes no token that API Gateway has not checked, whatever its environment says", async () => {
    const fn = functionOf(GET_CONFIGURATION);
    const bundle = join(folder, fn[1].Code, "index.mjs");
    const { body: station } = await relay.get("/stations/DEMO-16");
    const event = eventOf(GET_CONFIGURATION, station.cpId);
    const withLowerCase = { ...event, headers: { authorization: event.headers.Authorization } };
    expect((await run(bundle, environmentOf(fn), withLowerCase)).status).toBe(403);
  });

  it("could not run the handler of sam local", async () => {
    const fn = functionOf(GET_CONFIGURATION);
    const { AWS_SAM_LOCAL, ...onLambda } = environmentOf(fn);
    const started = run(join(folder, fn[1].Code, "sam.mjs"), onLambda, eventOf(GET_CONFIGURATION, "DEMO-16"));
    await expect(started).rejects.toThrow("this handler is for sam local");
  });
});
