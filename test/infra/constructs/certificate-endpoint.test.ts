import { describe, expect, it } from "vitest";
import { resourceOf, resourcesOf, templateOf } from "../../support/stack.ts";

const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";
const context = {
  trustStore: "s3://acme-pki/stations/ca.pem",
  certificateDomain: "ocpp3.example.com",
  certificateDomainCertificate: certificate,
};
const template = templateOf(context);
const endpoint = resourceOf(template, "AWS::CloudFront::Distribution", "certificate-door").Properties
  .DistributionConfig;
const basicEndpoint = resourceOf(template, "AWS::CloudFront::Distribution", "station-door").Properties
  .DistributionConfig;
const { Variables } = resourceOf(template, "AWS::Lambda::Function", "station-authorize").Properties
  .Environment;
const edge = resourceOf(template, "AWS::CloudFront::Function", "certificate-door").Properties;

const trustStoreOf = (of = template) => resourceOf(of, "AWS::CloudFront::TrustStore", "certificate-door");

describe("CertificateEndpoint", () => {
  it("is a second distribution on a host name of its own", () => {
    expect(Object.keys(resourcesOf(template, "AWS::CloudFront::Distribution"))).toHaveLength(3);
    expect(endpoint).toMatchObject({
      Aliases: ["ocpp3.example.com"],
      ViewerCertificate: { AcmCertificateArn: certificate, MinimumProtocolVersion: "TLSv1.2_2021" },
    });
    expect(template.findOutputs("CertificateStationUrl").CertificateStationUrl?.Value).toBe(
      "wss://ocpp3.example.com/ocpp",
    );
  });

  it("lets nobody in without a certificate of a CA in the bundle, or with an expired one", () => {
    expect(endpoint.ViewerMtlsConfig).toEqual({
      Mode: "required",
      TrustStoreConfig: {
        TrustStoreId: { "Fn::GetAtt": [expect.stringMatching(/^certificatedoorTrustStore/), "Id"] },
        IgnoreCertificateExpiry: false,
      },
    });
    expect(trustStoreOf().Properties).toEqual({
      Name: { "Fn::Join": ["", ["ocpp-relay-test-stations-", { Ref: "AWS::Region" }]] },
      CaCertificatesBundleSource: {
        CaCertificatesBundleS3Location: {
          Bucket: "acme-pki",
          Key: "stations/ca.pem",
          Region: { Ref: "AWS::Region" },
        },
      },
      Tags: trustStoreOf().Properties.Tags,
    });
    expect(basicEndpoint.ViewerMtlsConfig).toBeUndefined();
  });

  it("has names with the region in them, since CloudFront keeps one list of names for the account", () => {
    const inRegion = { "Fn::Join": ["", expect.arrayContaining([{ Ref: "AWS::Region" }])] };
    const policy = resourceOf(template, "AWS::CloudFront::OriginRequestPolicy", "certificate-door");

    expect(policy.Properties.OriginRequestPolicyConfig.Name).toEqual(inRegion);
    for (const { Properties } of Object.values(resourcesOf(template, "AWS::CloudFront::Function"))) {
      expect(Properties.Name).toEqual(inRegion);
    }
  });

  it("reads the version of the bundle that it is told, from the region that it is in", () => {
    const trustStore = "s3://acme-pki/stations/ca.pem?region=eu-central-1&versionId=3.L4kqtJlcpXro";

    expect(
      trustStoreOf(templateOf({ ...context, trustStore })).Properties.CaCertificatesBundleSource
        .CaCertificatesBundleS3Location,
    ).toEqual({
      Bucket: "acme-pki",
      Key: "stations/ca.pem",
      Region: "eu-central-1",
      Version: "3.L4kqtJlcpXro",
    });
  });

  it("is TLS only, with an HTTP version that goes with client certificates", () => {
    expect(endpoint.DefaultCacheBehavior.ViewerProtocolPolicy).toBe("https-only");
    expect(endpoint.CacheBehaviors).toBeUndefined();
    expect(endpoint.HttpVersion).toBe("http2");
    const { DefaultCacheBehavior } = resourceOf(
      templateOf({ ...context, plainWs: "allowed" }),
      "AWS::CloudFront::Distribution",
      "certificate-door",
    ).Properties.DistributionConfig;
    expect(DefaultCacheBehavior.ViewerProtocolPolicy).toBe("https-only");
  });

  it("passes the handshake and the certificate on, the whole query, and nothing else", () => {
    const policy = resourceOf(template, "AWS::CloudFront::OriginRequestPolicy", "certificate-door").Properties
      .OriginRequestPolicyConfig;

    expect(endpoint.DefaultCacheBehavior.OriginRequestPolicyId).toEqual({
      Ref: expect.stringMatching(/^certificatedoorOriginRequest/),
    });
    expect(policy.HeadersConfig).toEqual({
      HeaderBehavior: "whitelist",
      Headers: [
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
        "CloudFront-Viewer-Cert-Present",
        "CloudFront-Viewer-Cert-Subject",
        "CloudFront-Viewer-Cert-Serial-Number",
        "CloudFront-Viewer-Cert-Sha256",
      ],
    });
    expect(policy.HeadersConfig.Headers.length).toBeLessThanOrEqual(10); // CloudFront's quota
    expect(policy.QueryStringsConfig).toEqual({ QueryStringBehavior: "all" });
    expect(policy.CookiesConfig).toEqual({ CookieBehavior: "none" });
    // CachingDisabled
    expect(endpoint.DefaultCacheBehavior.CachePolicyId).toBe("4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
  });

  it("runs a path function of its own", () => {
    const [association] = endpoint.DefaultCacheBehavior.FunctionAssociations;

    expect(association).toMatchObject({ EventType: "viewer-request" });
    expect(association.FunctionARN["Fn::GetAtt"][0]).toMatch(/^certificatedoorPath/);
    expect(edge.FunctionCode).toContain('const ENDPOINT = "certificate";');
    expect(edge.FunctionCode).toContain('const STAGE = "station";');
  });

  it("shows a secret of its own, which the authorizer knows from the basic endpoint's", () => {
    const idsIn = (value: unknown) => JSON.stringify(value).match(/\w*OriginSecrets\w*/g);
    const own = idsIn(endpoint.Origins[0].OriginCustomHeaders);
    const basic = idsIn(basicEndpoint.Origins[0].OriginCustomHeaders);

    expect(own).toEqual([expect.stringMatching(/^certificatedoorOriginSecrets/)]);
    expect(basic).toEqual([expect.stringMatching(/^stationdoorOriginSecrets/)]);
    expect(idsIn(Variables.CERTIFICATE_ORIGIN_SECRETS)).toEqual(own);
    expect(idsIn(Variables.BASIC_ORIGIN_SECRETS)).toEqual(basic);
    expect(Object.keys(resourcesOf(template, "AWS::SecretsManager::Secret")).toSorted()).toEqual(
      [...(own ?? []), ...(basic ?? [])].toSorted(),
    );
  });

  it("is there only where it is asked for", () => {
    const without = templateOf();

    expect(resourcesOf(without, "AWS::CloudFront::OriginRequestPolicy")).toEqual({});
    expect(
      resourceOf(without, "AWS::Lambda::Function", "station-authorize").Properties.Environment.Variables,
    ).not.toHaveProperty("CERTIFICATE_ORIGIN_SECRETS");
    expect(without.findOutputs("CertificateStationUrl")).toEqual({});
  });
});
