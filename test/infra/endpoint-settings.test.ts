import { describe, expect, it } from "vitest";
import { readEndpointSettings } from "../../infra/endpoint-settings.ts";

const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";
const read = (context: Record<string, string> = {}) => readEndpointSettings((key) => context[key]);
const certificateEndpoint = {
  trustStore: "s3://acme/ca.pem",
  certificateDomain: "ocpp3.example.com",
  certificateDomainCertificate: certificate,
};

describe("the settings of the endpoints", () => {
  it("have one endpoint without TLS-less connections, and one secret, by default", () => {
    expect(read()).toEqual({ plainWs: false, originSecrets: ["1"] });
  });

  it("are read from the context", () => {
    expect(
      read({
        ...certificateEndpoint,
        trustStore: "s3://acme/a%20b/ca.pem?versionId=x%2By&region=eu-west-1",
        stationDomain: "ocpp.example.com",
        stationCertificate: certificate,
        plainWs: "allowed",
        originSecrets: "2, 1",
      }),
    ).toEqual({
      stationDomain: { name: "ocpp.example.com", certificateArn: certificate },
      plainWs: true,
      certificateEndpoint: {
        trustStore: { bucket: "acme", key: "a b/ca.pem", region: "eu-west-1", versionId: "x+y" },
        domain: { name: "ocpp3.example.com", certificateArn: certificate },
      },
      originSecrets: ["2", "1"],
    });
    expect(read({ plainWs: "refused" }).plainWs).toBe(false);
  });

  it.each([
    ["plainWs", { plainWs: "yes" }],
    ["stationDomain", { stationDomain: "ocpp.example.com" }],
    ["stationCertificate", { stationCertificate: certificate }],
    ["stationDomain", { stationDomain: "https://ocpp.example.com", stationCertificate: certificate }],
    [
      "us-east-1",
      { stationDomain: "a.example.com", stationCertificate: certificate.replace("us-east-1", "eu-west-1") },
    ],
    ["trustStore", { trustStore: "s3://acme/ca.pem" }],
    ["trustStore", { certificateDomain: "a.example.com", certificateDomainCertificate: certificate }],
    ["trustStore", { ...certificateEndpoint, trustStore: "https://acme/ca.pem" }],
    ["trustStore", { ...certificateEndpoint, trustStore: "s3://acme" }],
    ["trustStore", { ...certificateEndpoint, trustStore: "s3://acme/ca.pem?version=1" }],
    ["trustStore", { ...certificateEndpoint, trustStore: "ca.pem" }],
    ["trustStore=s3://acme/%zz", { ...certificateEndpoint, trustStore: "s3://acme/%zz" }],
    ["originSecrets", { originSecrets: "1,1" }],
    ["originSecrets", { originSecrets: "1,,2" }],
    ["originSecrets", { originSecrets: "a-b" }],
  ])("name the context key that makes no sense: %s %j", (key, context) => {
    expect(() => read(context)).toThrow(key);
  });
});
