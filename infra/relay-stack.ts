import { join } from "node:path";
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { Family } from "../shared/http/route.ts";
import { routes } from "../shared/http/routes.ts";
import { ApiGatewayLogRole } from "./constructs/access-log.ts";
import { AttemptTimers } from "./constructs/attempt-timers.ts";
import { BackgroundFailures } from "./constructs/background-failures.ts";
import { CertificateDoor } from "./constructs/certificate-door.ts";
import { Identity, type TokenIssuer } from "./constructs/identity.ts";
import { OutgoingEvents } from "./constructs/outgoing-events.ts";
import { RelayFunction } from "./constructs/relay-function.ts";
import { RemoteApi } from "./constructs/remote-api.ts";
import { StateTable } from "./constructs/state-table.ts";
import { StationDoor } from "./constructs/station-door.ts";
import { StationGateway } from "./constructs/station-gateway.ts";
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
    super(scope, id, props);
    const { settings, bundles } = props;
    const removalPolicy = settings.stage === "dev" ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;

    const state = new StateTable(this, "state-table", { removalPolicy });
    const gateway = new StationGateway(this, "station-gateway", { removalPolicy });
    if (settings.apiGatewayLogRole) {
      gateway.deployAfter(new ApiGatewayLogRole(this, "api-gateway-log-role").account);
    }
    const failures = new BackgroundFailures(this, "background-failures", { removalPolicy });
    const timers = new AttemptTimers(this, "attempt-timers", { removalPolicy });

    const events = new OutgoingEvents(this, "outgoing-events", { removalPolicy });

    const addFunction = (functionId: FunctionId): RelayFunction => {
      const spec: FunctionSpec = functionSpecs[functionId];
      const added = new RelayFunction(this, functionId, {
        bundle: join(bundles, functionId),
        environment: {
          POWERTOOLS_SERVICE_NAME: "ocpp-relay",
          POWERTOOLS_METRICS_NAMESPACE: "ocpp-relay",
          LOG_LEVEL: settings.logLevel,
          ...(spec.table && { TABLE_NAME: state.table.tableName, LOG_DAYS: String(settings.logDays) }),
          ...(spec.connections && { CONNECTIONS_ENDPOINT: gateway.stage.callbackUrl }),
        },
        ...(spec.timeoutSeconds && { timeout: Duration.seconds(spec.timeoutSeconds) }),
        ...(spec.isAsynchronous && { asynchronous: failures.invokeConfig }),
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
    const doorProps = { origin: gateway.domainName, stageName: gateway.stage.stageName, originSecrets };
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
    const { issuer, audience, scopePrefix, tokenUrl } = settings;
    const identity = issuer
      ? undefined
      : new Identity(this, "identity", {
          clients: settings.clients,
          ...(settings.cognitoDomain && { domainPrefix: settings.cognitoDomain }),
          removalPolicy,
        });
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
      removalPolicy,
    });

    this.output("RemoteApiUrl", "The remote API", api.url);
    this.output("StationUrl", "What stations connect to, with their identity behind it", door.url);
    this.output(
      "StationDistribution",
      "What the DNS record of stationDomain points to",
      door.distribution.distributionDomainName,
    );
    if (profile3) {
      this.output("CertificateStationUrl", "What stations with a client certificate connect to", profile3.url);
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

  private output(id: string, description: string, value: string): void {
    new CfnOutput(this, id, { description, value });
  }
}
