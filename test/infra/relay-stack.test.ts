import { describe, expect, it } from "vitest";
import { WrongContext } from "../../infra/wrong-context.ts";
import { resourceOf, resourcesOf, templateOf } from "../support/stack.ts";

const outputs = (context = {}) => templateOf(context).toJSON().Outputs as Record<string, { Value: unknown }>;
const CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";

describe("RelayStack", () => {
  it("says where its endpoints are, where tokens come from and where data lies", () => {
    const found = outputs({ clients: "operator,acme" });

    expect(Object.keys(found).sort()).toEqual([
      "AlarmTopicArn",
      "ClientIdacme",
      "ClientIdoperator",
      "ConsoleDistribution",
      "ConsoleUrl",
      "DeadLettersBackground",
      "DeadLettersBulk",
      "DeadLettersEvents",
      "DeadLettersTimers",
      "DeadLettersWebhooks",
      "EventBusName",
      "PasswordTableName",
      "RemoteApiUrl",
      "ScopePrefix",
      "StationDistribution",
      "StationUrl",
      "StationWebAclArn",
      "TableName",
      "TokenIssuer",
      "TokenUrl",
      "UserPoolId",
      "WebhookSecretTableName",
    ]);
    expect(JSON.stringify(found.StationUrl)).toMatch(/wss:\/\/.*DomainName.*\/ocpp/);
    expect(JSON.stringify(found.TokenUrl)).toMatch(/amazoncognito\.com\/oauth2\/token/);
    expect(found.ScopePrefix?.Value).toBe("ocpp-relay/");
  });

  it("names another issuer where there is one, and no pool", () => {
    const found = outputs({ issuer: "https://login.example.com/", audience: "a" });

    expect(found.TokenIssuer?.Value).toBe("https://login.example.com/");
    expect(found.ScopePrefix?.Value).toBe("(none)");
    expect(found).not.toHaveProperty("UserPoolId");
  });

  it("names the remote API's own host and what its DNS record points to", () => {
    const found = outputs({
      apiDomain: "relay.example.com",
      apiCertificate: "arn:aws:acm:eu-central-1:123456789012:certificate/0f3c",
    });

    expect(found.RemoteApiUrl?.Value).toBe("https://relay.example.com/");
    expect(found.RemoteApiAliasTarget?.Value).toEqual({
      "Fn::GetAtt": [expect.stringMatching(/^remoteapiDomain/), "RegionalDomainName"],
    });
  });

  it("gives every function of the API the prefix of scopes, by which it checks the roles of users", () => {
    const functions = Object.entries(resourcesOf(templateOf(), "AWS::Lambda::Function"));
    const ofApi = functions.filter(([id]) => id.startsWith("api"));

    expect(ofApi.length).toBeGreaterThan(5);
    for (const [id, { Properties }] of ofApi)
      expect(Properties.Environment.Variables, id).toMatchObject({ SCOPE_PREFIX: "ocpp-relay/" });
  });

  it("tells the OpenAPI document where tokens come from", () => {
    const described = (context = {}) =>
      resourceOf(templateOf(context), "AWS::Lambda::Function", "api-openapi").Properties.Environment
        .Variables;
    const other = { issuer: "https://login.example.com/", audience: "a" };

    expect(JSON.stringify(described().TOKEN_URL)).toMatch(/amazoncognito\.com\/oauth2\/token/);
    expect(described().SCOPE_PREFIX).toBe("ocpp-relay/");
    expect(described(other)).not.toHaveProperty("TOKEN_URL");
    expect(
      described({ ...other, tokenUrl: "https://login.example.com/token", scopePrefix: "x/" }),
    ).toMatchObject({
      TOKEN_URL: "https://login.example.com/token",
      SCOPE_PREFIX: "x/",
    });
  });

  it.each([
    [{ stage: "Prod 1" }, /stage=Prod 1/],
    [{ stage: "github" }, /stage=github/],
    [{ stage: "station-acl" }, /stage=station-acl/],
    [
      { stage: "aws-test" },
      /^context stage=aws-test: Cognito's token URL would begin with ocpp-relay-aws-test-, .* cognitoDomain, without aws,/,
    ],
    [
      { cognitoDomain: "my-amazon-login" },
      /^context cognitoDomain=my-amazon-login: up to 63 .*, without aws, amazon, cognito$/,
    ],
    [{ cognitoDomain: "Charging" }, /cognitoDomain=Charging/],
    [{ cognitoDomain: "charging-" }, /cognitoDomain=charging-/],
    [{ issuer: "https://login.example.com/" }, /audience/],
    [{ issuer: "login.example.com", audience: "x" }, /issuer=login\.example\.com/],
    [{ issuer: "http://login.example.com", audience: "x" }, /issuer=http:/],
    [{ issuer: "https://login.example.com/", audience: "x", tokenUrl: "/token" }, /tokenUrl=\/token/],
    [{ tokenUrl: "https://login.example.com/token" }, /tokenUrl needs issuer/],
    [{ audience: "x" }, /audience needs issuer/],
    [{ cognitoDomain: "my.relay" }, /cognitoDomain=my\.relay/],
    [{ cognitoDomain: "aws-relay" }, /cognitoDomain=aws-relay/],
    [{ clients: "a b" }, /clients: a b/],
    [{ clients: "a,b,a" }, /clients: none twice/],
    [{ clients: "a-b,ab" }, /clients: .*differ in dashes only/],
    [{ logDays: "0" }, /logDays=0/],
    [{ logHeartbeats: "each" }, /logHeartbeats=each: true or false/],
    [{ logDays: "month" }, /logDays=month/],
    [{ tracing: "off" }, /tracing=off: api, all or none/],
    [{ platformLogs: "some" }, /platformLogs=some: failures or all/],
    [{ heartbeatInterval: "9" }, /heartbeatInterval=9: 10 to 540 seconds/],
    [{ heartbeatInterval: "541" }, /heartbeatInterval=541/],
    [{ heartbeatInterval: "often" }, /heartbeatInterval=often/],
    [{ keepWarm: "two" }, /keepWarm=two: a number of environments/],
    [{ keepWarm: "-1" }, /keepWarm=-1/],
    [{ keepWarm: "201" }, /keepWarm=201: 200 at most, as many as lambdaConcurrency reserves/],
    [{ keepWarm: "41", lambdaConcurrency: "200" }, /keepWarm=41: 40 at most/],
    [{ stationAnswers: "mail" }, /stationAnswers=mail: post or route/],
    [{ apiGatewayLogRole: "no" }, /apiGatewayLogRole=no/],
    [{ logLevel: "LOUD" }, /logLevel=LOUD/],
    [{ alarmEmail: "nobody" }, /alarmEmail=nobody/],
    [{ lambdaConcurrency: "many" }, /lambdaConcurrency=many/],
    [{ lambdaConcurrency: "-1" }, /lambdaConcurrency=-1/],
    [{ corsOrigins: "*" }, /corsOrigins: \*/],
    [{ corsOrigins: "https://a.example,http://b.example" }, /corsOrigins: http:\/\/b\.example/],
    [{ corsOrigins: "https://a.example/" }, /corsOrigins: https:\/\/a\.example\//],
    [{ apiThrottle: "1000" }, /apiThrottle=1000/],
    [{ stationThrottle: "0/10" }, /stationThrottle=0\/10/],
    [{ apiDomain: "relay.example.com" }, /apiDomain and apiCertificate/],
    [{ apiDomain: "https://relay.example.com", apiCertificate: CERTIFICATE }, /apiDomain=https:/],
    [{ apiDomain: "relay.example.com", apiCertificate: "relay.pem" }, /apiCertificate=relay\.pem/],
    [{ webAcl: "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/a/b" }, /webAcl=arn/],
    [{ stationAnswers: "both" }, /stationAnswers=both/],
    [{ webAclRate: "5" }, /webAclRate=5/],
    [{ tags: "team" }, /tags: team/],
    [{ tags: "aws:team=x" }, /tags: aws:team=x/],
  ])("refuses %j in one line", (context, message) => {
    const refused = () => templateOf(context);

    expect(refused).toThrow(WrongContext);
    expect(refused).toThrow(message);
    expect(refused).not.toThrow(/\n/);
  });

  it.each([
    ["clients", 50, { console: "false" }],
    ["clients", 49, {}],
    ["audience", 50, { issuer: "https://login.example.com/" }],
  ])("takes as many %s as an authorizer takes audiences, %i with %o, and no more", (key, most, context) => {
    const withSo = (many: number) =>
      templateOf({
        ...(context as Record<string, string>),
        [key]: Array.from({ length: many }, (_, index) => `c${index}`).join(),
      });
    const authorizer = resourceOf(withSo(most), "AWS::ApiGatewayV2::Authorizer", "remote-api");

    expect(authorizer.Properties.JwtConfiguration.Audience).toHaveLength(50);
    expect(() => withSo(most + 1)).toThrow(WrongContext);
    expect(() => withSo(most + 1)).toThrow(new RegExp(`context ${key}.*: 51 .* 50 at most`));
  });

  it("takes a stage that Cognito would not where the token URL's host does not name it", () => {
    const other = { issuer: "https://login.example.com/", audience: "a" };

    expect(() => templateOf({ stage: "aws-test", cognitoDomain: "charging-acme" })).not.toThrow();
    expect(() => templateOf({ stage: "aws-test", ...other })).not.toThrow();
  });

  it.each([
    [{}, { LOG_HEARTBEATS: "false", HEARTBEAT_INTERVAL: "300" }],
    [
      { logHeartbeats: "true", heartbeatInterval: "540" },
      { LOG_HEARTBEATS: "true", HEARTBEAT_INTERVAL: "540" },
    ],
  ])("hands what it says of Heartbeats to the function that answers them: %j", (context, Variables) => {
    templateOf(context).hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "ocpp-relay-test-station-message",
      Environment: { Variables },
    });
  });

  it("keeps environments of synchronous commands and of handshakes warm, and has the APIs invoke those", () => {
    const template = templateOf({ keepWarm: "2" });
    const aliases = Object.entries(resourcesOf(template, "AWS::Lambda::Alias"));
    const versions = resourcesOf(template, "AWS::Lambda::Version");
    const invoked = JSON.stringify([
      Object.values(resourcesOf(template, "AWS::ApiGatewayV2::Integration")),
      Object.values(resourcesOf(template, "AWS::ApiGatewayV2::Authorizer")),
    ]);

    const keptWarm = aliases.map(([logicalId, { Properties }]) => {
      const { FunctionName, FunctionVersion, ProvisionedConcurrencyConfig } = Properties;
      expect(ProvisionedConcurrencyConfig).toEqual({ ProvisionedConcurrentExecutions: 2 });
      expect(versions[FunctionVersion["Fn::GetAtt"][0]]?.Properties.FunctionName).toEqual(FunctionName);
      expect(invoked).toContain(`"Ref":"${logicalId}"`);
      expect(invoked).not.toContain(`"${FunctionName.Ref}"`);
      return resourcesOf(template, "AWS::Lambda::Function")[FunctionName.Ref]?.Properties.FunctionName;
    });
    expect(keptWarm.sort()).toEqual(["ocpp-relay-test-api-synchronous", "ocpp-relay-test-station-authorize"]);
  });

  it("publishes no version where nothing is kept warm", () => {
    templateOf().resourceCountIs("AWS::Lambda::Version", 0);
    templateOf().resourceCountIs("AWS::Lambda::Alias", 0);
  });

  it("leaves the number of warm environments to Lambda where nothing is reserved", () => {
    expect(() => templateOf({ keepWarm: "201", lambdaConcurrency: "none" })).not.toThrow();
  });

  it("hands logDays and logLevel to the functions", () => {
    templateOf({ logDays: "90", logLevel: "DEBUG" }).hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "ocpp-relay-test-station-message",
      Environment: { Variables: { LOG_DAYS: "90", LOG_LEVEL: "DEBUG" } },
    });
  });
});
