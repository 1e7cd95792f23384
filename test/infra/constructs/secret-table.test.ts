import { describe, expect, it } from "vitest";
import { type FunctionSpec, functionIds, functionSpecs } from "../../../infra/functions.ts";
import { resourceOf, resourcesOf, statementsOf, templateOf } from "../../support/stack.ts";

const template = templateOf();
const tables = ["password-table", "webhook-secret-table"] as const;

describe.each(tables)("SecretTable %s", (construct) => {
  const table = (context = {}) => resourceOf(templateOf(context), "AWS::DynamoDB::Table", construct);

  it("has no index, no stream and no TTL, which would be copies or ends of the secrets", () => {
    const { Properties } = table();

    expect(Object.keys(Properties).sort()).toEqual([
      "AttributeDefinitions",
      "BillingMode",
      "DeletionProtectionEnabled",
      "KeySchema",
      "PointInTimeRecoverySpecification",
      "Tags",
    ]);
    expect(Properties).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it("outlives its stack, except in stage dev", () => {
    expect(table()).toMatchObject({
      DeletionPolicy: "Retain",
      Properties: { DeletionProtectionEnabled: true },
    });
    expect(table({ stage: "dev" })).toMatchObject({
      DeletionPolicy: "Delete",
      Properties: { DeletionProtectionEnabled: false },
    });
  });
});

describe("the rights to a table of secrets", () => {
  /** The actions on a table, by the functions that have any. */
  function rightsTo(construct: (typeof tables)[number]): Record<string, string[]> {
    const prefix = construct.replaceAll("-", "");
    const [id = ""] = Object.keys(resourcesOf(template, "AWS::DynamoDB::Table")).filter((one) =>
      one.startsWith(prefix),
    );
    const rights = functionIds.map((functionId) => {
      const ofTable = statementsOf(template, functionId).filter(({ resources }) =>
        resources.some((resource) => resource.includes(id)),
      );
      return [functionId, ofTable.flatMap(({ actions }) => actions)] as const;
    });
    return Object.fromEntries(rights.filter(([, actions]) => actions.length > 0));
  }

  it("of password hashes are those of the authorizer and of the functions that set passwords", () => {
    expect(rightsTo("password-table")).toEqual({
      "station-authorize": ["dynamodb:BatchGetItem"],
      "api-synchronous": ["dynamodb:GetItem", "dynamodb:UpdateItem"],
      "api-raw": ["dynamodb:GetItem", "dynamodb:UpdateItem"],
      "api-stations": ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"],
    });
  });

  it("of webhooks are to read for the function that signs, to write for their routes, to delete for those of networks", () => {
    expect(rightsTo("webhook-secret-table")).toEqual({
      "api-networks": ["dynamodb:DeleteItem"],
      "api-webhooks": ["dynamodb:DeleteItem", "dynamodb:UpdateItem"],
      "webhook-deliver": ["dynamodb:GetItem"],
    });
  });

  it.each(functionIds)("come with the table's name in %s, which no other function has", (functionId) => {
    const { passwords, webhookSecrets }: FunctionSpec = functionSpecs[functionId];
    const { Variables } = resourceOf(template, "AWS::Lambda::Function", functionId).Properties.Environment;

    expect(Variables.PASSWORD_TABLE_NAME !== undefined).toBe(passwords !== undefined);
    expect(Variables.WEBHOOK_SECRET_TABLE_NAME !== undefined).toBe(webhookSecrets !== undefined);
  });
});
