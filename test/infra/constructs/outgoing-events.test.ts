import { describe, expect, it } from "vitest";
import { resourceOf, resourcesOf, templateOf } from "../../support/stack.ts";

describe("OutgoingEvents", () => {
  const template = templateOf();
  const [feed] = Object.values(resourcesOf(template, "AWS::Lambda::EventSourceMapping"));

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
    const patterns = feed?.Properties.FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) =>
      JSON.stringify(JSON.parse(Pattern).dynamodb.Keys),
    );
    expect(patterns).toEqual([
      '{"pk":{"S":[{"prefix":"CALL#"}]}}',
      '{"pk":{"S":[{"prefix":"ATTEMPT#"}]}}',
      '{"sk":{"S":["STATION"]}}',
      '{"sk":{"S":[{"prefix":"TRANSACTION#"}]}}',
    ]);
  });
});
