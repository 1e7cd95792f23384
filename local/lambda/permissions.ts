import type { Template } from "../template.ts";

/** The statements of functions' resource policies, as AWS::Lambda::Permission adds them. */
interface Permission {
  readonly functionName: string;
  readonly principal: string;
  readonly source: RegExp;
}

/** Whether a service may invoke a function for a source, `arn:…:execute-api:…:{api}/{stage}/…`. */
export function permissionsOf(
  template: Template,
): (fn: { readonly name: string; readonly arn: string }, service: string, sourceArn: string) => boolean {
  const permissions: Permission[] = template
    .ofType("AWS::Lambda::Permission")
    .filter((permission) => template.property(permission, "Action") === "lambda:InvokeFunction")
    .map((permission) => ({
      functionName: template.property<string>(permission, "FunctionName") ?? "",
      principal: template.property<string>(permission, "Principal") ?? "",
      source: arnLike(template.property<string>(permission, "SourceArn") ?? "*"),
    }));
  return ({ name, arn }, service, sourceArn) =>
    permissions.some(
      ({ functionName, principal, source }) =>
        [name, arn].includes(functionName) && principal === service && source.test(sourceArn),
    );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN */
function arnLike(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
