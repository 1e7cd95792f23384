import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import cdkJson from "../../../cdk.json" with { type: "json" };
import { accountApp } from "../../../infra/account/account-app.ts";
import { addNag } from "../../../infra/synth.ts";
import { resourcesOf } from "../../support/stack.ts";

let outdir: string;
beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), "ocpp-relay-account-"));
});
afterAll(() => rm(outdir, { recursive: true }));

const GITHUB = { repository: "acme/ocpp-relay", stages: "dev,prod" };
const appOf = (context: Readonly<Record<string, string>>, validate = false) =>
  accountApp({
    outdir,
    context: { ...cdkJson.context, ...context },
    treeMetadata: false,
    stackTraces: false,
    builtinCloudFormationValidation: validate,
  });
const templateOf = (stack: string, context: Readonly<Record<string, string>> = {}) =>
  Template.fromJSON(appOf(context).synth().getStackByName(stack).template);
const stacksOf = (context: Readonly<Record<string, string>>) =>
  appOf(context)
    .synth()
    .stacks.map(({ stackName, environment }) => [stackName, environment.region]);

describe("the account's app", () => {
  it("makes the web ACL in us-east-1, and GitHub's roles only where a repository is named", () => {
    const acl = ["ocpp-relay-station-acl", "us-east-1"];

    expect(stacksOf({})).toEqual([acl]);
    expect(stacksOf(GITHUB)).toEqual([["ocpp-relay-github", "unknown-region"], acl]);
  });

  it("passes cdk-nag and the CloudFormation schemas", async () => {
    const app = appOf(GITHUB, true);
    await addNag(app);

    expect(() => app.synth()).not.toThrow();
  });

  it.each([
    [{ repository: "acme" }, /repository=acme/],
    [{ repository: "acme/*" }, /repository=acme/],
    [{ ...GITHUB, stages: "dev,*" }, /stages: \*/],
    [{ ...GITHUB, stages: "dev,dev" }, /stages: none twice/],
    [{ stages: "dev" }, /repository: owner\/name/],
    [{ ...GITHUB, githubProvider: "github" }, /githubProvider=github/],
    [{ webAclRate: "many" }, /webAclRate=many/],
  ])("refuses %j", (context, message) => {
    expect(() => appOf(context)).toThrow(message);
  });
});

describe("the station endpoints' web ACL", () => {
  it("is CloudFront's, and its ARN is told", () => {
    const template = templateOf("ocpp-relay-station-acl", { webAclRate: "9000" });
    const [acl] = Object.values(resourcesOf(template, "AWS::WAFv2::WebACL"));

    expect(acl?.Properties.Scope).toBe("CLOUDFRONT");
    expect(acl?.Properties.Rules[0].Statement.RateBasedStatement.Limit).toBe(9000);
    expect(acl).not.toHaveProperty("Condition");
    expect(template.toJSON().Outputs.WebAclArn.Value).toEqual({
      "Fn::GetAtt": [expect.stringMatching(/^aclAcl/), "Arn"],
    });
  });
});

describe("GitHub's roles", () => {
  const rolesOf = (context: Readonly<Record<string, string>> = GITHUB) =>
    Object.values(resourcesOf(templateOf("ocpp-relay-github", context), "AWS::IAM::Role"));

  it("are each trusted from the repository's environment of the stage, and from nowhere else", () => {
    const trusted = rolesOf().map(({ Properties }) => Properties.AssumeRolePolicyDocument.Statement);
    const from = (stage: string) => [
      {
        Effect: "Allow",
        Action: "sts:AssumeRoleWithWebIdentity",
        Principal: { Federated: { Ref: expect.stringMatching(/^Provider/) } },
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": `repo:acme/ocpp-relay:environment:${stage}`,
          },
        },
      },
    ];

    expect(trusted).toEqual([from("dev"), from("prod")]);
  });

  it("may hand over to the roles of cdk bootstrap in this account, and nothing else", () => {
    const policies = Object.values(resourcesOf(templateOf("ocpp-relay-github", GITHUB), "AWS::IAM::Policy"));
    const account = { Ref: "AWS::AccountId" };
    const bootstrapRole = (name: string) => ({
      "Fn::Join": [
        "",
        ["arn:", { Ref: "AWS::Partition" }, ":iam::", account, `:role/cdk-hnb659fds-${name}-`, account, "-*"],
      ],
    });

    expect(policies).toHaveLength(2);
    for (const { Properties } of policies) {
      expect(Properties.PolicyDocument.Statement).toEqual([
        {
          Effect: "Allow",
          Action: "sts:AssumeRole",
          Resource: ["deploy-role", "file-publishing-role", "lookup-role"].map(bootstrapRole),
        },
      ]);
    }
    for (const { Properties } of rolesOf()) {
      expect(Properties).not.toHaveProperty("ManagedPolicyArns");
      expect(Properties).not.toHaveProperty("Policies");
    }
  });

  it("trust an identity provider that the account has already", () => {
    const githubProvider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
    const context = { ...GITHUB, githubProvider };

    templateOf("ocpp-relay-github", context).resourceCountIs("AWS::IAM::OIDCProvider", 0);
    for (const { Properties } of rolesOf(context)) {
      expect(Properties.AssumeRolePolicyDocument.Statement[0].Principal.Federated).toBe(githubProvider);
    }
  });
});
