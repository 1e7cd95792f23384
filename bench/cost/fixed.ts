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
  const memory = new Set(functions.map(({ MemorySize }) => Number(MemorySize)));
  if (memory.size !== 1)
    throw new Error(`functions of ${[...memory].join(", ")} MB: the model knows one size`);
  return {
    alarmMetrics: of("AWS::CloudWatch::Alarm").reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    appClients: of("AWS::Cognito::UserPoolClient").filter(isMachineClient).length,
    dashboards: of("AWS::CloudWatch::Dashboard").length,
    keys: of("AWS::KMS::Key").length,
    secrets: of("AWS::SecretsManager::Secret").length,
    webAcls: acls.length,
    webAclRules: acls.reduce((sum, rules) => sum + rules.length, 0),
    memoryMb: [...memory][0] ?? 0,
    polledQueues: of("AWS::Lambda::EventSourceMapping").filter(
      ({ Properties = {} }) => Properties.StartingPosition === undefined,
    ).length,
    tracedFunctions: functions.filter(
      ({ TracingConfig }) => (TracingConfig as { Mode?: string } | undefined)?.Mode === "Active",
    ).length,
  };
}

/** Clients that users sign in with are free; their users are not. */
const isMachineClient = ({ Properties }: { readonly Properties?: Record<string, unknown> }) =>
  (Properties?.AllowedOAuthFlows as readonly string[] | undefined)?.includes("client_credentials") ?? false;

/** An alarm costs as much as the metrics that it looks at; expressions over them are free. */
function metricsOf({ Properties = {} }: { readonly Properties?: Record<string, unknown> }): number {
  if (Properties.MetricName !== undefined) return 1;
  const queries = Properties.Metrics as readonly { readonly MetricStat?: object }[];
  return queries.filter(({ MetricStat }) => MetricStat !== undefined).length;
}
