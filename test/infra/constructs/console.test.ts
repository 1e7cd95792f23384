import { App, Stack } from "aws-cdk-lib";
import { Annotations, Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { warnWithoutConsole } from "../../../infra/synth.ts";
import { scopes } from "../../../shared/http/scopes.ts";
import { resourceOf, resourcesOf, templateOf } from "../../support/stack.ts";

const template = templateOf();
const distributionOf = (of: Template) =>
  resourceOf(of, "AWS::CloudFront::Distribution", "console").Properties.DistributionConfig;
const headersOf = (of: Template) =>
  resourceOf(of, "AWS::CloudFront::ResponseHeadersPolicy", "console").Properties.ResponseHeadersPolicyConfig;
const policyOf = (of: Template): string => {
  const { ContentSecurityPolicy } = headersOf(of).SecurityHeadersConfig.ContentSecurityPolicy;
  // references by their names, such as <AWS::Region>
  const parts = ContentSecurityPolicy["Fn::Join"]?.[1] ?? [ContentSecurityPolicy];
  return parts
    .map((part: string | { Ref: string }) => (typeof part === "string" ? part : `<${part.Ref}>`))
    .join("");
};
const clientOf = (of: Template) =>
  Object.values(resourcesOf(of, "AWS::Cognito::UserPoolClient")).find(
    ({ Properties }) => Properties.ClientName === "console",
  )?.Properties;
const deploymentOf = (of: Template, construct: string) =>
  Object.entries(resourcesOf(of, "Custom::CDKBucketDeployment")).find(([id]) => id.startsWith(construct));

const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";
const host = { "Fn::GetAtt": [expect.stringMatching(/^consoleDistribution/), "DomainName"] };
const url = { "Fn::Join": ["", ["https://", host, "/"]] };
const issuer = {
  issuer: "https://login.example.com/",
  audience: "a",
  tokenUrl: "https://token.example.com/oauth/token",
};
const ofIssuer = {
  ...issuer,
  consoleClientId: "console-of-acme",
  consoleAuthorizeUrl: "https://login.example.com/authorize",
};

describe("the console's files", () => {
  it("are in a bucket that is encrypted and blocks public access", () => {
    expect(resourceOf(template, "AWS::S3::Bucket", "console").Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  it("are read by the console's distribution alone, over TLS", () => {
    const { Statement } = resourceOf(template, "AWS::S3::BucketPolicy", "console").Properties.PolicyDocument;
    const denied = Statement.filter(({ Effect }: { Effect: string }) => Effect === "Deny");
    const readers = Statement.filter(({ Action }: { Action: string }) => Action === "s3:GetObject");

    expect(denied).toContainEqual(
      expect.objectContaining({ Action: "s3:*", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
    );
    expect(readers).toEqual([
      expect.objectContaining({
        Effect: "Allow",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Condition: { StringEquals: { "AWS:SourceArn": expect.anything() } },
      }),
    ]);
    expect(JSON.stringify(readers)).toContain("consoleDistribution");
  });

  it("are signed for by Origin Access Control, with a name for each region", () => {
    const { OriginAccessControlConfig } = resourceOf(
      template,
      "AWS::CloudFront::OriginAccessControl",
      "console",
    ).Properties;

    expect(OriginAccessControlConfig).toMatchObject({
      Name: { "Fn::Join": ["", ["ocpp-relay-test-console-", { Ref: "AWS::Region" }]] },
      OriginAccessControlOriginType: "s3",
      SigningBehavior: "always",
      SigningProtocol: "sigv4",
    });
    expect(distributionOf(template).Origins).toEqual([
      expect.objectContaining({
        OriginAccessControlId: { "Fn::GetAtt": [expect.stringMatching(/^consoleAccessControl/), "Id"] },
        S3OriginConfig: { OriginAccessIdentity: "" },
      }),
    ]);
  });

  it("with a hash in the name are cached for a year and copied before the page, which is not cached", () => {
    const [assetsId, assets] = deploymentOf(template, "consoleAssets") ?? [];
    const [, page] = deploymentOf(template, "consolePage") ?? [];

    expect(assets?.Properties).toMatchObject({
      DestinationBucketKeyPrefix: "assets",
      Prune: false,
      SystemMetadata: { "cache-control": "public, max-age=31536000, immutable" },
    });
    expect(page?.Properties).toMatchObject({ Prune: false, SystemMetadata: { "cache-control": "no-cache" } });
    expect(page?.DependsOn).toContain(assetsId);
  });

  it("include a configuration with the addresses of this deployment", () => {
    const [, page] = deploymentOf(template, "consolePage") ?? [];
    const values = JSON.stringify(page?.Properties.SourceMarkers);

    for (const id of [
      "remoteapiApi",
      "stationdoorDistribution",
      "identityUserPool",
      "identityUserPoolPageconsole",
    ])
      expect(values).toContain(`"${id}`);
  });
});

describe("the console's distribution", () => {
  it("redirects to HTTPS, takes GET and HEAD, compresses, and has one page at the root", () => {
    const { DefaultCacheBehavior, DefaultRootObject, HttpVersion } = distributionOf(template);

    expect(DefaultCacheBehavior).toMatchObject({
      ViewerProtocolPolicy: "redirect-to-https",
      AllowedMethods: ["GET", "HEAD"],
      Compress: true,
      ResponseHeadersPolicyId: { Ref: expect.stringMatching(/^consoleHeaders/) },
      FunctionAssociations: [{ EventType: "viewer-request", FunctionARN: expect.anything() }],
    });
    expect({ DefaultRootObject, HttpVersion }).toEqual({
      DefaultRootObject: "index.html",
      HttpVersion: "http2and3",
    });
    expect(resourceOf(template, "AWS::CloudFront::Function", "console").Properties.FunctionCode).toContain(
      'request.uri = "/index.html"',
    );
  });

  it("has a content security policy without inline code", () => {
    const api = "https://*.execute-api.<AWS::Region>.<AWS::URLSuffix>";

    expect(policyOf(template)).toMatch(
      /^default-src 'self'; connect-src 'self' \S+ \S+; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
    );
    expect(policyOf(template)).toContain(`connect-src 'self' ${api} https://<identityUserPoolDomain`);
    expect(policyOf(template)).not.toContain("unsafe");
  });

  it("names the API exactly where that has a host name of its own", () => {
    const named = templateOf({
      apiDomain: "relay.example.com",
      apiCertificate: "arn:aws:acm:eu-central-1:123456789012:certificate/0f3c",
    });

    expect(policyOf(named)).toContain("connect-src 'self' https://relay.example.com https://<identity");
    expect(policyOf(named)).not.toContain("execute-api");
  });

  it("adds the usual security headers", () => {
    expect(headersOf(template)).toMatchObject({
      SecurityHeadersConfig: {
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: "DENY" },
        ReferrerPolicy: { ReferrerPolicy: "no-referrer" },
        StrictTransportSecurity: { AccessControlMaxAgeSec: 63_072_000 },
      },
    });
  });

  it("has the host name that the context names", () => {
    const named = templateOf({ consoleDomain: "console.example.com", consoleCertificateArn: certificate });

    expect(distributionOf(named)).toMatchObject({
      Aliases: ["console.example.com"],
      ViewerCertificate: { AcmCertificateArn: certificate, MinimumProtocolVersion: "TLSv1.2_2021" },
    });
    expect(named.findOutputs("ConsoleUrl").ConsoleUrl?.Value).toBe("https://console.example.com/");
    expect(clientOf(named)?.CallbackURLs).toEqual(["https://console.example.com/"]);
  });
});

describe("signing in to the console", () => {
  it("is by authorization code without a secret, at exactly the console's address", () => {
    expect(clientOf(template)).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ["code"],
      AllowedOAuthFlowsUserPoolClient: true,
      CallbackURLs: [url],
      LogoutURLs: [url],
      PreventUserExistenceErrors: "ENABLED",
      EnableTokenRevocation: true,
      SupportedIdentityProviders: ["COGNITO"],
      AccessTokenValidity: 60,
      RefreshTokenValidity: 720,
      RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 30 },
    });
    expect(clientOf(template)?.ExplicitAuthFlows).toEqual(["ALLOW_USER_SRP_AUTH"]);
    expect(clientOf(template)?.AllowedOAuthScopes).toHaveLength(Object.keys(scopes).length + 1);
    expect(clientOf(template)?.AllowedOAuthScopes[0]).toBe("openid");
  });

  it("has Cognito's managed page, and groups for the roles and the first network", () => {
    template.hasResourceProperties("AWS::Cognito::UserPoolDomain", { ManagedLoginVersion: 2 });
    template.hasResourceProperties("AWS::Cognito::ManagedLoginBranding", {
      ClientId: { Ref: Match.stringLikeRegexp("^identityUserPoolPageconsole") },
      UseCognitoProvidedValues: true,
    });
    const groups = Object.values(resourcesOf(template, "AWS::Cognito::UserPoolGroup"));
    expect(groups.map(({ Properties }) => Properties.GroupName).sort()).toEqual([
      "network:default",
      "role:admin",
      "role:operator",
      "role:viewer",
    ]);
  });

  it("gives tokens that the API takes", () => {
    const [authorizer] = Object.values(resourcesOf(template, "AWS::ApiGatewayV2::Authorizer")).filter(
      ({ Properties }) => Properties.AuthorizerType === "JWT",
    );

    expect(authorizer?.Properties.JwtConfiguration.Audience).toContainEqual({
      Ref: expect.stringMatching(/^identityUserPoolPageconsole/),
    });
  });
});

describe("a stack without the console", () => {
  it.each([
    ["console=false", { console: "false" }],
    ["an issuer whose endpoints are not named", issuer],
  ])("with %s has neither its files nor its client", (_, context) => {
    const without = templateOf(context);

    expect(resourcesOf(without, "AWS::S3::Bucket")).toEqual({});
    expect(resourcesOf(without, "Custom::CDKBucketDeployment")).toEqual({});
    expect(resourcesOf(without, "AWS::Cognito::UserPoolGroup")).toEqual({});
    expect(clientOf(without)).toBeUndefined();
    expect(without.toJSON().Outputs).not.toHaveProperty("ConsoleUrl");
  });

  const warnings = (context: Readonly<Record<string, string>>) => {
    const app = new App({ context, builtinCloudFormationValidation: false });
    const stack = new Stack(app, "stack");
    warnWithoutConsole(app);
    return Annotations.fromStack(stack).findWarning("*", Match.stringLikeRegexp("consoleClientId"));
  };

  it("comes with a warning only where the issuer's endpoints are missing", () => {
    expect(warnings(issuer)).toHaveLength(1);
    for (const context of [{}, ofIssuer, { ...issuer, console: "false" }, { console: "false" }])
      expect(warnings(context), JSON.stringify(context)).toEqual([]);
  });
});

describe("the console of another issuer", () => {
  it("lets the page fetch tokens from the issuer", () => {
    const other = templateOf(ofIssuer);

    expect(policyOf(other)).toMatch(
      /connect-src 'self' https:\/\/\*\.execute-api\.\S+ https:\/\/token\.example\.com;/,
    );
    expect(resourcesOf(other, "AWS::Cognito::UserPool")).toEqual({});
  });

  it.each([
    [{ console: "perhaps" }, /console=perhaps/],
    [{ consoleClientId: "x" }, /consoleClientId needs issuer/],
    [{ ...issuer, console: "true" }, /consoleClientId is missing/],
    [{ ...ofIssuer, tokenUrl: "" }, /tokenUrl is missing/],
    [{ ...issuer, consoleClientId: "x" }, /consoleAuthorizeUrl is missing/],
    [{ ...ofIssuer, tokenUrl: "https://a.example/;script-src *" }, /tokenUrl=/],
    [{ ...ofIssuer, consoleLogoutUrl: "http://login.example.com/logout" }, /consoleLogoutUrl=/],
    [{ consoleDomain: "console.example.com" }, /consoleDomain and consoleCertificateArn/],
  ])("refuses %j", (context, message) => {
    expect(() => templateOf(context as Record<string, string>)).toThrow(message);
  });
});
