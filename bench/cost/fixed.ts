import { functionIds } from "../../infra/functions.ts";
import { deploymentFunctions, type RawTemplate } from "../../local/template/stack.ts";
import type { Fixed } from "./model.ts";

/** What of a template is paid for by the month, where it is deployed to us-east-1. */
export function fixedOf({ Resources = {} }: RawTemplate): Fixed {
  const of = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type);
  const deployment = deploymentFunctions({ Resources });
  const functions = Object.entries(Resources)
    .filter(([id, { Type }]) => Type === "AWS::Lambda::Function" && !deployment.has(id))
    .map(([, { Properties = {} }]) => Properties);
  const acls = of("AWS::WAFv2::WebACL").map(({ Properties = {} }) => Properties.Rules as unknown[]);
  return {
    alarmMetrics: of("AWS::CloudWatch::Alarm").reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    appClients: of("AWS::Cognito::UserPoolClient").filter(isMachineClient).length,
    dashboards: of("AWS::CloudWatch::Dashboard").length,
    keys: of("AWS::KMS::Key").length,
    secrets: of("AWS::SecretsManager::Secret").length,
    webAcls: acls.length,
    webAclRules: acls.reduce((sum, rules) => sum + rules.length, 0),
    polledQueues: of("AWS::Lambda::EventSourceMapping").filter(
      ({ Properties = {} }) => Properties.StartingPosition === undefined,
    ).length,
    memoryMb: Object.fromEntries(functions.map((one) => [nameOf(one), Number(one.MemorySize)])),
    keptWarmGb: of("AWS::Lambda::Alias").reduce((sum, alias) => sum + keptGb(alias, Resources), 0),
    traced: functions.filter(isTraced).map(nameOf).sort(),
    platformLines: functions.some(
      ({ LoggingConfig }) => (LoggingConfig as Logging).SystemLogLevel !== "WARN",
    ),
    accessLineBytes: {
      station: lineBytes(stageOf(Resources, "WEBSOCKET"), "$default"),
      remote: lineBytes(stageOf(Resources, "HTTP"), "POST /remote_commands/synchronous/{cpId}/reset"),
    },
  };
}

/** Clients that users sign in with are free; their users are not. */
const isMachineClient = ({ Properties }: { readonly Properties?: Record<string, unknown> }) =>
  (Properties?.AllowedOAuthFlows as readonly string[] | undefined)?.includes("client_credentials") ?? false;

type Properties = Readonly<Record<string, unknown>>;
type Resources = NonNullable<RawTemplate["Resources"]>;
interface Logging {
  readonly SystemLogLevel?: string;
}

/** A function's construct id, which is the end of its name. */
const nameOf = ({ FunctionName }: Properties): string => {
  const id = functionIds.find((one) => String(FunctionName).endsWith(`-${one}`));
  if (id === undefined) throw new Error(`${FunctionName}: no function of infra/functions.ts`);
  return id;
};

const isTraced = ({ TracingConfig }: Properties): boolean =>
  (TracingConfig as { readonly Mode?: string } | undefined)?.Mode === "Active";

function stageOf(resources: Resources, protocol: "HTTP" | "WEBSOCKET"): Properties {
  for (const { Type, Properties = {} } of Object.values(resources)) {
    if (Type !== "AWS::ApiGatewayV2::Stage") continue;
    const api = resources[(Properties.ApiId as { readonly Ref: string }).Ref];
    if (api?.Properties?.ProtocolType === protocol) return Properties;
  }
  throw new Error(`the template has no stage of a ${protocol} API`);
}

/** The length of an access log's line, by the usual values of what it names. */
function lineBytes({ AccessLogSettings }: Properties, routeKey: string): number {
  const { Format } = AccessLogSettings as { readonly Format: string };
  const values: typeof usual = { ...usual, "$context.routeKey": routeKey };
  return Format.replaceAll(/\$context\.[\w.]+/g, (name) => values[name] ?? "-").length;
}

const usual: Readonly<Record<string, string>> = {
  "$context.requestId": "Kx3vYhZ2IAMFdZQ=",
  "$context.connectionId": "Kx3vYfDhIAMCJeA=",
  "$context.path": "/remote_commands/synchronous/0f2e34a1-9b5c-5e6f-8a7b-1c2d3e4f5a6b/reset",
  "$context.authorizer.cpId": "0f2e34a1-9b5c-5e6f-8a7b-1c2d3e4f5a6b",
  "$context.authorizer.claims.client_id": "3n4b5urk1ft4fl3mg5e62d9ado",
  "$context.authorizer.claims.sub": "3n4b5urk1ft4fl3mg5e62d9ado",
  "$context.identity.sourceIp": "203.0.113.42",
  "$context.status": "200",
  "$context.integration.status": "200",
  "$context.integration.requestId": "8f5a1c9e-3b7d-4e2f-9a6c-0d1e2f3a4b5c",
};

/** An alarm costs as much as the metrics that it looks at; expressions over them are free. */
function metricsOf({ Properties = {} }: { readonly Properties?: Record<string, unknown> }): number {
  if (Properties.MetricName !== undefined) return 1;
  const queries = Properties.Metrics as readonly { readonly MetricStat?: object }[];
  return queries.filter(({ MetricStat }) => MetricStat !== undefined).length;
}

/** The memory of the environments that an alias keeps initialized. */
function keptGb({ Properties = {} }: { readonly Properties?: Properties }, resources: Resources): number {
  const { ProvisionedConcurrencyConfig, FunctionName } = Properties as {
    readonly ProvisionedConcurrencyConfig?: { readonly ProvisionedConcurrentExecutions: number };
    readonly FunctionName: { readonly Ref: string };
  };
  const memoryMb = Number(resources[FunctionName.Ref]?.Properties?.MemorySize);
  return ((ProvisionedConcurrencyConfig?.ProvisionedConcurrentExecutions ?? 0) * memoryMb) / 1024;
}
