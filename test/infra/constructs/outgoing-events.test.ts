import { describe, expect, it } from "vitest";
import { resourceOf, resourcesOf, templateOf } from "../../support/stack.ts";

describe("OutgoingEvents", () => {
  const template = templateOf();
  const [feed] = Object.values(resourcesOf(template, "AWS::Lambda::EventSourceMapping"));
  const patterns = ((feed?.Properties.FilterCriteria.Filters ?? []) as { Pattern: string }[]).map(
    ({ Pattern }) =>
      JSON.parse(Pattern) as { eventName?: string[]; dynamodb: { Keys: object; NewImage?: object } },
  );

  it("has a bus of its own", () => {
    expect(resourceOf(template, "AWS::Events::EventBus", "outgoing-events").Properties.Name).toBe(
      "ocpp-relay-test-events",
    );
  });

  it("loses nothing silently: retries, splits what fails, and names it in a queue", () => {
    expect(feed?.Properties).toMatchObject({
      StartingPosition: "TRIM_HORIZON",
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      MaximumRetryAttempts: 30,
      DestinationConfig: {
        OnFailure: { Destination: { "Fn::GetAtt": [expect.stringMatching(/^outgoingevents/), "Arn"] } },
      },
    });
  });

  it("is invoked for what may be an event only", () => {
    expect(patterns.map(({ dynamodb }) => JSON.stringify(dynamodb.Keys))).toEqual([
      '{"pk":{"S":[{"prefix":"CALL#"},{"prefix":"ATTEMPT#"},{"prefix":"WEBHOOK#"}]}}',
      '{"sk":{"S":["STATION"]}}',
      '{"sk":{"S":[{"prefix":"TRANSACTION#"}]}}',
      '{"sk":{"S":[{"prefix":"IN#"}]}}',
      '{"pk":{"S":[{"prefix":"BULK#"}]},"sk":{"S":["BULK"]}}',
    ]);
    expect(patterns.map(({ dynamodb }) => JSON.stringify(dynamodb.NewImage))).toEqual([
      undefined,
      undefined,
      undefined,
      '{"identity":{"S":[{"exists":true}]}}',
      '{"completedAtMs":{"N":[{"exists":true}]}}',
    ]);
  });

  it("has no more filters than an event source takes without a raised quota", () => {
    expect(patterns.length).toBeLessThanOrEqual(5);
  });

  it("is not invoked for deletions, of which TTL makes one for each item, but for a station's", () => {
    expect(patterns.map(({ eventName }) => eventName)).toEqual([
      ["INSERT", "MODIFY"],
      undefined,
      ["INSERT", "MODIFY"],
      ["INSERT"],
      ["MODIFY"],
    ]);
  });
});
