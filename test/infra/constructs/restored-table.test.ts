import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type FunctionSpec, functionIds, functionSpecs } from "../../../infra/functions.ts";
import { INDEX, SEARCH_INDEX } from "../../../shared/store/keys.ts";
import { resourceOf, resourcesOf, statementsOf, templateOf } from "../../support/stack.ts";

const tableArn = "arn:aws:dynamodb:eu-central-1:123456789012:table/ocpp-relay-prod-restored-1";
const stream = `${tableArn}/stream/2026-11-28T10:00:00.000`;
const passwordsArn = "arn:aws:dynamodb:eu-central-1:123456789012:table/ocpp-relay-prod-passwords-1";
const secretsArn = "arn:aws:dynamodb:eu-central-1:123456789012:table/ocpp-relay-prod-webhook-secrets-1";
const own = templateOf();
const template = templateOf({
  restoredTable: stream,
  restoredPasswordTable: passwordsArn,
  restoredWebhookSecretTable: secretsArn,
});

describe("a stack with a restored table", () => {
  it("makes no table where all are restored, and the others where one is", () => {
    templateOf({ restoredTable: stream }).resourceCountIs("AWS::DynamoDB::Table", 2);
    template.resourceCountIs("AWS::DynamoDB::Table", 0);
    expect(template.findOutputs("TableName").TableName?.Value).toBe("ocpp-relay-prod-restored-1");
    expect(template.findOutputs("PasswordTableName").PasswordTableName?.Value).toBe(
      "ocpp-relay-prod-passwords-1",
    );
    expect(template.findOutputs("WebhookSecretTableName").WebhookSecretTableName?.Value).toBe(
      "ocpp-relay-prod-webhook-secrets-1",
    );
  });

  it.each(functionIds)("gives %s the same rights as before, to those tables", (id) => {
    const { table: actions = [] }: FunctionSpec = functionSpecs[id];
    const ofTable = (one: typeof template) =>
      statementsOf(one, id).filter(({ actions: names }) => names[0]?.startsWith("dynamodb:"));
    const { TABLE_NAME } = resourceOf(template, "AWS::Lambda::Function", id).Properties.Environment.Variables;

    expect(ofTable(template).map(({ actions: names }) => names)).toEqual(
      ofTable(own).map(({ actions: names }) => names),
    );
    const resources = new Set(ofTable(template).flatMap((statement) => statement.resources));
    for (const resource of resources) {
      expect([
        tableArn,
        passwordsArn,
        secretsArn,
        `${tableArn}/index/${INDEX}`,
        `${tableArn}/index/${SEARCH_INDEX}`,
        stream,
      ]).toContain(JSON.parse(resource));
    }
    expect(TABLE_NAME).toBe(actions.length > 0 ? "ocpp-relay-prod-restored-1" : undefined);
  });

  it.each(["passwords", `${passwordsArn}/stream/2026-11-28T10:00:00.000`])(
    "is refused for the table of passwords %s, which is no table",
    (text) => {
      expect(() => templateOf({ restoredPasswordTable: text })).toThrow(/restoredPasswordTable=/);
      expect(() => templateOf({ restoredWebhookSecretTable: text })).toThrow(/restoredWebhookSecretTable=/);
    },
  );

  it("reads events from its stream", () => {
    const [feed] = Object.values(resourcesOf(template, "AWS::Lambda::EventSourceMapping"));

    expect(feed?.Properties.EventSourceArn).toBe(stream);
  });

  it("differs from the stack's own in nothing else that exists", () => {
    const typesOf = (one: typeof template) =>
      Object.entries(one.toJSON().Resources as Record<string, { Type: string }>)
        .map(([id, { Type }]) => `${Type} ${id}`)
        .filter((name) => !name.startsWith("AWS::DynamoDB::Table "));

    expect(typesOf(template)).toEqual(typesOf(own));
  });

  it.each(["restored-1", tableArn, `${tableArn}/stream/`])(
    "is refused for %s, which is no stream",
    (text) => {
      expect(() => templateOf({ restoredTable: text })).toThrow(/restoredTable=.*stream/);
    },
  );
});

it("docs/runbook.md sets all that the stack's own table has and a restore does not bring along", () => {
  const text = readFileSync(new URL("../../../docs/runbook.md", import.meta.url), "utf8");
  const { Properties } = resourceOf(own, "AWS::DynamoDB::Table", "state-table");

  const { AttributeName, Enabled } = Properties.TimeToLiveSpecification;
  expect(text).toContain(`Enabled=${Enabled},AttributeName=${AttributeName}`);
  const { StreamViewType } = Properties.StreamSpecification;
  expect(text).toContain(`StreamEnabled=true,StreamViewType=${StreamViewType}`);
  expect(Properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
  expect(text).toContain("PointInTimeRecoveryEnabled=true");
  expect(Properties.DeletionProtectionEnabled).toBe(true);
  expect(text).toContain("--deletion-protection-enabled");
  expect(text).toContain(`--billing-mode-override ${Properties.BillingMode}`);
  // Settings that would need a line of their own in the runbook.
  expect(Object.keys(Properties).sort()).toEqual([
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "PointInTimeRecoverySpecification",
    "StreamSpecification",
    "Tags",
    "TimeToLiveSpecification",
  ]);
});
