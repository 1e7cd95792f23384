import { describe, expect, it } from "vitest";
import { INDEX, SEARCH_INDEX } from "../../../shared/store/keys.ts";
import { resourceOf, resourcesOf, templateOf } from "../../support/stack.ts";

const table = (context = {}) => resourceOf(templateOf(context), "AWS::DynamoDB::Table", "state-table");

describe("StateTable", () => {
  it("is on demand, with point-in-time recovery and TTL, and one of three tables", () => {
    const template = templateOf();

    expect(Object.keys(resourcesOf(template, "AWS::DynamoDB::Table"))).toHaveLength(3);
    expect(table().Properties).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    });
  });

  it("has the keys and the indexes that the store is written for", () => {
    expect(table().Properties).toMatchObject({
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: INDEX,
          KeySchema: [
            { AttributeName: "gsi1pk", KeyType: "HASH" },
            { AttributeName: "gsi1sk", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
        {
          IndexName: SEARCH_INDEX,
          KeySchema: [
            { AttributeName: "gsi2pk", KeyType: "HASH" },
            { AttributeName: "gsi2sk", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
    });
  });

  it("outlives its stack", () => {
    expect(table()).toMatchObject({
      DeletionPolicy: "Retain",
      Properties: { DeletionProtectionEnabled: true },
    });
  });

  it("goes with its stack in stage dev", () => {
    expect(table({ stage: "dev" })).toMatchObject({
      DeletionPolicy: "Delete",
      Properties: { DeletionProtectionEnabled: false },
    });
  });
});
