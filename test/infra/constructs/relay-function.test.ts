import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { type FunctionSpec, functionIds, functionSpecs } from "../../../infra/functions.ts";
import { INDEX, SEARCH_INDEX } from "../../../shared/store/keys.ts";
import { ownFunctionsOf, resourceOf, resourcesOf, statementsOf, templateOf } from "../../support/stack.ts";

const template = templateOf();
/** The console's rights, which are CDK's choice, are acknowledged one by one in infra/constructs/console.ts. */
const withoutConsole = templateOf({ console: "false" });
const functionOf = (id: string) => resourceOf(template, "AWS::Lambda::Function", id);
const environmentOf = (id: string) => functionOf(id).Properties.Environment.Variables;
/** The actions of one service that a function's role has, sorted. */
const rights = (id: string, service: string) =>
  [
    ...new Set(
      statementsOf(template, id)
        .flatMap(({ actions }) => actions)
        .filter((action) => action.startsWith(`${service}:`)),
    ),
  ].sort();

describe("the functions", () => {
  it("are those of the table and no others", () => {
    const handlers = Object.values(ownFunctionsOf(template));

    expect(handlers).toHaveLength(functionIds.length);
  });

  it.each(functionIds)("%s runs on nodejs24.x and arm64, with names in its stack traces", (id) => {
    expect(functionOf(id).Properties).toMatchObject({
      FunctionName: `ocpp-relay-test-${id}`,
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      MemorySize: (functionSpecs[id] as FunctionSpec).memoryMb ?? 1024,
      Environment: { Variables: { NODE_OPTIONS: "--enable-source-maps", LOG_LEVEL: "INFO" } },
    });
  });

  it.each(functionIds)("%s has a role and a log group of its own", (id) => {
    const { Role, LoggingConfig } = functionOf(id).Properties;
    const logGroup = LoggingConfig.LogGroup.Ref;
    const role = Role["Fn::GetAtt"][0];

    expect(resourceOf(template, "AWS::IAM::Role", id).Properties.ManagedPolicyArns).toBeUndefined();
    expect(role).toMatch(new RegExp(`^${id.replaceAll("-", "")}Role`));
    expect(resourcesOf(template, "AWS::Logs::LogGroup")[logGroup]).toMatchObject({
      Properties: { RetentionInDays: 30 },
    });
    expect(statementsOf(template, id)).toContainEqual({
      effect: "Allow",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [JSON.stringify({ "Fn::GetAtt": [logGroup, "Arn"] })],
    });
  });

  it("keep every log for a month, those of APIs and web ACLs too", () => {
    const logGroups = Object.values(resourcesOf(template, "AWS::Logs::LogGroup"));

    expect(logGroups).toHaveLength(functionIds.length + 5);
    for (const { Properties } of logGroups) expect(Properties.RetentionInDays).toBe(30);
  });

  it("are granted no wildcard action", () => {
    const allowed = statementsOf(withoutConsole).filter(({ effect }) => effect === "Allow");

    expect(allowed.flatMap(({ actions }) => actions).filter((action) => action.includes("*"))).toEqual([]);
  });

  it("that wait for other services most of their time have half of the memory", () => {
    const small = functionIds.filter((id) => functionOf(id).Properties.MemorySize === 512);

    expect(small).toEqual(["station-connect", "station-disconnect", "station-message", "events-publish"]);
  });

  const tracedIn = (of: Template) =>
    functionIds.filter((id) => {
      const { TracingConfig } = resourceOf(of, "AWS::Lambda::Function", id).Properties;
      const rights = statementsOf(of, id).filter(({ actions }) => actions.join().includes("xray:"));
      expect(rights).toEqual(
        TracingConfig
          ? [
              {
                effect: "Allow",
                actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
                resources: ['"*"'],
              },
            ]
          : [],
      );
      return TracingConfig?.Mode === "Active";
    });

  it("that serve API clients and run their commands are traced, and all or none where the context says so", () => {
    const serving = functionIds.filter((id) => /^(api|background|bulk)-/.test(id));

    expect(serving.length).toBeGreaterThan(9);
    expect(tracedIn(template)).toEqual(serving);
    expect(tracedIn(templateOf({ tracing: "all" }))).toEqual(functionIds);
    expect(tracedIn(templateOf({ tracing: "none" }))).toEqual([]);
  });

  it.each([
    [{}, { ApplicationLogLevel: "INFO", SystemLogLevel: "WARN" }],
    [{ platformLogs: "all" }, { ApplicationLogLevel: "INFO", SystemLogLevel: "INFO" }],
    [{ logLevel: "DEBUG" }, { ApplicationLogLevel: "DEBUG", SystemLogLevel: "WARN" }],
    // a metric is a line without a level, which is INFO for Lambda
    [{ logLevel: "ERROR" }, { ApplicationLogLevel: "INFO", SystemLogLevel: "WARN" }],
  ])("have their lines filtered with %j by %j", (context, levels) => {
    const functions = Object.values(ownFunctionsOf(templateOf(context)));

    for (const { Properties } of functions)
      expect(Properties.LoggingConfig).toMatchObject({ LogFormat: "JSON", ...levels });
  });

  it("are granted no wildcard resource but the ids of connections, the group's schedules and traces", () => {
    const wild = statementsOf(withoutConsole).filter(({ resources }) =>
      resources.some((resource) => resource.includes("*")),
    );

    for (const { actions, resources } of wild) {
      if (actions.every((action) => action.startsWith("xray:Put"))) continue;
      if (actions[0]?.startsWith("scheduler:")) {
        for (const action of actions) expect(action).toMatch(/^scheduler:(Create|Delete)Schedule$/);
        for (const resource of resources)
          expect(resource).toMatch(/:schedule\/ocpp-relay-test-attempts\/\*"/);
        continue;
      }
      expect(actions).toEqual(["execute-api:ManageConnections"]);
      for (const resource of resources)
        expect(resource).toMatch(/"\/station\/(POST|GET|DELETE)\/@connections\/\*"/);
    }
  });

  it.each(functionIds)("%s may do with the table what its row says", (id) => {
    const { table = [], publishesChanges }: FunctionSpec = functionSpecs[id];
    const stream = publishesChanges
      ? ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"]
      : [];

    const named = [...table, ...stream].map(
      (action) => `dynamodb:${action.startsWith("Query") ? "Query" : action}`,
    );
    expect(rights(id, "dynamodb")).toEqual([...new Set(named)].sort());
  });

  it("query the table and its indexes only where their rows have that query", () => {
    for (const id of functionIds) {
      const { table = [] }: FunctionSpec = functionSpecs[id];
      const queries = statementsOf(template, id).filter(({ actions }) => actions.includes("dynamodb:Query"));
      const resources = queries.flatMap(({ resources }) => resources);
      const indexes = { QueryIndex: `/index/${INDEX}`, QuerySearchIndex: `/index/${SEARCH_INDEX}` } as const;
      const isOfIndex = (resource: string) => resource.includes("/index/");

      for (const [query, index] of Object.entries(indexes))
        expect(resources.some((resource) => resource.includes(index))).toBe(
          table.includes(query as keyof typeof indexes),
        );
      expect(resources.some((resource) => !isOfIndex(resource))).toBe(table.includes("Query"));
    }
  });

  it.each<[string, string[]]>([
    ["station-connect", ["DELETE"]],
    ["api-stations", ["DELETE", "GET"]],
    ["api-synchronous", ["POST"]],
    ["background-command", ["POST"]],
  ])("%s may %j connections and knows where they are", (id, methods) => {
    const granted = statementsOf(template, id)
      .filter(({ actions }) => actions.includes("execute-api:ManageConnections"))
      .flatMap(({ resources }) => resources);

    expect(granted.map((resource) => /station\/(\w+)\/@connections/.exec(resource)?.[1])).toEqual(methods);
    expect(JSON.stringify(environmentOf(id).CONNECTIONS_ENDPOINT)).toMatch(/https:.*execute-api.*\/station/);
  });

  it("may reach connections only where the table says so", () => {
    for (const id of functionIds) {
      const granted = rights(id, "execute-api").length > 0;

      expect(granted).toBe("connections" in functionSpecs[id]);
      expect(environmentOf(id).CONNECTIONS_ENDPOINT !== undefined).toBe(granted);
    }
  });

  it("find their table in the environment", () => {
    for (const id of functionIds) {
      const variables = environmentOf(id);

      expect(variables.TABLE_NAME !== undefined).toBe("table" in functionSpecs[id]);
      if (variables.TABLE_NAME) expect(variables.LOG_DAYS).toBe("30");
    }
  });

  it.each(functionIds)("%s may invoke background-command or nothing, as its row says", (id) => {
    const { goesOnInBackground }: FunctionSpec = functionSpecs[id];
    const invoked = statementsOf(template, id).filter(({ actions }) =>
      actions.includes("lambda:InvokeFunction"),
    );

    expect(invoked).toHaveLength(goesOnInBackground ? 1 : 0);
    for (const { resources } of invoked)
      expect(resources.join()).toMatch(/:function:ocpp-relay-test-background-command"/);
    const name = goesOnInBackground ? "ocpp-relay-test-background-command" : undefined;
    expect(environmentOf(id).BACKGROUND_FUNCTION).toBe(name);
  });

  it.each([
    ["station-authorize", 10],
    ["station-message", 10],
    ["api-synchronous", 28],
    ["background-command", 60],
  ])("%s ends after %i s", (id, seconds) => {
    expect(functionOf(id).Properties.Timeout).toBe(seconds);
  });
});

describe("what is invoked asynchronously", () => {
  it.each(["background-command", "attempt-expiry", "attempt-stop"])(
    "%s is tried three times, and what failed for good is kept",
    (id) => {
      const { Properties } = resourceOf(template, "AWS::Lambda::EventInvokeConfig", id);
      const queue = Properties.DestinationConfig.OnFailure.Destination["Fn::GetAtt"][0];

      expect(Properties).toMatchObject({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 600 });
      expect(resourcesOf(template, "AWS::SQS::Queue")[queue]?.Properties).toMatchObject({
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: 1_209_600,
      });
    },
  );

  it("keeps its failures where only TLS reaches", () => {
    template.hasResourceProperties("AWS::SQS::QueuePolicy", {
      PolicyDocument: {
        Statement: [{ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }],
      },
    });
  });
});
