import { CfnOutput, DefaultStackSynthesizer, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { OidcProviderNative, PolicyStatement, Role, WebIdentityPrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { acknowledge } from "../constructs/acknowledge.ts";

export interface GitHubDeployStackProps extends StackProps {
  /** Owner and name as the `sub` claim has them. */
  readonly repository: string;
  /** GitHub environments of those names, each with a role of its own. */
  readonly stages: readonly string[];
  /** The ARN of the account's identity provider for GitHub. @default it is made here */
  readonly provider?: string;
}

const ISSUER = "token.actions.githubusercontent.com";

/** Of the roles that `cdk bootstrap` makes, those that a deployment without container images needs. */
const bootstrapRoles = ["deploy-role", "file-publishing-role", "lookup-role"];

/**
 * One role for each stage. A workflow run can assume it only from the repository's environment of that name, so the
 * protection rules there (reviewers, branches, tags) apply to the stage. Nothing is stored at GitHub.
 *
 * The role can only assume the roles of `cdk bootstrap`; the option `--cloudformation-execution-policies` of the
 * bootstrap limits what CloudFormation may create.
 */
export class GitHubDeployStack extends Stack {
  constructor(scope: Construct, id: string, props: GitHubDeployStackProps) {
    super(scope, id, props);
    const provider =
      props.provider ??
      new OidcProviderNative(this, "Provider", {
        url: `https://${ISSUER}`,
        clientIds: ["sts.amazonaws.com"],
      }).oidcProviderArn;
    const qualifier = DefaultStackSynthesizer.DEFAULT_QUALIFIER;
    for (const stage of props.stages) {
      const role = new Role(this, `Role-${stage}`, {
        description: `Deploys ocpp-relay-${stage} from ${props.repository}`,
        assumedBy: new WebIdentityPrincipal(provider, {
          StringEquals: {
            [`${ISSUER}:aud`]: "sts.amazonaws.com",
            [`${ISSUER}:sub`]: `repo:${props.repository}:environment:${stage}`,
          },
        }),
        maxSessionDuration: Duration.hours(1),
      });
      role.addToPolicy(
        new PolicyStatement({
          actions: ["sts:AssumeRole"],
          resources: bootstrapRoles.map((name) =>
            this.formatArn({
              service: "iam",
              region: "",
              resource: "role",
              resourceName: `cdk-${qualifier}-${name}-${this.account}-*`,
            }),
          ),
        }),
      );
      const arn = `arn:<AWS::Partition>:iam::<AWS::AccountId>:role/cdk-${qualifier}`;
      acknowledge(
        role,
        Object.fromEntries(
          bootstrapRoles.map((name) => [
            `AwsSolutions-IAM5[Resource::${arn}-${name}-<AWS::AccountId>-*]`,
            "Their names end in the region, which is the deployment's to choose.",
          ]),
        ),
      );
      new CfnOutput(this, `RoleArn-${stage}`, {
        description: `AWS_ROLE_ARN of the environment ${stage}`,
        value: role.roleArn,
      });
    }
  }
}
