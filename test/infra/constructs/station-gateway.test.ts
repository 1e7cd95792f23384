import { describe, expect, it } from "vitest";
import { API_THROTTLE, REGIONS_OF_LOW_RATE } from "../../../infra/limits.ts";
import { resourceOf, resourcesOf, templateOf } from "../../support/stack.ts";

const template = templateOf();
const routes = Object.values(resourcesOf(template, "AWS::ApiGatewayV2::Route"));
const route = (key: string) => routes.find(({ Properties }) => Properties.RouteKey === key)?.Properties;
const [api] = Object.values(resourcesOf(template, "AWS::ApiGatewayV2::Api"))
  .map(({ Properties }) => Properties)
  .filter(({ ProtocolType }) => ProtocolType === "WEBSOCKET");
const messageFunction = (of: typeof template) =>
  resourceOf(of, "AWS::Lambda::Function", "stationmessage").Properties.Environment.Variables;

describe("StationGateway", () => {
  it("sends every frame to $default, whatever is in it", () => {
    expect(api?.RouteSelectionExpression).toBe("\\$default");
  });

  it.each([
    ["$connect", "stationconnect"],
    ["$disconnect", "stationdisconnect"],
    ["$default", "stationmessage"],
  ])("serves %s by %s", (key, handler) => {
    const integration = route(key)?.Target["Fn::Join"][1][1].Ref;

    expect(resourcesOf(template, "AWS::ApiGatewayV2::Integration")[integration]).toMatchObject({
      Properties: { IntegrationType: "AWS_PROXY" },
    });
    expect(JSON.stringify(resourcesOf(template, "AWS::ApiGatewayV2::Integration")[integration])).toContain(
      handler,
    );
  });

  it("sends nothing on a connection by itself", () => {
    expect(route("$default")).not.toHaveProperty("RouteResponseSelectionExpression");
    template.resourceCountIs("AWS::ApiGatewayV2::RouteResponse", 0);
    expect(messageFunction(template)).toMatchObject({ STATION_ANSWERS: "post" });
  });

  it("answers on the connection what the message function returns, with stationAnswers=route", () => {
    const template = templateOf({ stationAnswers: "route" });
    const [id, $default] =
      Object.entries(resourcesOf(template, "AWS::ApiGatewayV2::Route")).find(
        ([, { Properties }]) => Properties.RouteKey === "$default",
      ) ?? [];

    expect($default?.Properties.RouteResponseSelectionExpression).toBe("$default");
    expect(messageFunction(template)).toMatchObject({ STATION_ANSWERS: "route" });
    template.hasResourceProperties("AWS::ApiGatewayV2::RouteResponse", {
      RouteId: { Ref: id },
      RouteResponseKey: "$default",
    });
  });

  it("authorizes every handshake, and needs no Authorization header to ask", () => {
    const authorizer = resourcesOf(template, "AWS::ApiGatewayV2::Authorizer")[
      route("$connect")?.AuthorizerId.Ref
    ]?.Properties;

    expect(route("$connect")?.AuthorizationType).toBe("CUSTOM");
    expect(authorizer).toMatchObject({
      AuthorizerType: "REQUEST",
      IdentitySource: ["route.request.querystring.identity"],
    });
    expect(JSON.stringify(authorizer?.AuthorizerUri)).toContain("stationauthorize");
  });

  it("deploys by itself, throttled and with an access log", () => {
    const { Properties } = resourceOf(template, "AWS::ApiGatewayV2::Stage", "station-gateway");

    expect(Properties).toMatchObject({
      StageName: "station",
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: expect.anything() },
    });
    expect(JSON.parse(Properties.AccessLogSettings.Format)).toEqual({
      service: "ocpp-relay-test",
      requestId: "$context.requestId",
      route: "$context.routeKey",
      connectionId: "$context.connectionId",
      cpId: "$context.authorizer.cpId",
      status: "$context.status",
      integrationStatus: "$context.integration.status",
      error: "$context.error.message",
    });
  });

  it("counts whom its throttle turns away", () => {
    const filter = resourceOf(template, "AWS::Logs::MetricFilter", "station-gateway").Properties;
    const { Properties } = resourceOf(template, "AWS::ApiGatewayV2::Stage", "station-gateway");

    expect(filter).toMatchObject({
      FilterPattern: '{ ($.service = "*") && ($.status = "429") && ($.integrationStatus != "429") }',
      MetricTransformations: [
        {
          MetricNamespace: "ocpp-relay",
          MetricName: "stationApiThrottled",
          Dimensions: [{ Key: "service", Value: "$.service" }],
        },
      ],
    });
    expect(Properties.AccessLogSettings.DestinationArn["Fn::GetAtt"][0]).toBe(filter.LogGroupName.Ref);
    expect(JSON.parse(Properties.AccessLogSettings.Format)).toMatchObject({
      service: "ocpp-relay-test",
      status: "$context.status",
      integrationStatus: "$context.integration.status",
    });
  });

  it("lets through by context", () => {
    const { Properties } = resourceOf(
      templateOf({ stationThrottle: "9000/4500" }),
      "AWS::ApiGatewayV2::Stage",
      "station-gateway",
    );

    expect(Properties.DefaultRouteSettings).toEqual({
      ThrottlingRateLimit: 9000,
      ThrottlingBurstLimit: 4500,
    });
  });

  it("lets less through where an account has a low rate, in as many regions as AWS lists", () => {
    const { Properties } = resourceOf(template, "AWS::ApiGatewayV2::Stage", "station-gateway");
    const [name = "", low, other] = Properties.DefaultRouteSettings.ThrottlingRateLimit["Fn::If"];
    const condition = template.toJSON().Conditions[name];

    expect([low, other]).toEqual([1500, 5000]);
    expect(Properties.DefaultRouteSettings.ThrottlingBurstLimit).toEqual({ "Fn::If": [name, 750, 2500] });
    expect(JSON.stringify(condition).match(/"[a-z]{2}-[a-z]+-\d"/g)).toEqual(
      REGIONS_OF_LOW_RATE.map((region) => `"${region}"`),
    );
    expect(low + API_THROTTLE.rateLimit).toBeLessThanOrEqual(2500);
    const choices = condition["Fn::Or"].map((part: { "Fn::Or": object[] }) => part["Fn::Or"].length);
    expect(Math.max(...choices)).toBeLessThanOrEqual(10); // CloudFormation's limit
  });

  it("waits for the account's log role, or leaves it alone where there is one", () => {
    const [account] = Object.keys(resourcesOf(template, "AWS::ApiGateway::Account"));
    const stage = Object.values(template.findResources("AWS::ApiGatewayV2::Stage")).find(
      ({ Properties }) => Properties.StageName === "station",
    );

    expect(stage?.DependsOn).toContain(account);
    templateOf({ apiGatewayLogRole: "false" }).resourceCountIs("AWS::ApiGateway::Account", 0);
  });

  it("is there before the account's log role is set, and so is the role itself", () => {
    const account = resourceOf(template, "AWS::ApiGateway::Account", "api-gateway-log-role");
    const [api] = Object.entries(resourcesOf(template, "AWS::ApiGatewayV2::Api")).find(
      ([, { Properties }]) => Properties.ProtocolType === "WEBSOCKET",
    ) ?? [""];

    expect(account.DependsOn).toContain(api);
    expect(account.DependsOn).toContainEqual(expect.stringMatching(/^apigatewaylogroleRole/));
  });
});
