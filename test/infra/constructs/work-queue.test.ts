import { describe, expect, it } from "vitest";
import { resourcesOf, templateOf } from "../../support/stack.ts";

const template = templateOf();

describe("the queues of bulk commands and of webhook deliveries", () => {
  const queues = Object.entries(resourcesOf(template, "AWS::SQS::Queue"));
  const worked = queues.filter(([, { Properties }]) => Properties.RedrivePolicy);

  it("hide a message for six times the function's timeout, and give up after five failures", () => {
    expect(worked.map(([id]) => id.replace(/queue.*/, ""))).toEqual(["bulk", "webhook"]);
    const ids = queues.map(([id]) => id);
    for (const [, { Properties }] of worked) {
      expect(Properties).toMatchObject({ VisibilityTimeout: 360, RedrivePolicy: { maxReceiveCount: 5 } });
      const [failures] = Properties.RedrivePolicy.deadLetterTargetArn["Fn::GetAtt"];
      expect(ids).toContain(failures);
    }
  });

  it("invoke their functions with ten messages, 20 times at once at most, and take back those that failed", () => {
    const mappings = Object.values(resourcesOf(template, "AWS::Lambda::EventSourceMapping"));
    const sources = mappings.map(({ Properties }) => JSON.stringify(Properties.EventSourceArn));
    for (const [id] of worked) {
      const place = sources.findIndex((source) => source.includes(`"${id}"`));
      expect(mappings[place]?.Properties).toMatchObject({
        BatchSize: 10,
        ScalingConfig: { MaximumConcurrency: 20 },
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      });
    }
  });
});
