import { expect, it } from "vitest";
import { resourcesOf, type TemplateResource, templateOf } from "../../support/stack.ts";

const template = templateOf();
const ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl";
const alarms = Object.values(resourcesOf(template, "AWS::CloudWatch::Alarm"));
const nameOf = ({ Properties }: TemplateResource): string =>
  Properties.AlarmName.replace(/^ocpp-relay-test-/, "");

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
type Raw = any;

/** What a dimension is about: a name, or the construct that something is named by. */
const aboutOf = ({ Value }: Raw): string =>
  typeof Value === "string" ? Value : (Value.Ref ?? Value["Fn::GetAtt"][0]).replace(/[0-9A-F]{8}$/, "");

/** `AWS/SQS … Maximum of <queue>`. Sums are not named, and the own metrics are those of the stack. */
function metric({ Namespace, MetricName, Dimensions = [] }: Raw, statistic: string): string {
  const of = Dimensions.filter(({ Name }: Raw) => Name !== "service").map(aboutOf);
  return [
    `${Namespace} ${MetricName}`,
    ...(statistic === "Sum" ? [] : [statistic]),
    ...(of.length > 0 ? [`of ${of.join(" ")}`] : []),
  ].join(" ");
}

/** What an alarm looks at: its expression, and what the names in it stand for. */
function looksAt({ Properties }: TemplateResource): [string, Record<string, string>?] {
  const { Metrics, Statistic } = Properties;
  if (!Metrics) return [metric(Properties, Statistic)];
  const entries: Raw[] = Metrics;
  const written = ({ Expression, MetricStat }: Raw): string =>
    Expression ?? metric(MetricStat.Metric, MetricStat.Stat);
  const result = entries.find(({ ReturnData = true }) => ReturnData);
  const rest = entries.filter((entry) => entry !== result);
  return rest.length > 0
    ? [written(result), Object.fromEntries(rest.map((entry) => [entry.Id, written(entry)]))]
    : [written(result)];
}

/** `5 in 2 of 3 × 300 s`: the threshold from which on so many periods, of so many and so long, are bad. */
function when({ Properties }: TemplateResource): string {
  const { Threshold, DatapointsToAlarm, EvaluationPeriods, Period, Metrics = [] } = Properties;
  const seconds = new Set([Period, ...Metrics.map(({ MetricStat }: Raw) => MetricStat?.Period)]);
  seconds.delete(undefined);
  return `${Threshold} in ${DatapointsToAlarm} of ${EvaluationPeriods} × ${[...seconds].join()} s`;
}

/** `SUM([m0, m1, …])` of one metric of several. */
const sum = (metric: string, ...of: readonly string[]): [string, Record<string, string>] => [
  `SUM([${of.map((_, n) => `m${n}`).join(", ")}])`,
  Object.fromEntries(of.map((each, n) => [`m${n}`, `${metric} of ${each}`])),
];

const stationFunctions = ["stationauthorize", "stationconnect", "stationdisconnect", "stationmessage"];
const apiFunctions = [
  "apisynchronous",
  "apiasynchronous",
  "apiraw",
  "apirates",
  "apicommands",
  "apistations",
  "apibulk",
  "apiwebhooks",
  "apinetworks",
  "apiopenapi",
];
const asynchronousFunctions = ["backgroundcommand", "attemptexpiry", "attemptstop"];
const backgroundFunctions = [...asynchronousFunctions, "eventspublish", "bulkrun", "webhookdeliver"];
const tableOperations = ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"];
/** Those of each table that its alarms look at. */
const requestsToTables = [
  ...tableOperations.map((each) => `${each} statetableTable`),
  ...["BatchGetItem", "UpdateItem"].map((each) => `${each} passwordtableTable`),
];
const stationApi = "of stationgatewayApi station";
const remoteApi = "of remoteapiApi $default";
const deadLetters = "AWS/SQS ApproximateNumberOfMessagesVisible Maximum of";
const timers = "of ocpp-relay-test-attempts";

/** What each looks at, and from where on, in how many periods of how many, it goes off. */
const table: Record<string, readonly [string, string] | readonly [string, Record<string, string>, string]> = {
  "station-api-errors": [
    "IF(SUM([failed, refused, connects, messages]) >= 20, 100 * SUM([failed, refused]) / SUM([failed, refused, connects, messages]), 0)",
    {
      failed: `AWS/ApiGateway ExecutionError ${stationApi}`,
      refused: `AWS/ApiGateway IntegrationError ${stationApi}`,
      connects: `AWS/ApiGateway ConnectCount ${stationApi}`,
      messages: `AWS/ApiGateway MessageCount ${stationApi}`,
    },
    "5 in 2 of 3 × 300 s",
  ],
  "failed-handshakes": [
    "IF(SUM([failed, connects]) >= 20, 100 * failed / SUM([failed, connects]), 0)",
    { failed: "ocpp-relay handshakeFailed", connects: "ocpp-relay connects" },
    "50 in 3 of 3 × 300 s",
  ],
  "held-back": ["ocpp-relay handshakeFailed of heldBack", "200 in 2 of 2 × 900 s"],
  "stations-gone": [
    "IF(SUM([begun, ended]) >= 20, 100 * SUM([ended, none]) / SUM([begun, ended]))",
    { begun: "ocpp-relay connects", ended: "ocpp-relay disconnects", none: "begun * 0" },
    "67 in 1 of 1 × 10800 s",
  ],
  "stations-refused": ["ocpp-relay refusedAgain", "1 in 1 of 1 × 3600 s"],
  "station-function-errors": [
    "total - SUM([refused, none])",
    {
      total: "SUM([m0, m1, m2, m3])",
      ...sum("AWS/Lambda Errors", ...stationFunctions)[1],
      refused: "ocpp-relay handshakeFailed",
      none: "total * 0",
    },
    "5 in 2 of 2 × 300 s",
  ],
  "station-throttles": [...sum("AWS/Lambda Throttles", ...stationFunctions), "1 in 1 of 1 × 300 s"],
  "station-rate-exceeded": ["ocpp-relay stationApiThrottled", "100 in 2 of 3 × 300 s"],
  "station-door-errors": [
    "AWS/CloudFront 5xxErrorRate Average of stationdoorDistribution Global",
    "5 in 2 of 3 × 300 s",
  ],
  "station-door-blocked": [
    "AWS/WAFV2 BlockedRequests of ALL ocpp-relay-test-station-acl",
    "100 in 3 of 3 × 300 s",
  ],
  "command-failures": [
    "IF(SUM([timedOut, connectionLost, invalidAnswer, busy, failed, answered, callError]) >= 20, 100 * SUM([timedOut, connectionLost, invalidAnswer, busy, failed]) / SUM([timedOut, connectionLost, invalidAnswer, busy, failed, answered, callError]), 0)",
    Object.fromEntries(
      ["timedOut", "connectionLost", "invalidAnswer", "busy", "failed", "answered", "callError"].map(
        (outcome) => [outcome, `ocpp-relay commands of ${outcome}`],
      ),
    ),
    "30 in 3 of 3 × 300 s",
  ],
  "leases-reaped": ["ocpp-relay leasesReaped", "1 in 1 of 1 × 300 s"],
  "api-errors": [
    "IF(requests >= 20, 100 * errors / requests, 0)",
    { errors: `AWS/ApiGateway 5xx ${remoteApi}`, requests: `AWS/ApiGateway Count ${remoteApi}` },
    "30 in 3 of 3 × 300 s",
  ],
  "internal-errors": ["ocpp-relay internalErrors", "5 in 1 of 1 × 300 s"],
  "api-function-errors": [...sum("AWS/Lambda Errors", ...apiFunctions), "5 in 1 of 1 × 300 s"],
  "api-throttles": [...sum("AWS/Lambda Throttles", ...apiFunctions), "10 in 2 of 2 × 300 s"],
  "api-rate-exceeded": ["ocpp-relay remoteApiThrottled", "100 in 2 of 3 × 300 s"],
  "token-requests-blocked": [
    "AWS/WAFV2 BlockedRequests of AWS::Region ALL ocpp-relay-test-token-acl",
    "100 in 3 of 3 × 300 s",
  ],
  "dead-letters-background": [`${deadLetters} backgroundfailuresQueue`, "1 in 1 of 1 × 300 s"],
  "dead-letters-timers": [`${deadLetters} attempttimersFailures`, "1 in 1 of 1 × 300 s"],
  "dead-letters-events": [`${deadLetters} outgoingeventsFailures`, "1 in 1 of 1 × 300 s"],
  "dead-letters-bulk": [`${deadLetters} bulkqueueFailures`, "1 in 1 of 1 × 300 s"],
  "dead-letters-webhooks": [`${deadLetters} webhookqueueFailures`, "1 in 1 of 1 × 300 s"],
  "webhooks-disabled": ["ocpp-relay webhooksDisabled", "1 in 1 of 1 × 300 s"],
  "dead-letters-lost": [
    ...sum("AWS/Lambda DestinationDeliveryFailures", ...asynchronousFunctions),
    "1 in 1 of 1 × 300 s",
  ],
  "background-function-errors": [...sum("AWS/Lambda Errors", ...backgroundFunctions), "5 in 1 of 1 × 300 s"],
  "background-throttles": [...sum("AWS/Lambda Throttles", ...backgroundFunctions), "10 in 3 of 3 × 300 s"],
  "timers-failing": [`AWS/Scheduler TargetErrorCount ${timers}`, "5 in 2 of 3 × 300 s"],
  "timers-dropped": [
    "SUM([m0, m1])",
    {
      m0: `AWS/Scheduler InvocationDroppedCount ${timers}`,
      m1: `AWS/Scheduler InvocationsFailedToBeSentToDeadLetterCount ${timers}`,
    },
    "1 in 1 of 1 × 300 s",
  ],
  "events-behind": ["AWS/Lambda IteratorAge Maximum of eventspublish", "300000 in 3 of 3 × 300 s"],
  "table-throttles": [...sum("AWS/DynamoDB ThrottledRequests", ...requestsToTables), "10 in 2 of 3 × 300 s"],
  "table-errors": [...sum("AWS/DynamoDB SystemErrors", ...requestsToTables), "5 in 2 of 3 × 300 s"],
  concurrency: ["AWS/Lambda UnreservedConcurrentExecutions Maximum", "400 in 3 of 5 × 60 s"],
};

it("goes off from there on, looking at that", () => {
  const found = alarms.map((alarm) => [nameOf(alarm), [...looksAt(alarm), when(alarm)]]);

  expect(Object.fromEntries(found)).toEqual(table);
});

it("takes want of data for nothing wrong, but for stations gone: then there is none until they are back", () => {
  const others = alarms.filter(({ Properties }) => Properties.TreatMissingData !== "notBreaching");

  expect(others.map((alarm) => [nameOf(alarm), alarm.Properties.TreatMissingData])).toEqual([
    ["stations-gone", "ignore"],
  ]);
});

it("goes off from a value upwards", () => {
  expect(new Set(alarms.map(({ Properties }) => Properties.ComparisonOperator))).toEqual(
    new Set(["GreaterThanOrEqualToThreshold"]),
  );
});

it("has no figure less for something that is taken off it and has none itself", () => {
  const differences = alarms.flatMap((alarm) => {
    const [expression, named = {}] = looksAt(alarm);
    return expression.includes(" - ") ? [[expression, named] as const] : [];
  });

  expect(differences).toHaveLength(1);
  for (const [expression, named] of differences) {
    const [, minuend, array = ""] = /^(\w+) - SUM\(\[(.+)\]\)$/.exec(expression) ?? [];
    // one of what is taken off is there whenever the minuend is, and takes off nothing
    expect(array.split(", ").map((name) => named[name])).toContain(`${minuend} * 0`);
  }
});

it("names the web ACLs as their metrics do", () => {
  const names = Object.values(resourcesOf(template, "AWS::WAFv2::WebACL")).map(
    ({ Properties }) => Properties.VisibilityConfig.MetricName,
  );

  expect(names.sort()).toEqual(["ocpp-relay-test-station-acl", "ocpp-relay-test-token-acl"]);
});

it.each([
  [{ webAcl: `${ACL}/all-stations/0f3c` }, ["station-door-blocked", "token-requests-blocked"]],
  [{ webAcl: "none" }, []],
  [{ issuer: "https://login.example.com/", audience: "a" }, ["station-door-blocked"]],
])("under %j, looks at these web ACLs: %j", (context, expected) => {
  const found = Object.values(resourcesOf(templateOf(context), "AWS::CloudWatch::Alarm"));
  const blocked = found.filter((alarm) => nameOf(alarm).endsWith("-blocked"));

  expect(blocked.map(nameOf).sort()).toEqual(expected);
});

it("takes another web ACL's name for what its metrics are called", () => {
  const found = resourcesOf(templateOf({ webAcl: `${ACL}/all-stations/0f3c` }), "AWS::CloudWatch::Alarm");
  const [blocked] = Object.values(found).filter((alarm) => nameOf(alarm) === "station-door-blocked");

  expect(blocked && looksAt(blocked)).toEqual(["AWS/WAFV2 BlockedRequests of ALL all-stations"]);
});

it("looks at the worst of two endpoints", () => {
  const both = templateOf({
    trustStore: "s3://acme-trust/stations.pem",
    certificateDomain: "cert.example.com",
    certificateDomainCertificate: "arn:aws:acm:us-east-1:123456789012:certificate/0f3c",
  });
  const endpoints = Object.values(resourcesOf(both, "AWS::CloudWatch::Alarm")).filter(
    (alarm) => nameOf(alarm) === "station-door-errors",
  );

  expect(endpoints.map(looksAt)).toEqual([
    [
      "MAX([m0, m1])",
      {
        m0: "AWS/CloudFront 5xxErrorRate Average of stationdoorDistribution Global",
        m1: "AWS/CloudFront 5xxErrorRate Average of certificatedoorDistribution Global",
      },
    ],
  ]);
});
