import type { RawTemplate } from "../../local/template/stack.ts";
import type { Fixed } from "./model.ts";

/** What of a template is paid for by the month, where it is deployed to us-east-1. */
export function fixedOf({ Resources = {} }: RawTemplate): Fixed {
  const of = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type);
  const functions = of("AWS::Lambda::Function").map(({ Properties = {} }) => Properties);
  const acls = of("AWS::WAFv2::WebACL").map(({ Properties = {} }) => Properties.Rules as unknown[]);
  const memory = new Set(functions.map(({ MemorySize }) => Number(MemorySize)));
  if (memory.size !== 1)
    throw new Error(`functions of ${[...memory].join(", ")} MB: the model knows one size`);
  return {
    alarms: of("AWS::CloudWatch::Alarm").length,
    appClients: of("AWS::Cognito::UserPoolClient").length,
    dashboards: of("AWS::CloudWatch::Dashboard").length,
    secrets: of("AWS::SecretsManager::Secret").length,
    webAcls: acls.length,
    webAclRules: acls.reduce((sum, rules) => sum + rules.length, 0),
    memoryMb: [...memory][0] ?? 0,
    tracedFunctions: functions.filter(
      ({ TracingConfig }) => (TracingConfig as { Mode?: string } | undefined)?.Mode === "Active",
    ).length,
  };
}
