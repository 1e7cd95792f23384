import { readFileSync } from "node:fs";
import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import type { HttpEvent } from "../../../shared/http/event.ts";
import { clientIdOf } from "../../../shared/http/middleware/identify-caller.ts";
import { routes } from "../../../shared/http/routes.ts";
import { resourceOf, resourcesOf, templateOf } from "../../support/stack.ts";

type Template = ReturnType<typeof templateOf>;

/** What the template makes of each route: who may call it and which function serves it. */
function served(template: Template) {
  const integrations = resourcesOf(template, "AWS::ApiGatewayV2::Integration");
  return Object.values(resourcesOf(template, "AWS::ApiGatewayV2::Route"))
    .map(({ Properties }) => Properties)
    .filter(({ RouteKey }) => !RouteKey.startsWith("$"))
    .map(({ RouteKey, AuthorizationScopes, AuthorizationType, Target }) => ({
      key: RouteKey,
      scopes: AuthorizationScopes ?? [],
      authorization: AuthorizationType,
      handler: integrations[Target["Fn::Join"][1][1].Ref]?.Properties.IntegrationUri["Fn::GetAtt"][0],
    }))
    .sort((one, other) => one.key.localeCompare(other.key));
}

const expected = (scopePrefix: string) =>
  [
    ...routes.flatMap(({ method, path, scopes, family }) =>
      // HEAD is served wherever GET is, to the same clients
      (method === "GET" ? [method, "HEAD"] : [method]).map((one) => ({
        key: `${one} ${path}`,
        scopes: scopes.map((scope) => `${scopePrefix}${scope}`),
        authorization: scopes.length > 0 ? "JWT" : "NONE",
        handler: expect.stringMatching(new RegExp(`^api${family === "tokens" ? "stations" : family}`)),
      })),
    ),
  ].sort((one, other) => one.key.localeCompare(other.key));

describe("RemoteApi", () => {
  it("has the routes of the route table, each with its scopes and its function", () => {
    expect(served(templateOf())).toEqual(expected("ocpp-relay/"));
  });

  it("leaves no route without scopes but the OpenAPI document's and the one for unknown paths", () => {
    const open = served(templateOf()).filter(({ scopes }) => scopes.length === 0);

    expect(open.map(({ key }) => key).sort()).toEqual(["GET /openapi.json", "HEAD /openapi.json"]);
    const template = templateOf();
    const fallback = resourceOf(template, "AWS::ApiGatewayV2::Route", "remote-api/Unmatched").Properties;
    expect(fallback).toMatchObject({ RouteKey: "$default", AuthorizationType: "NONE" });
    const sources = Object.values(resourcesOf(template, "AWS::Lambda::Permission"))
      .filter(({ Properties }) => JSON.stringify(Properties.FunctionName).includes("apiopenapi"))
      .map(({ Properties }) => Properties.SourceArn["Fn::Join"][1].at(-1));
    // the first does not match the ARN of `$default`, which has no method
    expect(sources.sort()).toEqual(["/*/*", "/*/*/*"]);
    const { Ref } = fallback.Target["Fn::Join"][1][1];
    const integrations = resourcesOf(template, "AWS::ApiGatewayV2::Integration");
    expect(JSON.stringify(integrations[Ref]?.Properties.IntegrationUri)).toContain("apiopenapi");
  });

  it("takes the tokens of the pool's clients by default", () => {
    const template = templateOf({ clients: "operator,acme" });
    const { JwtConfiguration, AuthorizerType } = resourceOf(
      template,
      "AWS::ApiGatewayV2::Authorizer",
      "remote-api",
    ).Properties;

    expect(AuthorizerType).toBe("JWT");
    expect(JSON.stringify(JwtConfiguration.Issuer)).toMatch(/cognito-idp.*identityUserPool/);
    expect(JwtConfiguration.Audience).toEqual(
      Object.keys(resourcesOf(template, "AWS::Cognito::UserPoolClient")).map((Ref) => ({ Ref })),
    );
  });

  it("takes another issuer's tokens by context, and then makes no user pool", () => {
    const template = templateOf({
      issuer: "https://login.example.com/",
      audience: "https://relay.example.com, second",
    });

    expect(resourceOf(template, "AWS::ApiGatewayV2::Authorizer", "remote-api").Properties).toMatchObject({
      JwtConfiguration: {
        Issuer: "https://login.example.com/",
        Audience: ["https://relay.example.com", "second"],
      },
    });
    expect(served(template)).toEqual(expected(""));
    template.resourceCountIs("AWS::Cognito::UserPool", 0);
  });

  it("puts another issuer's own prefix before the scopes", () => {
    const context = { issuer: "https://login.example.com/", audience: "a", scopePrefix: "api://relay/" };

    expect(served(templateOf(context))).toEqual(expected("api://relay/"));
  });

  it("is throttled and logged", () => {
    const { Properties } = resourceOf(templateOf(), "AWS::ApiGatewayV2::Stage", "remote-api");

    expect(Properties).toMatchObject({
      StageName: "$default",
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 500 },
    });
    expect(JSON.parse(Properties.AccessLogSettings.Format)).toMatchObject({
      requestId: "$context.requestId",
      functionRequestId: "$context.integration.requestId",
      clientId: "$context.authorizer.claims.client_id",
      status: "$context.status",
    });
  });

  it("logs who calls by every claim that the functions know a client by, and the runbook asks for each", () => {
    const { Properties } = resourceOf(templateOf(), "AWS::ApiGatewayV2::Stage", "remote-api");
    const claims = Object.entries<string>(JSON.parse(Properties.AccessLogSettings.Format)).flatMap(
      ([member, variable]) => {
        const [, claim] = /^\$context\.authorizer\.claims\.(\w+)$/.exec(variable) ?? [];
        return claim ? [[claim, member]] : [];
      },
    );
    const clientOf = (names: readonly (string | undefined)[]) =>
      clientIdOf({
        requestContext: {
          authorizer: { jwt: { claims: Object.fromEntries(names.map((name) => [name, name])) } },
        },
      } as unknown as HttpEvent);
    const inOrder = claims.map(([claim]) => claim);
    const runbook = readFileSync(new URL("../../../docs/runbook.md", import.meta.url), "utf8");

    expect(inOrder.map((_, n) => clientOf(inOrder.slice(n)))).toEqual(inOrder);
    expect(inOrder).toEqual(["client_id", "azp", "sub"]);
    const members = claims.map(([, member]) => member).join(", ");
    expect(runbook.match(/ by [^|\n]*\bclientId\b[^|\n]*/g)).toEqual(
      Array(2).fill(expect.stringContaining(members)),
    );
  });

  it("counts whom its throttle turns away: not a network at its limit, nor who asks for what is public", () => {
    const template = templateOf();
    const filter = resourceOf(template, "AWS::Logs::MetricFilter", "remote-api").Properties;
    const { Properties } = resourceOf(template, "AWS::ApiGatewayV2::Stage", "remote-api");

    expect(filter).toMatchObject({
      FilterPattern:
        '{ ($.service = "*") && ($.status = "429") && ($.integrationStatus != "429") && ($.route != "GET /openapi.json") && ($.route != "HEAD /openapi.json") && ($.route != "$default") }',
      MetricTransformations: [
        {
          MetricNamespace: "ocpp-relay",
          MetricName: "remoteApiThrottled",
          MetricValue: "1",
          Dimensions: [{ Key: "service", Value: "$.service" }],
        },
      ],
    });
    expect(Properties.AccessLogSettings.DestinationArn["Fn::GetAtt"][0]).toBe(filter.LogGroupName.Ref);
    // the pattern compares strings, and so they must be
    expect(Properties.AccessLogSettings.Format).toContain('"status":"$context.status"');
    expect(JSON.parse(Properties.AccessLogSettings.Format)).toMatchObject({
      service: "ocpp-relay-test",
      route: "$context.routeKey",
      integrationStatus: "$context.integration.status",
    });
  });

  it("lets through by context, and less on the one route that asks for no token", () => {
    const { Properties, DependsOn } = resourceOf(
      templateOf({ apiThrottle: "300/70" }),
      "AWS::ApiGatewayV2::Stage",
      "remote-api",
    );

    expect(Properties.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 300, ThrottlingBurstLimit: 70 });
    expect(Properties.RouteSettings).toEqual({
      "GET /openapi.json": { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 },
      "HEAD /openapi.json": { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 },
      $default: { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 },
    });
    // a stage cannot name a route that is not there yet
    expect(DependsOn).toContainEqual(expect.stringMatching(/^remoteapigetOpenApi/));
  });

  it("takes calls from pages of the origins that the context names and of the console, and of none without it", () => {
    const corsOf = (template: Template) =>
      resourceOf(template, "AWS::ApiGatewayV2::Api", "remote-api").Properties.CorsConfiguration;
    const { AllowOrigins, AllowHeaders, ExposeHeaders, AllowCredentials } = corsOf(
      templateOf({ corsOrigins: "https://a.example, http://localhost:3000" }),
    );

    expect(corsOf(templateOf({ console: "false" }))).toBeUndefined();
    const domain = { "Fn::GetAtt": [expect.stringMatching(/^consoleDistribution/), "DomainName"] };
    expect(AllowOrigins).toEqual([
      "https://a.example",
      "http://localhost:3000",
      { "Fn::Join": ["", ["https://", domain]] },
    ]);
    expect(AllowCredentials).toBeUndefined();
    // what the routes read of a request, and what their responses carry
    const taken = routes.flatMap(({ headers }) => Object.keys(headers ?? {}));
    const given = routes.flatMap(({ responses }) =>
      Object.values(responses).flatMap(({ headers }) => Object.keys(headers ?? {})),
    );
    expect(AllowHeaders).toEqual(expect.arrayContaining([...taken, "authorization", "content-type"]));
    expect(ExposeHeaders).toEqual(expect.arrayContaining(given.map((name) => name.toLowerCase())));
  });

  it("has a host name of one's own by context, and then no other", () => {
    const apiCertificate = "arn:aws:acm:eu-central-1:123456789012:certificate/0f3c";
    const template = templateOf({ apiDomain: "relay.example.com", apiCertificate });
    const isClosed = (of: Template) =>
      resourceOf(of, "AWS::ApiGatewayV2::Api", "remote-api").Properties.DisableExecuteApiEndpoint;

    template.hasResourceProperties("AWS::ApiGatewayV2::DomainName", {
      DomainName: "relay.example.com",
      DomainNameConfigurations: [
        { CertificateArn: apiCertificate, EndpointType: "REGIONAL", SecurityPolicy: "TLS_1_2" },
      ],
    });
    template.hasResource("AWS::ApiGatewayV2::ApiMapping", {
      Properties: { Stage: "$default" },
      DependsOn: [Match.stringLikeRegexp("^remoteapiStage")],
    });
    expect(isClosed(template)).toBe(true);
    expect(isClosed(templateOf())).toBe(false);
  });
});
