import { describe, expect, it } from "vitest";
import { resourceOf, resourcesOf, templateOf } from "../../support/stack.ts";

const template = templateOf();
const aclOf = (construct: string, of = template) => resourceOf(of, "AWS::WAFv2::WebACL", construct);
const ARN = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/stations/0f3c";

interface Rule {
  readonly Name: string;
  readonly Priority: number;
  readonly Action?: object;
  readonly OverrideAction?: object;
  // biome-ignore lint/suspicious/noExplicitAny: each test states the type of a statement
  readonly Statement: any;
}
const rulesOf = (construct: string): Rule[] =>
  [...aclOf(construct).Properties.Rules].sort((one: Rule, other: Rule) => one.Priority - other.Priority);
const countedBy = (construct: string): string[] =>
  rulesOf(construct)
    .find(({ Name }) => Name === "common")
    ?.Statement.ManagedRuleGroupStatement.RuleActionOverrides.map(
      ({ Name, ActionToUse }: { Name: string; ActionToUse: object }) => {
        expect(ActionToUse).toEqual({ Count: {} });
        return Name;
      },
    );
const webAclId = (context: Readonly<Record<string, string>> = {}) =>
  Object.entries(resourcesOf(templateOf(context), "AWS::CloudFront::Distribution"))
    .filter(([id]) => !id.startsWith("console"))
    .map(([, { Properties }]) => Properties.DistributionConfig.WebACLId);

describe("the station endpoint's web ACL", () => {
  it("is made where the stack is in us-east-1, and nowhere else", () => {
    expect(template.toJSON().Conditions.InUsEast1).toEqual({
      "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"],
    });
    const made = Object.entries(template.toJSON().Resources as Record<string, { Condition?: string }>)
      .filter(([id]) => id.startsWith("stationacl"))
      .map(([, { Condition }]) => Condition);

    expect(made).toEqual(["InUsEast1", "InUsEast1", "InUsEast1"]);
    expect(webAclId()).toEqual([
      {
        "Fn::If": [
          "InUsEast1",
          { "Fn::GetAtt": [expect.stringMatching(/^stationaclAcl/), "Arn"] },
          { Ref: "AWS::NoValue" },
        ],
      },
    ]);
    expect(template.toJSON().Outputs.StationWebAclArn).toMatchObject({ Condition: "InUsEast1" });
  });

  it("looks at the rate of an address first, then at its name, then at the request", () => {
    expect(aclOf("station-acl").Properties).toMatchObject({
      Scope: "CLOUDFRONT",
      DefaultAction: { Allow: {} },
    });
    expect(rulesOf("station-acl")).toMatchObject([
      {
        Name: "rate",
        Action: { Block: {} },
        Statement: {
          RateBasedStatement: { Limit: 2000, AggregateKeyType: "IP", EvaluationWindowSec: 300 },
        },
      },
      {
        Name: "ip-reputation",
        OverrideAction: { None: {} },
        Statement: {
          ManagedRuleGroupStatement: { VendorName: "AWS", Name: "AWSManagedRulesAmazonIpReputationList" },
        },
      },
      {
        Name: "common",
        OverrideAction: { None: {} },
        Statement: { ManagedRuleGroupStatement: { VendorName: "AWS", Name: "AWSManagedRulesCommonRuleSet" } },
      },
    ]);
  });

  it("refuses no station for its firmware's User-Agent or its identity's ending", () => {
    expect(countedBy("station-acl")).toEqual([
      "NoUserAgent_HEADER",
      "UserAgent_BadBots_HEADER",
      "RestrictedExtensions_URIPATH",
    ]);
  });

  it("has the rate that the context says", () => {
    const [rate] = aclOf("station-acl", templateOf({ webAclRate: "20000" })).Properties.Rules;

    expect(rate.Statement.RateBasedStatement.Limit).toBe(20_000);
  });

  it.each([
    ["another one where an ARN is given", { webAcl: ARN }, ARN, 1],
    ["none where there is to be none", { webAcl: "none" }, undefined, 0],
  ])("is %s", (_, context, id, count) => {
    expect(webAclId(context)).toEqual([id]);
    templateOf(context).resourceCountIs("AWS::WAFv2::WebACL", count);
    expect(templateOf(context).toJSON().Outputs).not.toHaveProperty("StationWebAclArn");
  });
});

it("stands before the certificate endpoint, too", () => {
  const context = {
    trustStore: "s3://acme-trust/stations.pem",
    certificateDomain: "cert.example.com",
    certificateDomainCertificate: "arn:aws:acm:us-east-1:123456789012:certificate/0f3c",
  };
  const [basic, certificate] = webAclId(context);

  expect(certificate).toEqual(basic);
  expect(certificate).toHaveProperty("Fn::If");
});

describe("the user pool's web ACL", () => {
  it("stands before the pool, in every region", () => {
    const acl = aclOf("token-acl");

    expect(acl).not.toHaveProperty("Condition");
    expect(acl.Properties.Scope).toBe("REGIONAL");
    const association = resourceOf(template, "AWS::WAFv2::WebACLAssociation", "token-acl");
    expect(association.Properties).toEqual({
      ResourceArn: { "Fn::GetAtt": [expect.stringMatching(/^identityUserPool/), "Arn"] },
      WebACLArn: { "Fn::GetAtt": [expect.stringMatching(/^tokenaclAcl/), "Arn"] },
    });
    // A web ACL that was made a moment before may not be found yet.
    expect(association.DependsOn).toEqual([expect.stringMatching(/^tokenaclLogging/)]);
  });

  it("limits token requests by address and lets clients without a User-Agent pass", () => {
    expect(rulesOf("token-acl").map(({ Name }) => Name)).toEqual(["rate", "common"]);
    expect(rulesOf("token-acl")[0]?.Statement.RateBasedStatement.Limit).toBe(1000);
    expect(countedBy("token-acl")).toEqual(["NoUserAgent_HEADER"]);
  });

  it("is not made where there is no pool", () => {
    const context = { issuer: "https://login.example.com/", audience: "a", webAcl: ARN };

    templateOf(context).resourceCountIs("AWS::WAFv2::WebACL", 0);
  });
});

describe.each(["station-acl", "token-acl"])("the log of %s", (construct) => {
  const acl = aclOf(construct).Properties;
  const { LogGroupName } = resourceOf(template, "AWS::Logs::LogGroup", construct).Properties;
  const logging = resourceOf(template, "AWS::WAFv2::LoggingConfiguration", construct).Properties;

  it("is a group as WAF demands it, of this stack alone", () => {
    expect(LogGroupName).toBe(`aws-waf-logs-ocpp-relay-test-${construct}`);
    const [destination] = logging.LogDestinationConfigs;

    expect(destination["Fn::Join"][1].at(-2)).toMatch(/:log-group:$/);
    expect(destination["Fn::Join"][1].at(-1)).toHaveProperty("Ref");
  });

  it("holds what was blocked, and neither it nor a sample holds a password or token", () => {
    expect(logging.LoggingFilter).toEqual({
      DefaultBehavior: "DROP",
      Filters: [
        {
          Behavior: "KEEP",
          Requirement: "MEETS_ANY",
          Conditions: [{ ActionCondition: { Action: "BLOCK" } }],
        },
      ],
    });
    expect(logging.RedactedFields).toEqual([{ SingleHeader: { Name: "authorization" } }]);
    expect(acl.DataProtectionConfig).toEqual({
      DataProtections: [
        {
          Action: "SUBSTITUTION",
          Field: { FieldType: "SINGLE_HEADER", FieldKeys: ["authorization"] },
        },
      ],
    });
  });
});
