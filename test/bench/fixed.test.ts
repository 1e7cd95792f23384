import { describe, expect, it } from "vitest";
import { fixedOf } from "../../bench/cost/fixed.ts";

const metric = { Id: "m", MetricStat: { Stat: "Sum" } };
const expression = { Id: "e", Expression: "m * 2" };
const lambda = (memory: number) => ({
  Type: "AWS::Lambda::Function",
  Properties: { MemorySize: memory, TracingConfig: { Mode: "Active" } },
});

describe("what is paid for by the month", () => {
  it("are the metrics that alarms look at, not the alarms and not their expressions", () => {
    const Resources = {
      One: { Type: "AWS::CloudWatch::Alarm", Properties: { MetricName: "Errors" } },
      Function: lambda(512),
      Three: {
        Type: "AWS::CloudWatch::Alarm",
        Properties: { Metrics: [metric, expression, metric, metric] },
      },
    };

    expect(fixedOf({ Resources })).toMatchObject({ alarmMetrics: 4, keys: 0 });
  });

  it("are web ACLs with their rules, keys, secrets and traced functions", () => {
    const Resources = {
      Acl: { Type: "AWS::WAFv2::WebACL", Properties: { Rules: [{}, {}] } },
      Key: { Type: "AWS::KMS::Key" },
      Secret: { Type: "AWS::SecretsManager::Secret" },
      A: lambda(512),
      B: lambda(512),
    };

    expect(fixedOf({ Resources })).toMatchObject({
      webAcls: 1,
      webAclRules: 2,
      keys: 1,
      secrets: 1,
      memoryMb: 512,
      tracedFunctions: 2,
    });
  });

  it("needs functions of one size", () => {
    const Resources = { A: lambda(512), B: lambda(1024) };

    expect(() => fixedOf({ Resources })).toThrow("functions of 512, 1024 MB: the model knows one size");
  });
});
