/** AWS on one machine: serves the stack of a synthesized Cloud Assembly, everything on loopback. */
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { createClock } from "./clock.ts";
import { type DynamoDbMetrics, startDynamoDb, type TableProperties } from "./dynamodb.ts";
import type { JwtConfiguration } from "./http/jwt-authorizer.ts";
import { createHttpApi } from "./http-api.ts";
import { createIdentity, type IdentityOptions } from "./identity.ts";
import { apiOf, partsOf } from "./integrations.ts";
import { createLambdaEndpoint } from "./lambda/endpoint.ts";
import type { FunctionMetrics } from "./lambda/function.ts";
import { createLambda, type LogEntry } from "./lambda/service.ts";
import { listen, stop } from "./listen.ts";
import { withOwnRoutes } from "./own-routes.ts";
import { loadAssembly, type Resource, type Template, UnservableTemplate } from "./template.ts";
import { createWebSocketApi, type WebSocketLimits } from "./websocket-api.ts";

export interface LocalOptions {
  /** The folder of the Cloud Assembly, `cdk.out`. */
  readonly assembly: string;
  /** @default 0, any free port */
  readonly apiPort?: number;
  /** @default 0, any free port */
  readonly stationPort?: number;
  /** Keeps data and schedules between runs. In memory where it is absent. */
  readonly dataDir?: string;
  /** API clients with their secrets. @default demo/demo-secret and other/other-secret */
  readonly clients?: Readonly<Record<string, string>>;
  /** Functions' output, and the platform's words about failures. @default failures go to stderr */
  readonly onLog?: (entry: LogEntry) => void;
  /** Told what of the template is not served here. */
  readonly progress?: (line: string) => void;
  /** For tests: shorter or smaller ones. @default API Gateway's */
  readonly limits?: Partial<WebSocketLimits>;
}

export interface LocalMetrics {
  /** When the counting began. */
  readonly since: string;
  readonly dynamodb: DynamoDbMetrics;
  readonly postToConnection: number;
  readonly functions: Readonly<Record<string, FunctionMetrics>>;
}

export interface LocalRelay {
  readonly apiUrl: string;
  readonly stationUrl: string;
  readonly endpoints: { readonly dynamodb: string; readonly connections: string; readonly lambda: string };
  metrics(): LocalMetrics;
  resetMetrics(): void;
  /** Ends execution environments as a crash would: all, or those of the function with this construct id. */
  killEnvironments(functionId?: string): Promise<void>;
  /** Moves the clock of all services and environments; tokens and connections keep the real time. */
  advanceClock(ms: number): void;
  close(): Promise<void>;
}

const defaultClients = { demo: "demo-secret", other: "other-secret" };
const failuresToStderr = ({ functionId, source, text }: LogEntry) => {
  if (source === "platform") process.stderr.write(`${functionId}: ${text}`);
};

/**
 * Throws `UnservableTemplate` where the assembly holds what cannot be served and `PortInUse` where another
 * program has the port; nothing is left running then.
 */
export async function startLocal(options: LocalOptions): Promise<LocalRelay> {
  const { assembly, apiPort = 0, stationPort = 0, dataDir, progress } = options;
  const { clients = defaultClients, onLog = failuresToStderr } = options;
  const cleanups: (() => Promise<void> | void)[] = [];
  const close = async () => {
    await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
  };
  try {
    return await start();
  } catch (error) {
    await close();
    throw error;
  }

  async function start(): Promise<LocalRelay> {
    const template = loadAssembly(assembly);
    for (const line of template.notServed) progress?.(line);
    const [httpApi, webSocketApi] = [apiOf(template, "HTTP"), apiOf(template, "WEBSOCKET")];
    if (httpApi === undefined || webSocketApi === undefined) {
      throw new UnservableTemplate("The template needs an HTTP API and a WebSocket API");
    }
    const clock = createClock();
    const { now } = clock;
    const kept = dataDir === undefined ? {} : { dataDir };
    const dynamodb = await startDynamoDb({ ...kept, tables: tablesOf(template), now });
    cleanups.push(() => dynamodb.close());

    const urls = { api: "", station: "", connections: "", lambda: "" };
    const lambda = createLambda({
      template,
      clock,
      compileCache: join(assembly, ".compile-cache"),
      variables: () => ({
        AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
        AWS_ENDPOINT_URL_LAMBDA: urls.lambda,
      }),
      localUrl: (text) =>
        text
          .replace(`https://${executeApi(template, webSocketApi)}`, urls.connections)
          .replace(`wss://${executeApi(template, webSocketApi)}`, urls.station)
          .replace(`https://${executeApi(template, httpApi)}`, urls.api),
      onLog,
    });
    cleanups.push(() => lambda.close());
    const { limits = {} } = options;
    const sockets = createWebSocketApi({ template, api: webSocketApi, lambda, clock, limits });
    cleanups.push(() => sockets.close());
    const identity = await createIdentity(identityOf(template, httpApi, clients));
    const api = createHttpApi({
      template,
      api: httpApi,
      lambda,
      clock,
      verify: identity.verify,
      clients: Object.keys(clients),
    });

    let since = now();
    const metrics = (): LocalMetrics => ({
      since: new Date(since).toISOString(),
      dynamodb: dynamodb.metrics(),
      postToConnection: sockets.posts(),
      functions: lambda.metrics(),
    });
    const resetMetrics = () => {
      since = now();
      for (const service of [dynamodb, sockets, lambda]) service.resetMetrics();
    };
    const endpoints = () => ({ dynamodb: dynamodb.endpoint, connections: urls.connections });
    const status = () => ({
      ready: true,
      apiUrl: urls.api,
      stationUrl: urls.station,
      endpoints: endpoints(),
    });
    const door = withOwnRoutes({ identity, status, metrics, resetMetrics }, api);

    const serve = async (server: Server, port: number) => {
      cleanups.push(() => stop(server));
      return await listen(server, port);
    };
    urls.api = await serve(createServer(door), apiPort);
    urls.station = (await serve(sockets.door, stationPort)).replace("http:", "ws:");
    urls.connections = await serve(sockets.management, 0);
    urls.lambda = await serve(createLambdaEndpoint(lambda), 0);

    return {
      apiUrl: urls.api,
      stationUrl: urls.station,
      endpoints: { ...endpoints(), lambda: urls.lambda },
      metrics,
      resetMetrics,
      killEnvironments: (functionId) => lambda.kill(functionId),
      advanceClock: (ms) => clock.advance(ms),
      close,
    };
  }
}

function executeApi(template: Template, api: Resource): string {
  return `${template.ref(api)}.execute-api.${template.region}.amazonaws.com`;
}

function tablesOf(template: Template): Record<string, TableProperties> {
  return Object.fromEntries(
    template.ofType("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable").map((table) => [
      template.name(table),
      {
        KeySchema: template.property<TableProperties["KeySchema"]>(table, "KeySchema") ?? [],
        AttributeDefinitions: template.property(table, "AttributeDefinitions"),
        GlobalSecondaryIndexes: template.property(table, "GlobalSecondaryIndexes") ?? [],
        TimeToLiveSpecification: template.property(table, "TimeToLiveSpecification") ?? {},
      },
    ]),
  );
}

/** The token endpoint stands in for the issuer that the API's authorizer trusts, with clients of its own. */
function identityOf(
  template: Template,
  api: Resource,
  clients: Readonly<Record<string, string>>,
): IdentityOptions {
  const [authorizer] = partsOf(template, api, "AWS::ApiGatewayV2::Authorizer");
  const [resourceServer] = template.ofType("AWS::Cognito::UserPoolResourceServer");
  const jwt = authorizer && template.property<JwtConfiguration>(authorizer, "JwtConfiguration");
  const scopePrefix = resourceServer === undefined ? "" : `${template.name(resourceServer)}/`;
  const scopes = partsOf(template, api, "AWS::ApiGatewayV2::Route").flatMap(
    (route) => template.property<string[]>(route, "AuthorizationScopes") ?? [],
  );
  return {
    issuer: jwt?.Issuer ?? "",
    audiences: Object.keys(clients),
    scopePrefix,
    scopes: [...new Set(scopes)].map((scope) => scope.replace(scopePrefix, "")),
    clients: Object.fromEntries(Object.entries(clients).map(([id, secret]) => [id, { secret }])),
  };
}
