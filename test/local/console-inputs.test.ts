import { describe, expect, it } from "vitest";
import { consoleHeadersOf, publicClientOf } from "../../local/console-inputs.ts";
import { loadAssembly } from "../../local/template.ts";
import { type Resources, writeAssembly } from "./fixtures/assembly.ts";

const templateOf = (resources: Resources) => loadAssembly(writeAssembly({ resources }));
const client = (Properties: Record<string, unknown>) => ({
  Type: "AWS::Cognito::UserPoolClient",
  Properties,
});
const machine = client({ ClientName: "operator", AllowedOAuthFlows: ["client_credentials"] });

describe("the client of the console", () => {
  it("is the template's client with authorization codes, its addresses in the folder of the console", () => {
    const page = client({
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["openid", "ocpp-relay/read:ocpp"],
      CallbackURLs: ["https://d1.cloudfront.net/", "https://console.example.com/signed-in"],
      LogoutURLs: ["https://d1.cloudfront.net/"],
      AccessTokenValidity: 60,
      RefreshTokenValidity: 720,
      TokenValidityUnits: { AccessToken: "minutes", RefreshToken: "minutes" },
      RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 30 },
    });

    expect(publicClientOf(templateOf({ machine, page }), "/console/")).toEqual({
      scopes: ["openid", "ocpp-relay/read:ocpp"],
      callbackPaths: ["/console/", "/console/signed-in"],
      logoutPaths: ["/console/"],
      accessTokenSeconds: 3600,
      refreshTokenSeconds: 43_200,
      rotationGraceSeconds: 30,
    });
  });

  it("has Cognito's times where the template names none, and keeps its refresh token", () => {
    const page = client({ AllowedOAuthFlows: ["code"] });

    expect(publicClientOf(templateOf({ page }), "/console/")).toEqual({
      scopes: [],
      callbackPaths: [],
      logoutPaths: [],
      accessTokenSeconds: 3600,
      refreshTokenSeconds: 30 * 86_400,
    });
  });

  it("is none where the template has API clients only", () => {
    expect(publicClientOf(templateOf({ machine }), "/console/")).toBeUndefined();
  });
});

describe("the headers of the console", () => {
  it("are those of the response headers policy, but for Strict-Transport-Security", () => {
    const policy = {
      Type: "AWS::CloudFront::ResponseHeadersPolicy",
      Properties: {
        ResponseHeadersPolicyConfig: {
          SecurityHeadersConfig: {
            ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'self'", Override: true },
            ContentTypeOptions: { Override: true },
            FrameOptions: { FrameOption: "DENY", Override: true },
            ReferrerPolicy: { ReferrerPolicy: "no-referrer", Override: true },
            StrictTransportSecurity: { AccessControlMaxAgeSec: 63_072_000, Override: true },
          },
          CustomHeadersConfig: { Items: [{ Header: "x-extra", Value: "yes", Override: true }] },
        },
      },
    };

    expect(consoleHeadersOf(templateOf({ policy }))).toEqual({
      "content-security-policy": "default-src 'self'",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "x-extra": "yes",
    });
  });

  it("are none where the template has no console", () => {
    expect(consoleHeadersOf(templateOf({ machine }))).toBeUndefined();
  });
});

describe("a function that serves a custom resource", () => {
  it("is not served, as it runs during a deployment only", () => {
    const copy = { Type: "AWS::Lambda::Function", Properties: { Runtime: "python3.13" } };
    const files = {
      Type: "Custom::CDKBucketDeployment",
      Properties: { ServiceToken: { "Fn::GetAtt": ["copy", "Arn"] } },
    };
    const other = { Type: "AWS::Lambda::Function", Properties: { Runtime: "python3.13" } };

    const template = templateOf({ copy, files, other });

    expect(template.ofType("AWS::Lambda::Function").map(({ logicalId }) => logicalId)).toEqual(["other"]);
    expect(template.notServed).toEqual([]);
  });
});
