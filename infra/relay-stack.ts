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
import { reservedConcurrency, unreservedConcurrency } from "./concurrency.ts";
import { ApiGatewayLogRole } from "./constructs/access-log.ts";
import { AttemptTimers } from "./constructs/attempt-timers.ts";
import { BackgroundFailures } from "./constructs/background-failures.ts";
import { CertificateDoor } from "./constructs/certificate-door.ts";
import { Identity, type TokenIssuer } from "./constructs/identity.ts";
import { Observability } from "./constructs/observability.ts";
import { OutgoingEvents } from "./constructs/outgoing-events.ts";
import { RelayFunction } from "./constructs/relay-function.ts";
import { RemoteApi } from "./constructs/remote-api.ts";
import { StateTable } from "./constructs/state-table.ts";
import { StationDoor } from "./constructs/station-door.ts";
import { StationGateway } from "./constructs/station-gateway.ts";
import { StationWebAcl, TokenWebAcl } from "./constructs/web-acl.ts";
import { type FunctionId, type FunctionSpec, functionIds, functionSpecs } from "./functions.ts";
import type { Settings } from "./settings.ts";

export interface RelayStackProps extends StackProps {
  readonly settings: Settings;
  /** The folder that holds a folder with `index.mjs` for each function. */
  readonly bundles: string;
}

/** All of ocpp-relay in one region of one account. */
export class RelayStack extends Stack {
  constructor(scope: Construct, id: string, props: RelayStackProps) {
    const { settings, bundles, ...stackProps } = props;
    const isDisposable = settings.stage === "dev";
    const tags = { project: "ocpp-relay", stage: settings.stage, ...settings.tags };
    super(scope, id, { terminationProtection: !isDisposable, tags, ...stackProps });
    // A dashboard costs the same whoever's it is, and the linters' schemas do not know yet that it takes tags.
    const options = { excludeResourceTypes: ["AWS::CloudWatch::Dashboard"] };
    for (const [key, value] of Object.entries(tags)) Tags.of(this).add(key, value, options);
    const removalPolicy = isDisposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;

    const state = new StateTable(this, "state-table", { removalPolicy });
    const gateway = new StationGateway(this, "station-gateway", {
      throttle: settings.stationThrottle,
      removalPolicy,
    });
    if (settings.apiGatewayLogRole) {
      gateway.deployAfter(new ApiGatewayLogRole(this, "api-gateway-log-role").account);
    }
    const failures = new BackgroundFailures(this, "background-failures", { removalPolicy });
    const timers = new AttemptTimers(this, "attempt-timers", { removalPolicy });

    const events = new OutgoingEvents(this, "outgoing-events", { removalPolicy });

    const reserved = reservedConcurrency(settings.lambdaConcurrency);
    const addFunction = (functionId: FunctionId): RelayFunction => {
      const spec: FunctionSpec = functionSpecs[functionId];
      const added = new RelayFunction(this, functionId, {
        bundle: join(bundles, functionId),
        environment: {
          // What logs and metrics are told apart by, where an account has several stacks.
          POWERTOOLS_SERVICE_NAME: this.stackName,
          LOG_LEVEL: settings.logLevel,
          ...(spec.table && { TABLE_NAME: state.table.tableName, LOG_DAYS: String(settings.logDays) }),
          ...(spec.connections && { CONNECTIONS_ENDPOINT: gateway.stage.callbackUrl }),
        },
        ...(spec.timeoutSeconds && { timeout: Duration.seconds(spec.timeoutSeconds) }),
        ...(spec.isAsynchronous && { asynchronous: failures.invokeConfig }),
        tracing: settings.tracing,
        ...(reserved[functionId] && { reservedConcurrency: reserved[functionId] }),
        removalPolicy,
      });
      if (spec.table) state.grant(added.role, spec.table);
      if (spec.connections) gateway.grantConnections(added.role, spec.connections);
      return added;
    };
    const functions = Object.fromEntries(functionIds.map((name) => [name, addFunction(name)])) as Record<
      FunctionId,
      RelayFunction
    >;
    const handler = (name: FunctionId): LambdaFunction => functions[name].function;
    timers.fire(handler("attempt-expiry"), handler("attempt-stop"));
    for (const name of functionIds) {
      const spec: FunctionSpec = functionSpecs[name];
      if (spec.goesOnInBackground)
        functions[name].mayInvoke(functions["background-command"], "BACKGROUND_FUNCTION");
      if (spec.timers) timers.mayClear(functions[name]);
      if (spec.publishesChanges) events.feed(functions[name], state.table);
      if (spec.timers?.includes("set")) {
        timers.maySet(functions[name], handler("attempt-expiry"), handler("attempt-stop"));
      }
    }

    gateway.serve({
      authorize: handler("station-authorize"),
      connect: handler("station-connect"),
      disconnect: handler("station-disconnect"),
      message: handler("station-message"),
    });
    const { stationDomain, certificateDoor, plainWs, originSecrets } = settings.doors;
    // Where CloudFront's web ACLs and metrics are.
    const inUsEast1 = new CfnCondition(this, "InUsEast1", {
      expression: Fn.conditionEquals(this.region, "us-east-1"),
    });
    const webAclId = this.doorWebAcl(settings, removalPolicy, inUsEast1);
    const doorProps = {
      origin: gateway.domainName,
      stageName: gateway.stage.stageName,
      originSecrets,
      ...(webAclId && { webAclId }),
    };
    const door = new StationDoor(this, "station-door", {
      ...doorProps,
      plainWs,
      ...(stationDomain && { domain: stationDomain }),
    });
    const profile3 =
      certificateDoor && new CertificateDoor(this, "certificate-door", { ...doorProps, ...certificateDoor });
    handler("station-authorize").addEnvironment("BASIC_DOOR_SECRETS", door.acceptedSecrets);
    if (profile3) {
      handler("station-authorize").addEnvironment("CERTIFICATE_DOOR_SECRETS", profile3.acceptedSecrets);
    }
    const { issuer, audience, scopePrefix, tokenUrl, apiDomain, apiCertificate } = settings;
    const identity = issuer
      ? undefined
      : new Identity(this, "identity", {
          clients: settings.clients,
          ...(settings.cognitoDomain && { domainPrefix: settings.cognitoDomain }),
          removalPolicy,
        });
    if (identity && settings.webAcl !== "none") {
      new TokenWebAcl(this, "token-acl", { removalPolicy }).guard(identity.userPool.userPoolArn);
    }
    const tokens: TokenIssuer = identity ?? {
      issuer: issuer ?? "",
      audience,
      scopePrefix,
      ...(tokenUrl && { tokenUrl }),
    };
    handler("api-openapi").addEnvironment("SCOPE_PREFIX", tokens.scopePrefix);
    if (tokens.tokenUrl) handler("api-openapi").addEnvironment("TOKEN_URL", tokens.tokenUrl);
    const api = new RemoteApi(this, "remote-api", {
      routes,
      handlers: {
        synchronous: handler("api-synchronous"),
        asynchronous: handler("api-asynchronous"),
        raw: handler("api-raw"),
        rates: handler("api-rates"),
        commands: handler("api-commands"),
        stations: handler("api-stations"),
        networks: handler("api-networks"),
        openapi: handler("api-openapi"),
      } satisfies Record<Family, unknown>,
      tokens,
      throttle: settings.apiThrottle,
      ...(apiDomain && apiCertificate && { domain: { name: apiDomain, certificate: apiCertificate } }),
      removalPolicy,
    });

    const { lambdaConcurrency, alarmEmail } = settings;
    const observability = new Observability(this, "observability", {
      watched: {
        functions: Object.fromEntries(functionIds.map((name) => [name, handler(name)])) as Record<
          FunctionId,
          LambdaFunction
        >,
        table: state.table,
        deadLetters: { background: failures.queue, timers: timers.failures, events: events.failures },
        scheduleGroup: timers.group,
        remoteApi: { apiId: api.apiId, stageName: "$default" },
        stationApi: { apiId: gateway.apiId, stageName: gateway.stage.stageName },
        doors: [door.distribution, ...(profile3 ? [profile3.distribution] : [])],
        ...(lambdaConcurrency && { unreservedConcurrency: unreservedConcurrency(lambdaConcurrency) }),
      },
      logGroups: [...functionIds.map((name) => handler(name).logGroup), api.accessLog, gateway.accessLog],
      inUsEast1,
      ...(alarmEmail && { alarmEmail }),
      removalPolicy,
    });

    this.output("AlarmTopicArn", "Where alarms are told", observability.alarmTopicArn);
    this.output("RemoteApiUrl", "The remote API", api.url);
    this.output("StationUrl", "What stations connect to, with their identity behind it", door.url);
    if (api.aliasTarget) {
      this.output("RemoteApiAliasTarget", `What the DNS record of ${apiDomain} points to`, api.aliasTarget);
    }
    this.output(
      "StationDistribution",
      "What the DNS record of stationDomain points to",
      door.distribution.distributionDomainName,
    );
    if (profile3) {
      this.output(
        "CertificateStationUrl",
        "What stations with a client certificate connect to",
        profile3.url,
      );
      this.output(
        "CertificateStationDistribution",
        "What the DNS record of certificateDomain points to",
        profile3.distribution.distributionDomainName,
      );
    }
    this.output("TableName", "The table", state.table.tableName);
    this.output("EventBusName", "Where events are published", events.bus.eventBusName);
    this.output("TokenIssuer", "Whose tokens the remote API takes", tokens.issuer);
    this.output("ScopePrefix", "What stands before a scope in a token", tokens.scopePrefix || "(none)");
    if (tokens.tokenUrl) this.output("TokenUrl", "Where API clients get tokens", tokens.tokenUrl);
    if (identity) {
      this.output("UserPoolId", "The pool with the API clients", identity.userPool.userPoolId);
      for (const [name, clientId] of Object.entries(identity.clientIds)) {
        this.output(`ClientId-${name}`, `The client id of ${name}`, clientId);
      }
    }
  }

  /**
   * The web ACL before whatever stations connect to: the one that is named, or one of this stack's own, which is
   * there only where the stack is in us-east-1. That is decided when it is deployed, so that the template is the
   * same everywhere.
   *
   * @returns its ARN, no value outside of us-east-1; undefined where there is to be none
   */
  private doorWebAcl(
    { webAcl, webAclRate }: Settings,
    removalPolicy: RemovalPolicy,
    condition: CfnCondition,
  ): string | undefined {
    if (webAcl !== undefined) return webAcl === "none" ? undefined : webAcl;
    const { arn } = new StationWebAcl(this, "station-acl", {
      requestsPerAddress: webAclRate,
      removalPolicy,
      condition,
    });
    this.output("StationWebAclArn", "The web ACL of the station doors", arn, condition);
    return Token.asString(Fn.conditionIf(condition.logicalId, arn, Aws.NO_VALUE));
  }

  private output(id: string, description: string, value: string, condition?: CfnCondition): void {
    new CfnOutput(this, id, { description, value, ...(condition && { condition }) });
  }
}
