import { describe, expect, it } from "vitest";
import { type FunctionSpec, functionIds, functionSpecs } from "../../../infra/functions.ts";
import { resourceOf, resourcesOf, statementsOf, templateOf } from "../../support/stack.ts";

const template = templateOf();
const table = (context = {}) => resourceOf(templateOf(context), "AWS::DynamoDB::Table", "password-table");

describe("PasswordTable", () => {
  it("has no index, no stream and no TTL, which would be copies or ends of the hashes", () => {
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

  it("is open to the authorizer and to the functions that set passwords, and to no other", () => {
    const [id = ""] = Object.entries(resourcesOf(template, "AWS::DynamoDB::Table"))
      .filter(([, { Properties }]) => !Properties.StreamSpecification)
      .map(([logicalId]) => logicalId);
    const rightsOf = (functionId: (typeof functionIds)[number]) =>
      statementsOf(template, functionId)
        .filter(({ resources }) => resources.some((resource) => resource.includes(id)))
        .flatMap(({ actions }) => actions);
    const withRights = functionIds
      .map((functionId) => [functionId, rightsOf(functionId)] as const)
      .filter(([, actions]) => actions.length > 0);

    expect(Object.fromEntries(withRights)).toEqual({
      "station-authorize": ["dynamodb:BatchGetItem"],
      "api-synchronous": ["dynamodb:GetItem", "dynamodb:UpdateItem"],
      "api-raw": ["dynamodb:GetItem", "dynamodb:UpdateItem"],
      "api-stations": ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"],
    });
  });

  it.each(functionIds)("is named to %s where it has rights to it, and nowhere else", (functionId) => {
    const { passwords }: FunctionSpec = functionSpecs[functionId];
    const { Variables } = resourceOf(template, "AWS::Lambda::Function", functionId).Properties.Environment;

    expect(Variables.PASSWORD_TABLE_NAME !== undefined).toBe(passwords !== undefined);
  });
});
