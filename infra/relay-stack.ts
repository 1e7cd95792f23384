import { join } from "node:path";
import {
  Aws,
  CfnCondition,
  CfnOutput,
  Duration,
  Fn,
  RemovalPolicy,
  Stack,
  type StackProps,
  Tags,
  Token,
} from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { Family } from "../shared/http/route.ts";
import { routes } from "../shared/http/routes.ts";
import { scopes } from "../shared/http/scopes.ts";
import { reservedConcurrency, unreservedConcurrency } from "./concurrency.ts";
import { ApiGatewayLogRole } from "./constructs/access-log.ts";
import { AttemptTimers } from "./constructs/attempt-timers.ts";
import { BackgroundFailures } from "./constructs/background-failures.ts";
import { CertificateEndpoint } from "./constructs/certificate-endpoint.ts";
import { Console, type ConsoleConfig } from "./constructs/console.ts";
import { Identity, type PageClient, type TokenIssuer } from "./constructs/identity.ts";
import { Observability, type ObservabilityProps } from "./constructs/observability.ts";
import { OutgoingEvents } from "./constructs/outgoing-events.ts";
import { RelayFunction } from "./constructs/relay-function.ts";
import { RemoteApi } from "./constructs/remote-api.ts";
import { SecretTable } from "./constructs/secret-table.ts";
import { StateTable } from "./constructs/state-table.ts";
import { StationEndpoint } from "./constructs/station-endpoint.ts";
import { StationGateway } from "./constructs/station-gateway.ts";
import { defaultStationThrottle } from "./constructs/station-throttle.ts";
import { StationWebAcl, TokenWebAcl } from "./constructs/web-acl.ts";
import { WorkQueue } from "./constructs/work-queue.ts";
import { type FunctionId, type FunctionSpec, functionIds, functionSpecs, isTraced } from "./functions.ts";
import type { Settings } from "./settings.ts";

export interface RelayStackProps extends StackProps {
  readonly settings: Settings;
  /** The folder that holds a folder with `index.mjs` for each function. */
  readonly bundles: string;
  /** The folder of the console's build. */
  readonly consoleFiles: string;
}

type Functions = Readonly<Record<FunctionId, RelayFunction>>;
type Endpoints = readonly [StationEndpoint, ...CertificateEndpoint[]];

/** The console, and where its users sign in. */
interface ConsoleSignIn {
  readonly console: Console;
  readonly client: Omit<PageClient, "logoutUrl"> & Partial<PageClient>;
}

/** What stands before the station endpoints. */
interface EndpointWebAcl {
  /** Its ARN, or no value where the stack has none of its own, outside of us-east-1. */
  readonly id: string;
  /** What its metrics have as `WebACL`: of one that is not the stack's, its name, which is what the console gives. */
  readonly metricName: string;
}

/** All of ocpp-relay in one region of one account. */
export class RelayStack extends Stack {
  readonly #settings: Settings;
  readonly #removalPolicy: RemovalPolicy;
  /** Of what is protected from deletion as well. */
  readonly #guardedRemovalPolicy: RemovalPolicy;

  constructor(scope: Construct, id: string, props: RelayStackProps) {
    const { settings, bundles, consoleFiles, ...stackProps } = props;
    const isDisposable = settings.stage === "dev";
    const tags = { project: "ocpp-relay", stage: settings.stage, ...settings.tags };
    super(scope, id, { terminationProtection: !isDisposable, tags, ...stackProps });
    // A dashboard costs the same for every owner, and the linters' schemas do not know yet that it takes tags.
    const options = { excludeResourceTypes: ["AWS::CloudWatch::Dashboard"] };
    for (const [key, value] of Object.entries(tags)) Tags.of(this).add(key, value, options);
    // What is kept goes all the same when the deployment that made it is rolled back: the next one would find the
    // names taken. Not so what is protected from deletion, which a rollback could not delete; it has no such names.
    const removalPolicy = isDisposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const guardedRemovalPolicy = isDisposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
    this.#settings = settings;
    this.#removalPolicy = removalPolicy;
    this.#guardedRemovalPolicy = guardedRemovalPolicy;

    const state = new StateTable(this, "state-table", {
      removalPolicy: guardedRemovalPolicy,
      ...(settings.restoredTable && { restored: settings.restoredTable }),
    });
    const passwords = new SecretTable(this, "password-table", {
      removalPolicy: guardedRemovalPolicy,
      ...(settings.restoredPasswordTable && { restored: settings.restoredPasswordTable }),
    });
    const webhookSecrets = new SecretTable(this, "webhook-secret-table", {
      removalPolicy: guardedRemovalPolicy,
      ...(settings.restoredWebhookSecretTable && { restored: settings.restoredWebhookSecretTable }),
    });
    const throttle = settings.stationThrottle ?? defaultStationThrottle(this);
    const gateway = new StationGateway(this, "station-gateway", { throttle, removalPolicy });
    if (settings.apiGatewayLogRole) {
      gateway.deployWith(new ApiGatewayLogRole(this, "api-gateway-log-role"));
    }
    const failures = new BackgroundFailures(this, "background-failures", { removalPolicy });
    const timers = new AttemptTimers(this, "attempt-timers", { removalPolicy });
    const events = new OutgoingEvents(this, "outgoing-events", { removalPolicy });

    const bulk = new WorkQueue(this, "bulk-queue", { urlVariable: "BULK_QUEUE_URL", removalPolicy });
    const webhooks = new WorkQueue(this, "webhook-queue", {
      urlVariable: "WEBHOOK_QUEUE_URL",
      removalPolicy,
    });

    const functions = this.#functions(bundles, { state, passwords, webhookSecrets }, gateway, failures);
    connect(functions, { state, timers, events, bulk, webhooks });
    const message = functions["station-message"].function;
    message.addEnvironment("STATION_ANSWERS", settings.stationAnswers);
    message.addEnvironment("LOG_HEARTBEATS", String(settings.logHeartbeats));
    message.addEnvironment("HEARTBEAT_INTERVAL", String(settings.heartbeatInterval));
    gateway.serve(
      {
        authorize: functions["station-authorize"].entry,
        connect: functions["station-connect"].entry,
        disconnect: functions["station-disconnect"].entry,
        message: functions["station-message"].entry,
      },
      settings.stationAnswers,
    );
    // Where CloudFront's web ACLs and metrics are.
    const inUsEast1 = new CfnCondition(this, "InUsEast1", {
      expression: Fn.conditionEquals(this.region, "us-east-1"),
    });
    const stationAcl = this.#endpointWebAcl(inUsEast1);
    const endpoints = this.#stationEndpoints(gateway, functions["station-authorize"].function, stationAcl);
    const tokens = this.#tokens();
    const tokenAcl = this.#tokenWebAcl(tokens);
    const page = this.#console(consoleFiles, tokens);
    const api = this.#remoteApi(functions, tokens, page ? [page.console.origin] : []);
    if (page) this.#deployConsole(page, { tokens, apiUrl: api.url, stationUrl: endpoints[0].url });
    this.#observe(
      {
        functions: mapped(functions, (each) => each.function),
        table: state.table,
        passwordTable: passwords.table,
        deadLetters: {
          background: failures.queue,
          timers: timers.failures,
          events: events.failures,
          bulk: bulk.failures,
          webhooks: webhooks.failures,
        },
        scheduleGroup: timers.group,
        remoteApi: { apiId: api.apiId, stageName: "$default" },
        stationApi: { apiId: gateway.apiId, stageName: gateway.stage.stageName },
        endpoints: endpoints.map(({ distribution }) => distribution),
        webAcls: { station: stationAcl?.metricName, token: tokenAcl?.metricName },
      },
      [api.accessLog, gateway.accessLog],
      inUsEast1,
    );

    this.#output("TableName", "The table", state.table.tableName);
    this.#output("PasswordTableName", "The table of password hashes", passwords.table.tableName);
    this.#output("WebhookSecretTableName", "The table of webhook secrets", webhookSecrets.table.tableName);
    this.#output("EventBusName", "Where events are published", events.bus.eventBusName);
    this.#output("DeadLettersBackground", "Invocations that were given up", failures.queue.queueUrl);
    this.#output("DeadLettersTimers", "Timers that could not be started", timers.failures.queueUrl);
    this.#output(
      "DeadLettersBulk",
      "Turns of bulk commands that failed again and again",
      bulk.failures.queueUrl,
    );
    this.#output(
      "DeadLettersWebhooks",
      "Lanes of webhooks that failed again and again",
      webhooks.failures.queueUrl,
    );
    this.#output("DeadLettersEvents", "Changes that were not published", events.failures.queueUrl);
  }

  /** Every function of the table in functions.ts, with its rights to the tables and to connections. */
  #functions(
    bundles: string,
    {
      state,
      passwords,
      webhookSecrets,
    }: {
      readonly state: StateTable;
      readonly passwords: SecretTable;
      readonly webhookSecrets: SecretTable;
    },
    gateway: StationGateway,
    failures: BackgroundFailures,
  ): Functions {
    const { lambdaConcurrency, logLevel, logDays, tracing, platformLogs, keepWarm } = this.#settings;
    const reserved = reservedConcurrency(lambdaConcurrency);
    return mapped(functionSpecs, (spec: FunctionSpec, functionId) => {
      const added = new RelayFunction(this, functionId, {
        bundle: join(bundles, functionId),
        environment: {
          // Distinguishes logs and metrics of several stacks in one account.
          POWERTOOLS_SERVICE_NAME: this.stackName,
          LOG_LEVEL: logLevel,
          ...(spec.table && { TABLE_NAME: state.table.tableName, LOG_DAYS: String(logDays) }),
          ...(spec.passwords && { PASSWORD_TABLE_NAME: passwords.table.tableName }),
          ...(spec.webhookSecrets && { WEBHOOK_SECRET_TABLE_NAME: webhookSecrets.table.tableName }),
          ...(spec.connections && { CONNECTIONS_ENDPOINT: gateway.stage.callbackUrl }),
        },
        ...(spec.timeoutSeconds && { timeout: Duration.seconds(spec.timeoutSeconds) }),
        ...(spec.isAsynchronous && { asynchronous: failures.invokeConfig }),
        tracing: isTraced(functionId, tracing),
        logLevel,
        platformLogs,
        ...(spec.memoryMb && { memorySize: spec.memoryMb }),
        ...(reserved[functionId] && { reservedConcurrency: reserved[functionId] }),
        ...(spec.isKeptWarm && { provisionedConcurrency: keepWarm }),
        removalPolicy: this.#removalPolicy,
      });
      if (spec.table) state.grant(added.role, spec.table);
      if (spec.passwords) passwords.grant(added.role, spec.passwords);
      if (spec.webhookSecrets) webhookSecrets.grant(added.role, spec.webhookSecrets);
      if (spec.connections) gateway.grantConnections(added.role, spec.connections);
      return added;
    });
  }

  /** What stations connect to, and the authorizer's word for who came through it. */
  #stationEndpoints(
    gateway: StationGateway,
    authorizer: LambdaFunction,
    webAcl: EndpointWebAcl | undefined,
  ): Endpoints {
    const { stationDomain, certificateEndpoint, plainWs, originSecrets } = this.#settings.endpoints;
    const common = {
      origin: gateway.domainName,
      stageName: gateway.stage.stageName,
      originSecrets,
      ...(webAcl && { webAclId: webAcl.id }),
    };
    const basic = new StationEndpoint(this, "station-door", {
      ...common,
      plainWs,
      ...(stationDomain && { domain: stationDomain }),
    });
    authorizer.addEnvironment("BASIC_ORIGIN_SECRETS", basic.acceptedSecrets);
    this.#output("StationUrl", "What stations connect to, with their identity behind it", basic.url);
    this.#output(
      "StationDistribution",
      "What the DNS record of stationDomain points to",
      basic.distribution.distributionDomainName,
    );
    if (!certificateEndpoint) return [basic];

    const certificate = new CertificateEndpoint(this, "certificate-door", {
      ...common,
      ...certificateEndpoint,
    });
    authorizer.addEnvironment("CERTIFICATE_ORIGIN_SECRETS", certificate.acceptedSecrets);
    this.#output(
      "CertificateStationUrl",
      "What stations with a client certificate connect to",
      certificate.url,
    );
    this.#output(
      "CertificateStationDistribution",
      "What the DNS record of certificateDomain points to",
      certificate.distribution.distributionDomainName,
    );
    return [basic, certificate];
  }

  /** Whose tokens the API takes: those of the issuer that is named, or of a user pool of the stack's own. */
  #tokens(): TokenIssuer {
    const { issuer, audience, scopePrefix, tokenUrl } = this.#settings;
    const tokens = issuer
      ? { issuer, audience, scopePrefix, ...(tokenUrl && { tokenUrl }) }
      : this.#identity();
    this.#output("TokenIssuer", "Whose tokens the remote API takes", tokens.issuer);
    this.#output("ScopePrefix", "What stands before a scope in a token", tokens.scopePrefix || "(none)");
    if (tokens.tokenUrl) this.#output("TokenUrl", "Where API clients get tokens", tokens.tokenUrl);
    return tokens;
  }

  #identity(): Identity {
    const { clients, cognitoDomain } = this.#settings;
    const identity = new Identity(this, "identity", {
      clients,
      ...(cognitoDomain && { domainPrefix: cognitoDomain }),
      removalPolicy: this.#guardedRemovalPolicy,
    });
    this.#output("UserPoolId", "The pool with the API clients", identity.userPool.userPoolId);
    for (const [name, clientId] of Object.entries(identity.clientIds)) {
      this.#output(`ClientId-${name}`, `The client id of ${name}`, clientId);
    }
    return identity;
  }

  /** Only a user pool of the stack's own has one. */
  #tokenWebAcl(tokens: TokenIssuer): TokenWebAcl | undefined {
    if (!(tokens instanceof Identity) || this.#settings.webAcl === "none") return undefined;
    const acl = new TokenWebAcl(this, "token-acl", { removalPolicy: this.#removalPolicy });
    acl.guard(tokens.userPool.userPoolArn);
    return acl;
  }

  /** Before the API, which names its origin and the client of its users. */
  #console(files: string, tokens: TokenIssuer): ConsoleSignIn | undefined {
    const { console: settings, apiDomain } = this.#settings;
    if (settings === undefined) return undefined;
    const { domain, issuer } = settings;
    // An API with a host name of API Gateway's cannot be named exactly: it names the console's origin itself.
    const api = apiDomain ?? `*.execute-api.${this.region}.${this.urlSuffix}`;
    const tokenOrigin =
      tokens instanceof Identity ? tokens.origin : issuer && new URL(issuer.tokenUrl).origin;
    const console = new Console(this, "console", {
      files,
      connect: [`https://${api}`, ...(tokenOrigin ? [tokenOrigin] : [])],
      ...(domain && { domain }),
      removalPolicy: this.#removalPolicy,
    });
    this.#output("ConsoleUrl", "The console", console.url);
    this.#output(
      "ConsoleDistribution",
      "What the DNS record of consoleDomain points to",
      console.distribution.distributionDomainName,
    );
    const client = tokens instanceof Identity ? tokens.addPage("console", console.url) : issuer;
    return client && { console, client };
  }

  #deployConsole(
    { console, client }: ConsoleSignIn,
    { tokens, ...urls }: { readonly tokens: TokenIssuer } & Pick<ConsoleConfig, "apiUrl" | "stationUrl">,
  ): void {
    const { clientId, authorizeUrl, tokenUrl, logoutUrl } = client;
    console.deploy({
      ...urls,
      authority: tokens.issuer,
      clientId,
      authorizeUrl,
      tokenUrl,
      ...(logoutUrl && { logoutUrl }),
      scopePrefix: tokens.scopePrefix,
      scopes: ["openid", ...Object.keys(scopes)],
    });
  }

  #remoteApi(functions: Functions, tokens: TokenIssuer, consoleOrigins: readonly string[]): RemoteApi {
    const { apiThrottle, apiDomain, apiCertificate, corsOrigins } = this.#settings;
    const openapi = functions["api-openapi"].function;
    // For the document, and for the roles of users, which each function checks itself.
    for (const id of functionIds)
      if (id.startsWith("api-")) functions[id].function.addEnvironment("SCOPE_PREFIX", tokens.scopePrefix);
    if (tokens.tokenUrl) openapi.addEnvironment("TOKEN_URL", tokens.tokenUrl);
    const api = new RemoteApi(this, "remote-api", {
      routes,
      handlers: {
        synchronous: functions["api-synchronous"].entry,
        asynchronous: functions["api-asynchronous"].entry,
        raw: functions["api-raw"].entry,
        rates: functions["api-rates"].entry,
        commands: functions["api-commands"].entry,
        bulk: functions["api-bulk"].entry,
        stations: functions["api-stations"].entry,
        tokens: functions["api-stations"].entry,
        webhooks: functions["api-webhooks"].entry,
        networks: functions["api-networks"].entry,
        openapi: functions["api-openapi"].entry,
      } satisfies Record<Family, unknown>,
      tokens,
      throttle: apiThrottle,
      corsOrigins: [...corsOrigins, ...consoleOrigins],
      ...(apiDomain && apiCertificate && { domain: { name: apiDomain, certificate: apiCertificate } }),
      removalPolicy: this.#removalPolicy,
    });
    this.#output("RemoteApiUrl", "The remote API", api.url);
    if (api.aliasTarget) {
      this.#output("RemoteApiAliasTarget", `What the DNS record of ${apiDomain} points to`, api.aliasTarget);
    }
    return api;
  }

  #observe(
    watched: ObservabilityProps["watched"],
    accessLogs: ObservabilityProps["logGroups"],
    inUsEast1: CfnCondition,
  ): void {
    const { lambdaConcurrency, alarmEmail } = this.#settings;
    const { alarmTopicArn } = new Observability(this, "observability", {
      watched: {
        ...watched,
        ...(lambdaConcurrency && { unreservedConcurrency: unreservedConcurrency(lambdaConcurrency) }),
      },
      logGroups: [...Object.values(watched.functions).map(({ logGroup }) => logGroup), ...accessLogs],
      inUsEast1,
      ...(alarmEmail && { alarmEmail }),
      removalPolicy: this.#removalPolicy,
    });
    this.#output("AlarmTopicArn", "The SNS topic that receives alarms", alarmTopicArn);
  }

  /**
   * The web ACL before whatever stations connect to: the one that is named, or one of this stack's own, which is
   * there only where the stack is in us-east-1. That is decided when it is deployed, so that the template is the
   * same everywhere.
   *
   * @returns undefined where there is to be none
   */
  #endpointWebAcl(condition: CfnCondition): EndpointWebAcl | undefined {
    const { webAcl, webAclRate } = this.#settings;
    if (webAcl === "none") return undefined;
    // …:global/webacl/<name>/<id>
    if (webAcl !== undefined) return { id: webAcl, metricName: String(webAcl.split("/")[2]) };
    const { arn, metricName } = new StationWebAcl(this, "station-acl", {
      requestsPerAddress: webAclRate,
      removalPolicy: this.#removalPolicy,
      condition,
    });
    this.#output("StationWebAclArn", "The web ACL of the station endpoints", arn, condition);
    return { id: Token.asString(Fn.conditionIf(condition.logicalId, arn, Aws.NO_VALUE)), metricName };
  }

  #output(id: string, description: string, value: string, condition?: CfnCondition): void {
    new CfnOutput(this, id, { description, value, ...(condition && { condition }) });
  }
}

interface Connected {
  readonly state: StateTable;
  readonly timers: AttemptTimers;
  readonly events: OutgoingEvents;
  readonly bulk: WorkQueue;
  readonly webhooks: WorkQueue;
}

/** Lets functions reach each other, the timers and the bus, as functions.ts declares. */
function connect(functions: Functions, { state, timers, events, bulk, webhooks }: Connected): void {
  const expiry = functions["attempt-expiry"].function;
  const stop = functions["attempt-stop"].function;
  timers.fire(expiry, stop);
  for (const id of functionIds) {
    const spec: FunctionSpec = functionSpecs[id];
    if (spec.goesOnInBackground)
      functions[id].mayInvoke(functions["background-command"], "BACKGROUND_FUNCTION");
    if (spec.timers) timers.mayClear(functions[id]);
    if (spec.timers?.includes("set")) timers.maySet(functions[id], expiry, stop);
    if (spec.publishesChanges) events.feed(functions[id], state.table);
    if (spec.sendsToBulkQueue) bulk.maySend(functions[id]);
    if (spec.runsBulkCommands) bulk.feed(functions[id]);
    if (spec.sendsToWebhookQueue) webhooks.maySend(functions[id]);
    if (spec.deliversWebhooks) webhooks.feed(functions[id]);
  }
}

/** The same keys with other values. */
const mapped = <Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  map: (value: From, key: Key) => To,
): Record<Key, To> =>
  Object.fromEntries(
    Object.entries<From>(record).map(([key, value]) => [key, map(value, key as Key)]),
  ) as Record<Key, To>;
