import { describe, expect, it } from "vitest";
import { resourcesOf, statementsOf, templateOf } from "../../support/stack.ts";

const template = templateOf();

describe("a queue for failures", () => {
  const queues = Object.values(resourcesOf(template, "AWS::SQS::Queue"));

  it("is encrypted and keeps messages for 14 days", () => {
    expect(queues.length).toBeGreaterThan(2);
    for (const { Properties } of queues) {
      expect(Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 });
    }
  });

  it("is sent to, and no role has another right to it", () => {
    const ofFailures = Object.entries(resourcesOf(template, "AWS::SQS::Queue"))
      .filter(([, { Properties }]) => !Properties.RedrivePolicy)
      .map(([id]) => id);
    const actions = statementsOf(template)
      .filter((statement) => ofFailures.some((id) => JSON.stringify(statement).includes(id)))
      .flatMap((statement) => statement.actions);
    const ofQueues = actions.filter((action) => action.startsWith("sqs:"));

    expect(ofQueues.length).toBeGreaterThan(2);
    expect([...new Set(ofQueues)]).toEqual(["sqs:SendMessage"]);
  });
});
