import { CfnResource, TagManager } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { stackOf, type TemplateResource, templateOf } from "../support/stack.ts";

const resourcesOf = (template: Template) =>
  Object.entries(template.toJSON().Resources as Record<string, TemplateResource>);

/** What would be missed if it went with the stack. */
const stateful = [
  "AWS::Cognito::UserPool",
  "AWS::DynamoDB::Table",
  "AWS::Events::EventBus",
  "AWS::Logs::LogGroup",
  "AWS::SQS::Queue",
  "AWS::Scheduler::ScheduleGroup",
];
/** Protected from deletion where the stage is kept. */
const guarded = ["AWS::Cognito::UserPool", "AWS::DynamoDB::Table"];
/** The account's own: it serves other stacks, too. */
const ofTheAccount = /^apigatewaylogrole/;

describe("a stage", () => {
  it.each([
    ["dev", { whole: "Delete", onDelete: "Delete", onReplace: "Delete" }],
    ["prod", { whole: "Retain", onDelete: "RetainExceptOnCreate", onReplace: "Retain" }],
    ["acceptance", { whole: "Retain", onDelete: "RetainExceptOnCreate", onReplace: "Retain" }],
  ])("%s: %o for all that holds data", (stage, { whole, onDelete, onReplace }) => {
    const resources = resourcesOf(templateOf({ stage })).filter(([id]) => !ofTheAccount.test(id));
    const found = resources.filter(([, { Type }]) => stateful.includes(Type));

    expect(new Set(found.map(([, { Type }]) => Type))).toEqual(new Set(stateful));
    for (const [id, { Type, DeletionPolicy, UpdateReplacePolicy }] of found) {
      expect({ id, DeletionPolicy, UpdateReplacePolicy }).toEqual({
        id,
        // A rollback cannot delete what is protected from deletion.
        DeletionPolicy: guarded.includes(Type) ? whole : onDelete,
        UpdateReplacePolicy: onReplace,
      });
    }
    if (stage !== "dev") return;
    expect(resources.filter(([, { DeletionPolicy = "" }]) => DeletionPolicy.startsWith("Retain"))).toEqual(
      [],
    );
  });

  it("leaves nothing with a name behind when its first deployment fails, or the second would find it taken", () => {
    const resources = resourcesOf(templateOf({ stage: "prod" })).filter(([id]) => !ofTheAccount.test(id));
    const left = resources.filter(([, { DeletionPolicy }]) => DeletionPolicy === "Retain");

    const types = new Set(left.map(([, { Type }]) => Type));
    expect([...types].sort()).toEqual([...guarded].sort());
    // Two pools may have one name.
    expect(left.filter(([, { Properties }]) => Properties.TableName)).toEqual([]);
  });

  it("dev alone lets its table, its pool and itself be deleted", () => {
    const isProtected = (stage: string) => {
      const stack = stackOf({ stage });
      const resources = resourcesOf(Template.fromStack(stack)).map(([, resource]) => resource);
      const of = (type: string) => resources.find(({ Type }) => Type === type)?.Properties;
      return [
        stack.terminationProtection,
        of("AWS::DynamoDB::Table")?.DeletionProtectionEnabled,
        of("AWS::Cognito::UserPool")?.DeletionProtection === "ACTIVE",
      ];
    };

    expect(isProtected("dev")).toEqual([false, false, false]);
    expect(isProtected("prod")).toEqual([true, true, true]);
  });

  it("is a tag on everything that takes tags, with the project and the context's own", () => {
    const stack = stackOf({ stage: "test", tags: "cost-center=4711, owner=charging" });
    Template.fromStack(stack); // tags are put on when it is synthesized
    const expected = {
      project: "ocpp-relay",
      stage: "test",
      "cost-center": "4711",
      owner: "charging",
    };

    expect(stack.tags.tagValues()).toMatchObject(expected);
    const taggable = stack.node
      .findAll()
      .filter((construct) => CfnResource.isCfnResource(construct))
      .filter((construct) => TagManager.of(construct) !== undefined)
      // infra/relay-stack.ts explains why it has none
      .filter(({ cfnResourceType }) => cfnResourceType !== "AWS::CloudWatch::Dashboard");
    expect(taggable.length).toBeGreaterThan(30);
    for (const construct of taggable) {
      expect(TagManager.of(construct)?.tagValues(), construct.node.path).toMatchObject(expected);
    }
  });

  it("has a stack of its own beside another one's: no physical name is shared", () => {
    const [dev, prod] = ["dev", "prod"].map((stage) =>
      namesOf(Template.fromStack(stackOf({ stage }, `ocpp-relay-${stage}`))),
    );

    expect(dev?.size).toBeGreaterThan(20);
    expect([...(dev ?? [])].filter((name) => prod?.has(name))).toEqual([]);
  });
});

/** Names that need to be unique within something of the stack's only. */
const ofAParent = [
  "AWS::ApiGatewayV2::Authorizer",
  "AWS::ApiGatewayV2::Stage",
  "AWS::Cognito::UserPoolClient",
  "AWS::Cognito::UserPoolGroup",
  "AWS::Cognito::UserPoolResourceServer",
  "AWS::IAM::Policy",
];

/** `type property=name` for each resource whose name the template gives. References have no name yet. */
function namesOf(template: Template): Set<string> {
  const found = resourcesOf(template)
    .filter(([, { Type }]) => !ofAParent.includes(Type))
    .flatMap(([, { Type, Properties = {} }]) =>
      Object.entries(Properties)
        .filter(([property]) => /^(Name|\w+Name|Domain|\w*Policy(Config)?)$/.test(property))
        // what an alarm looks at, not what it is called
        .filter(([property]) => property !== "MetricName")
        .map(([property, value]) => [property, value?.Name ?? value] as const)
        .filter(([, value]) => typeof value === "string" || value?.["Fn::Join"] !== undefined)
        .map(([property, value]) => `${Type} ${property}=${JSON.stringify(value)}`),
    );
  return new Set(found);
}
