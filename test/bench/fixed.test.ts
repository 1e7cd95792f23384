import { describe, expect, it } from "vitest";
import { fixedOf } from "../../bench/cost/fixed.ts";

const metric = { Id: "m", MetricStat: { Stat: "Sum" } };
const expression = { Id: "e", Expression: "m * 2" };
const lambda = (id: string, memory: number, Mode = "Active", SystemLogLevel = "WARN") => ({
  Type: "AWS::Lambda::Function",
  Properties: {
    FunctionName: `ocpp-relay-prod-${id}`,
    MemorySize: memory,
    TracingConfig: { Mode },
    LoggingConfig: { SystemLogLevel },
  },
});
const stage = (protocol: string, format: object) => ({
  [`Api${protocol}`]: { Type: "AWS::ApiGatewayV2::Api", Properties: { ProtocolType: protocol } },
  [`Stage${protocol}`]: {
    Type: "AWS::ApiGatewayV2::Stage",
    Properties: {
      ApiId: { Ref: `Api${protocol}` },
      AccessLogSettings: { Format: JSON.stringify(format) },
    },
  },
});
const stages = {
  ...stage("WEBSOCKET", { status: "$context.status", unknown: "$context.error.message" }),
  ...stage("HTTP", { path: "x" }),
};

describe("what is paid for by the month", () => {
  it("are the metrics that alarms look at, not the alarms and not their expressions", () => {
    const Resources = {
      One: { Type: "AWS::CloudWatch::Alarm", Properties: { MetricName: "Errors" } },
      Three: {
        Type: "AWS::CloudWatch::Alarm",
        Properties: { Metrics: [metric, expression, metric, metric] },
      },
    };

    expect(fixedOf({ Resources: { ...Resources, ...stages } })).toMatchObject({ alarmMetrics: 4, keys: 0 });
  });

  it("are web ACLs with their rules, keys, secrets and traced functions", () => {
    const Resources = {
      Acl: { Type: "AWS::WAFv2::WebACL", Properties: { Rules: [{}, {}] } },
      Key: { Type: "AWS::KMS::Key" },
      Secret: { Type: "AWS::SecretsManager::Secret" },
      A: lambda("api-raw", 1024),
      B: lambda("station-message", 512, "PassThrough"),
    };

    expect(fixedOf({ Resources: { ...Resources, ...stages } })).toMatchObject({
      webAcls: 1,
      webAclRules: 2,
      keys: 1,
      secrets: 1,
      memoryMb: { "api-raw": 1024, "station-message": 512 },
      traced: ["api-raw"],
      platformLines: false,
    });
  });

  it("are the lines of logs by their length: values of the usual length, a dash where there is none", () => {
    const { accessLineBytes } = fixedOf({ Resources: stages });

    expect(accessLineBytes).toEqual({
      station: '{"status":"200","unknown":"-"}'.length,
      remote: '{"path":"x"}'.length,
    });
  });

  it("include Lambda's lines where one function has them", () => {
    const Resources = {
      ...stages,
      A: lambda("api-raw", 1024, "Active", "INFO"),
      B: lambda("bulk-run", 1024),
    };

    expect(fixedOf({ Resources }).platformLines).toBe(true);
  });
});
