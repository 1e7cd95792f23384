/** AWS on one machine: serves the stack of a synthesized Cloud Assembly, everything on loopback. */
import type { IncomingMessage, Server } from "node:http";
import { join } from "node:path";
import { createClock } from "./clock.ts";
import { CONSOLE_PATH, createConsole } from "./console.ts";
import { consoleHeadersOf } from "./console-inputs.ts";
import { type DynamoDbCapacity, type DynamoDbMetrics, startDynamoDb } from "./dynamodb.ts";
import { type BusEvent, startEventBus } from "./event-bus.ts";
import { createEventSources } from "./event-source.ts";
import { createHttpApi } from "./http-api.ts";
import { createIdentity } from "./identity.ts";
import { IDLE_SOCKET_MS, resetIdleSockets } from "./idle-sockets.ts";
import { apiOf } from "./integrations.ts";
import { createLambdaEndpoint } from "./lambda/endpoint.ts";
import type { FunctionMetrics } from "./lambda/function.ts";
import { createLambda, type LogEntry } from "./lambda/service.ts";
import { listen, serverOf, stop } from "./listen.ts";
import { ownOriginOf } from "./own-origin.ts";
import { withOwnRoutes } from "./own-routes.ts";
import { startQueues } from "./queues.ts";
import { createRights, type RightsReport } from "./rights.ts";
import { writeSamFolder } from "./sam.ts";
import { startScheduler } from "./scheduler.ts";
import { consoleConfig, executeApi, identityOf, tablesOf } from "./service-inputs.ts";
import { loadAssembly, UnservableTemplate } from "./template.ts";
import type { CertificateEndpoint } from "./websocket/certificate-endpoint.ts";
import { createWebSocketApi, type WebSocketLimits } from "./websocket-api.ts";

export interface LocalOptions {
  /** The folder of the Cloud Assembly, `cdk.out`. */
  readonly assembly: string;
  /** @default 0, any free port */
  readonly apiPort?: number;
  /** @default 0, any free port */
  readonly stationPort?: number;
  /** CA certificates of stations, PEM: serves the certificate endpoint, too. @default it is not served */
  readonly stationCas?: string;
  /** With `stationCas`. @default 0, any free port */
  readonly certificateStationPort?: number;
  /** Keeps data and schedules between runs. In memory where it is absent. */
  readonly dataDir?: string;
  /** A DynamoDB that runs already, for tests on another engine. @default our own */
  readonly dynamodbEndpoint?: string;
  /** Gets what `sam local` needs to run functions against this (docs/sam-local.md). @default nothing is written */
  readonly samFolder?: string;
  /** API clients with their secrets. @default demo/demo-secret and other/other-secret */
  readonly clients?: Readonly<Record<string, string>>;
  /** Functions' output, and the platform's words about failures. @default failures go to stderr */
  readonly onLog?: (entry: LogEntry) => void;
  /** Called with each resource of the template that is not served here. */
  readonly progress?: (line: string) => void;
  /** For tests: shorter or smaller ones. @default API Gateway's */
  readonly limits?: Partial<WebSocketLimits>;
  /**
   * Sockets to `@connections`, DynamoDB, Scheduler and SQS that were idle for so long are reset, as Lambda's frozen
   * environments meet them; 0: none is. @default 5 seconds
   */
  readonly idleSocketMs?: number;
  /** Sends an empty frame where a route response has no body. @default false */
  readonly emptyFrames?: boolean;
  /**
   * For tests: scrypt costs next to nothing in the functions, whatever they ask for. Hashes that another process made
   * do not match then. @default false
   */
  readonly cheapScrypt?: boolean;
  /**
   * Called when a browser asks for the console: builds its files if that is necessary, and returns their folder.
   * @default the console is not served; nor is it where the template has none
   */
  readonly buildConsole?: () => Promise<string>;
}

export interface LocalMetrics {
  /** When the counting began. */
  readonly since: string;
  readonly dynamodb: DynamoDbMetrics;
  readonly capacity: DynamoDbCapacity;
  readonly postToConnection: number;
  readonly scheduler: Readonly<Record<string, number>>;
  readonly sqs: Readonly<Record<string, number>>;
  readonly functions: Readonly<Record<string, FunctionMetrics>>;
}

type Endpoint = "dynamodb" | "scheduler" | "sqs" | "connections" | "lambda";

export interface LocalRelay {
  readonly apiUrl: string;
  readonly stationUrl: string;
  /** Undefined where the console is not served. */
  readonly consoleUrl?: string;
  /** Where stations with a client certificate connect to, and the CA that its own certificate comes from (PEM). */
  readonly certificateEndpoint?: { readonly url: string; readonly serverCa: string };
  readonly endpoints: Readonly<Record<Endpoint, string>>;
  /** The template's tables, for who looks at the data behind the endpoints. */
  readonly tableNames: readonly string[];
  metrics(): LocalMetrics;
  resetMetrics(): void;
  /** The rights of each function's role: which were used since the start, and which not. */
  rights(): RightsReport;
  /** Called with every event that is published. @returns a function that ends it */
  watchEvents(listener: (event: BusEvent) => void): () => void;
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

/** Loaded when asked for: certificates are a large library. */
async function openCertificateEndpoint(stationCas: string): Promise<CertificateEndpoint> {
  const { createCertificateEndpoint } = await import("./websocket/certificate-endpoint.ts");
  return await createCertificateEndpoint(stationCas);
}

/**
 * Throws `UnservableTemplate` where the assembly holds what cannot be served and `PortInUse` where another
 * program has the port; nothing is left running then.
 */
export async function startLocal(options: LocalOptions): Promise<LocalRelay> {
  const { assembly, apiPort = 0, stationPort = 0, dataDir, dynamodbEndpoint, progress } = options;
  const { clients = defaultClients, onLog = failuresToStderr } = options;
  const { idleSocketMs = IDLE_SOCKET_MS, emptyFrames = false, cheapScrypt = false } = options;
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
    const tables = tablesOf(template);
    const rights = createRights(template);
    const arnOf = (service: string, resource: string) =>
      `arn:aws:${service}:${template.region}:${template.accountId}:${resource}`;
    const events = createEventSources({ template, clock, lambda: () => lambda, onLog });
    cleanups.push(() => events.close());
    const { watched, changed: onChange } = events;
    const engine = dynamodbEndpoint === undefined ? {} : { endpoint: dynamodbEndpoint };
    const dynamodb = await startDynamoDb({
      ...kept,
      ...engine,
      tables,
      now,
      watched,
      onChange,
      idleSocketMs,
      access: { principals: rights.principals, tablesArn: arnOf("dynamodb", "table/") },
      onUse: rights.used,
    });
    cleanups.push(() => dynamodb.close());

    const bus = await startEventBus(
      template.ofType("AWS::Events::EventBus").map((resource) => template.name(resource)),
      now,
      { guard: rights, busesArn: arnOf("events", "event-bus/") },
    );
    cleanups.push(() => bus.close());

    const queues = await startQueues({
      ...kept,
      template,
      now,
      idleSocketMs,
      guard: rights,
      lambda: () => lambda,
    });
    cleanups.push(() => queues.close());

    const urls = { api: "", station: "", connections: "", lambda: "", scheduler: "" };
    const lambda = createLambda({
      template,
      clock,
      compileCache: join(assembly, ".compile-cache"),
      variables: () => ({
        AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
        AWS_ENDPOINT_URL_LAMBDA: urls.lambda,
        AWS_ENDPOINT_URL_SCHEDULER: urls.scheduler,
        AWS_ENDPOINT_URL_EVENTBRIDGE: bus.endpoint,
        AWS_ENDPOINT_URL_SQS: queues.endpoint,
        // functions that refuse to send requests to private addresses may send them to this machine
        ALLOW_LOOPBACK_TARGETS: "1",
      }),
      localUrl: (text) =>
        text
          .replace(`https://${executeApi(template, webSocketApi)}`, urls.connections)
          .replace(`wss://${executeApi(template, webSocketApi)}`, urls.station)
          .replace(`https://${executeApi(template, httpApi)}`, urls.api)
          // the SDK sends a request to the host of the queue's URL
          .replace(`https://sqs.${template.region}.amazonaws.com`, queues.endpoint)
          // the token endpoint of a user pool's domain is served beside the API
          .replace(/^https:\/\/[\w-]+\.auth\.[\w-]+\.amazoncognito\.com(?=\/oauth2\/)/, urls.api),
      credentialsOf: rights.credentialsOf,
      onLog,
      cheapScrypt,
    });
    cleanups.push(() => lambda.close());
    const { promise: allListening, resolve: startFiring } = Promise.withResolvers<void>();
    const scheduler = await startScheduler({
      ...kept,
      now,
      idleSocketMs,
      access: {
        guard: rights,
        schedulesArn: arnOf("scheduler", "schedule/"),
        refusalAs({ GroupName, Target: { RoleArn } }, access) {
          const context = {
            "aws:sourceaccount": template.accountId,
            "aws:sourcearn": arnOf("scheduler", `schedule-group/${GroupName}`),
          };
          return rights.refusalAsService(RoleArn, "scheduler.amazonaws.com", context, access ? [access] : []);
        },
      },
      groups: template.ofType("AWS::Scheduler::ScheduleGroup").map((group) => template.name(group)),
      // As Scheduler does: the event is handed over, and its failures are Lambda's to repeat.
      async invoke(targetArn, input) {
        await allListening; // an environment gets the addresses of the services when it starts
        const target = lambda.find(targetArn);
        if (target === undefined) throw new Error(`the template has no function ${targetArn}`);
        lambda.invokeLater(target, input);
      },
    });
    cleanups.push(() => scheduler.close());
    urls.scheduler = scheduler.endpoint;
    const { limits = {}, stationCas, certificateStationPort = 0 } = options;
    const certificateEndpoint =
      stationCas === undefined ? undefined : await openCertificateEndpoint(stationCas);
    const sockets = createWebSocketApi({
      template,
      api: webSocketApi,
      lambda,
      clock,
      limits,
      emptyFrames,
      guard: rights,
      ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
      ...(certificateEndpoint && { certificateEndpoint }),
    });
    resetIdleSockets(sockets.management, idleSocketMs);
    cleanups.push(() => sockets.close());
    const identityOptions = identityOf(template, httpApi, clients);
    const identity = await createIdentity(identityOptions);
    const api = createHttpApi({
      template,
      api: httpApi,
      lambda,
      clock,
      verify: identity.verify,
      clients: identityOptions.audiences,
    });
    const originOf = (request: IncomingMessage) => ownOriginOf(request, urls.api);
    const { buildConsole } = options;
    const headers = consoleHeadersOf(template);
    const consoleFiles =
      buildConsole &&
      headers &&
      createConsole({
        build: buildConsole,
        config: (origin) => consoleConfig(identityOptions, origin, urls.station),
        headers,
        originOf,
      });

    let since = now();
    const metrics = (): LocalMetrics => ({
      since: new Date(since).toISOString(),
      dynamodb: dynamodb.metrics(),
      capacity: dynamodb.capacity(),
      postToConnection: sockets.posts(),
      scheduler: scheduler.metrics(),
      sqs: queues.metrics(),
      functions: lambda.metrics(),
    });
    const resetMetrics = () => {
      since = now();
      for (const service of [dynamodb, sockets, scheduler, queues, lambda]) service.resetMetrics();
    };
    const endpoints = () => ({
      dynamodb: dynamodb.endpoint,
      scheduler: scheduler.endpoint,
      sqs: queues.endpoint,
      connections: urls.connections,
    });
    const status = () => ({
      ready: true,
      apiUrl: urls.api,
      stationUrl: urls.station,
      endpoints: endpoints(),
    });
    const endpoint = withOwnRoutes(
      {
        identity,
        originOf,
        ...(consoleFiles && { console: consoleFiles }),
        status,
        metrics,
        resetMetrics,
        rights: rights.report,
        watchEvents: bus.watch,
      },
      api,
    );

    const serve = async (server: Server, port: number) => {
      cleanups.push(() => stop(server));
      return await listen(server, port);
    };
    urls.connections = await serve(sockets.management, 0);
    urls.lambda = await serve(createLambdaEndpoint(lambda, rights), 0);
    urls.station = (await serve(sockets.endpoint, stationPort)).replace("http:", "ws:");
    const certificateUrl =
      sockets.certificateEndpoint &&
      (await serve(sockets.certificateEndpoint, certificateStationPort)).replace("http:", "wss:");
    urls.api = await serve(serverOf(endpoint), apiPort);
    await sockets.reportLost();
    startFiring();
    queues.startDelivery();
    const { samFolder: folder } = options;
    if (folder !== undefined) writeSamFolder({ folder, template, httpApi, variables: lambda.variables() });

    return {
      apiUrl: urls.api,
      stationUrl: urls.station,
      ...(consoleFiles && { consoleUrl: urls.api + CONSOLE_PATH }),
      ...(certificateUrl &&
        certificateEndpoint && {
          certificateEndpoint: { url: certificateUrl, serverCa: certificateEndpoint.serverCa },
        }),
      endpoints: { ...endpoints(), lambda: urls.lambda },
      tableNames: Object.keys(tables),
      metrics,
      resetMetrics,
      rights: rights.report,
      watchEvents: bus.watch,
      killEnvironments: (functionId) => lambda.kill(functionId),
      advanceClock(ms) {
        clock.advance(ms);
        scheduler.clockMoved();
        queues.clockMoved();
      },
      close,
    };
  }
}
