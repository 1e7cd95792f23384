import { describe, expect, it } from "vitest";
import { resourceOf, templateOf } from "../../support/stack.ts";

const template = templateOf();
const { DistributionConfig } = resourceOf(
  template,
  "AWS::CloudFront::Distribution",
  "station-door",
).Properties;
const edge = resourceOf(template, "AWS::CloudFront::Function", "station-door").Properties;

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
const ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

describe("StationDoor", () => {
  it("passes Authorization on and Host not, and caches nothing", () => {
    expect(DistributionConfig.DefaultCacheBehavior).toMatchObject({
      OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
      CachePolicyId: CACHING_DISABLED,
      ViewerProtocolPolicy: "https-only",
    });
    expect(DistributionConfig.CacheBehaviors).toBeUndefined();
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

  it("runs the path function on every request, with the stage's name in it", () => {
    const [association] = DistributionConfig.DefaultCacheBehavior.FunctionAssociations;

    expect(association.EventType).toBe("viewer-request");
    expect(association.FunctionARN["Fn::GetAtt"][0]).toMatch(/^stationdoorPath/);
    expect(edge.FunctionConfig.Runtime).toBe("cloudfront-js-2.0");
    expect(edge.FunctionCode).toContain('const STAGE = "station";');
    expect(edge.FunctionCode).not.toContain("{{");
  });
});
