import { readFileSync } from "node:fs";
import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { resourceOf, resourcesOf, templateOf } from "../../support/stack.ts";

const template = templateOf();
const configOf = (of: Template) =>
  resourceOf(of, "AWS::CloudFront::Distribution", "station-door").Properties.DistributionConfig;
const DistributionConfig = configOf(template);
const edge = resourceOf(template, "AWS::CloudFront::Function", "station-door").Properties;

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
const ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";

describe("StationEndpoint", () => {
  it("is the only distribution without the console", () => {
    const without = templateOf({ console: "false" });
    expect(Object.keys(resourcesOf(without, "AWS::CloudFront::Distribution"))).toHaveLength(1);
    expect(resourcesOf(template, "AWS::CloudFront::TrustStore")).toEqual({});
    expect(DistributionConfig.ViewerMtlsConfig).toBeUndefined();
  });

  it("passes Authorization on and Host not, and caches nothing", () => {
    expect(DistributionConfig.DefaultCacheBehavior).toMatchObject({
      OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
      CachePolicyId: CACHING_DISABLED,
      ViewerProtocolPolicy: "https-only",
    });
    expect(DistributionConfig.CacheBehaviors).toBeUndefined();
  });

  it("speaks HTTP/1.1, of which a handshake is an upgrade", () => {
    expect(DistributionConfig.HttpVersion).toBe("http1.1");
  });

  it("reaches the WebSocket API by TLS 1.2", () => {
    const [origin] = DistributionConfig.Origins;

    expect(DistributionConfig.Origins).toHaveLength(1);
    expect(origin.CustomOriginConfig).toEqual({
      OriginProtocolPolicy: "https-only",
      OriginSSLProtocols: ["TLSv1.2"],
    });
    expect(JSON.stringify(origin.DomainName)).toMatch(/stationgatewayApi.*execute-api/);
  });

  it("runs the path function on every request, with the stage's name and the endpoint's in it", () => {
    const [association] = DistributionConfig.DefaultCacheBehavior.FunctionAssociations;

    expect(association.EventType).toBe("viewer-request");
    expect(association.FunctionARN["Fn::GetAtt"][0]).toMatch(/^stationdoorPath/);
    expect(edge.FunctionConfig.Runtime).toBe("cloudfront-js-2.0");
    const source = readFileSync(new URL("../../../functions/edge/station-path.js", import.meta.url), "utf8");
    expect(edge.FunctionCode).toBe(source.replace("{{stage}}", "station").replace("{{endpoint}}", "basic"));
    expect(edge.FunctionCode).not.toContain("{{");
  });

  it("has its own name, and CloudFront's certificate, unless told otherwise", () => {
    expect(DistributionConfig.Aliases).toBeUndefined();
    expect(DistributionConfig.ViewerCertificate).toBeUndefined();
    expect(template.findOutputs("StationUrl").StationUrl?.Value).toMatchObject({
      "Fn::Join": [
        "",
        ["wss://", { "Fn::GetAtt": [expect.stringMatching(/^stationdoor/), "DomainName"] }, "/ocpp"],
      ],
    });
  });

  it("has a host name of its owner's, with TLS 1.2 as the least", () => {
    const named = templateOf({ stationDomain: "ocpp.example.com", stationCertificate: certificate });

    expect(configOf(named)).toMatchObject({
      Aliases: ["ocpp.example.com"],
      ViewerCertificate: {
        AcmCertificateArn: certificate,
        MinimumProtocolVersion: "TLSv1.2_2021",
        SslSupportMethod: "sni-only",
      },
    });
    expect(named.findOutputs("StationUrl").StationUrl?.Value).toBe("wss://ocpp.example.com/ocpp");
    expect(named.findOutputs("StationDistribution")).not.toEqual({});
  });

  it("lets ws:// in where security profile 1 is allowed", () => {
    const { DefaultCacheBehavior, Origins } = configOf(templateOf({ plainWs: "allowed" }));

    expect(DefaultCacheBehavior.ViewerProtocolPolicy).toBe("allow-all");
    expect(Origins[0].CustomOriginConfig.OriginProtocolPolicy).toBe("https-only");
  });
});

/** The logical ids of the secrets that a value refers to, in order; it must hold nothing else. */
function secretsIn(value: {
  readonly "Fn::Join": [string, (string | { readonly Ref: string })[]];
}): string[] {
  const [separator, parts] = value["Fn::Join"];
  const text = parts.map((part) => (typeof part === "string" ? part : `<${part.Ref}>`)).join(separator);
  expect(text).toMatch(/^(,?\{\{resolve:secretsmanager:<\w+>:SecretString:::\}\})+$/);
  return [...text.matchAll(/<(\w+)>/g)].map(([, id = ""]) => id);
}

describe("the origin secret", () => {
  const sent = (of: Template) => {
    const [header, ...more] = configOf(of).Origins[0].OriginCustomHeaders;
    expect([header.HeaderName, more]).toEqual(["X-Ocpp-Relay-Door", []]);
    return secretsIn(header.HeaderValue);
  };
  const accepted = (of: Template) =>
    secretsIn(
      resourceOf(of, "AWS::Lambda::Function", "station-authorize").Properties.Environment.Variables
        .BASIC_ORIGIN_SECRETS,
    );

  it("is generated, and in the template by reference only, for CloudFront and the authorizer", () => {
    const secrets = resourcesOf(template, "AWS::SecretsManager::Secret");
    const [id] = sent(template);

    expect(Object.keys(secrets)).toEqual([id]);
    expect(secrets[id ?? ""]?.Properties.GenerateSecretString).toEqual({
      ExcludePunctuation: true,
      PasswordLength: 48,
    });
    expect(secrets[id ?? ""]?.Properties.SecretString).toBeUndefined();
    expect(secrets[id ?? ""]?.DeletionPolicy).toBe("Delete");
    expect(accepted(template)).toEqual([id]);
  });

  it("is given to the authorizer alone", () => {
    const functions = Object.entries(resourcesOf(template, "AWS::Lambda::Function"));
    const told = functions.filter(([, { Properties }]) =>
      JSON.stringify(Properties).includes("secretsmanager"),
    );

    expect(told.map(([id]) => id)).toEqual([expect.stringMatching(/^stationauthorize/)]);
  });

  it("is replaced in three deployments: both accepted, the other one sent, the first one forgotten", () => {
    const steps = ["1", "1,2", "2,1", "2"].map((originSecrets) => templateOf({ originSecrets }));
    const [first, , , last] = steps.map((step) => sent(step)[0]);

    expect(first).not.toBe(last);
    expect(steps.map(sent)).toEqual([[first], [first], [last], [last]]);
    expect(steps.map(accepted)).toEqual([[first], [first, last], [last, first], [last]]);
  });
});
