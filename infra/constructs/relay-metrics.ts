import { Aws, Duration } from "aws-cdk-lib";
import type { IDistribution } from "aws-cdk-lib/aws-cloudfront";
import { type IMetric, MathExpression, Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { ScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { type MetricName, metrics, NAMESPACE } from "../../shared/metrics.ts";
import type { FunctionId, PasswordAction, TableAction } from "../functions.ts";
import { throttleMetrics } from "./access-log.ts";

/** What there is to look at. */
export interface Watched {
  /** The stack's name: what its own metrics carry as `service`. */
  readonly service: string;
  readonly functions: Readonly<Record<FunctionId, LambdaFunction>>;
  readonly table: ITable;
  readonly passwordTable: ITable;
  /** Where ends what failed for good. */
  readonly deadLetters: Readonly<Record<"background" | "timers" | "events" | "bulk" | "webhooks", Queue>>;
  readonly scheduleGroup: ScheduleGroup;
  readonly remoteApi: Stage;
  readonly stationApi: Stage;
  /** What stations connect to. */
  readonly endpoints: readonly IDistribution[];
  /** By the names that their metrics have, where there are such web ACLs. */
  readonly webAcls: { readonly station?: string | undefined; readonly token?: string | undefined };
  /** The most that functions without a share have of the account's concurrency. @default unknown */
  readonly unreservedConcurrency?: number;
}

interface Stage {
  readonly apiId: string;
  readonly stageName: string;
}

export const PERIOD = Duration.minutes(5);

/** What the table is asked: the actions in infra/functions.ts. */
const operations: readonly TableAction[] = [
  "GetItem",
  "BatchGetItem",
  "Query",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
];

/** What handshakes and registrations ask the table of password hashes. An alarm can use ten metrics, and the table has six. */
const passwordOperations: readonly PasswordAction[] = ["BatchGetItem", "UpdateItem"];

/**
 * A figure that is worked out of others, which the expression calls by their names here.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export const math = (
  label: string,
  expression: string,
  usingMetrics: Readonly<Record<string, IMetric>>,
  period = PERIOD,
): MathExpression => new MathExpression({ label, expression, usingMetrics: { ...usingMetrics }, period });

/** The sum of series by their names: an array's is a series, a single series' own would be a number. */
export const sumOf = (names: readonly string[]): string =>
  names.length === 1 ? String(names[0]) : `SUM([${names.join(", ")}])`;

/**
 * Their sum. An array's members may be without data. Operators take a missing value for 0 (according to AWS), and
 * nothing of metrics that have none at all: `a + b` might be no figure until both have gone wrong.
 */
export const sum = (label: string, summands: readonly IMetric[]): MathExpression => {
  const named = Object.fromEntries(summands.map((metric, n) => [`m${n}`, metric]));
  return math(label, sumOf(Object.keys(named)), named);
};

/** The metrics of what is watched, by the names that the services' documentation gives them. */
export class RelayMetrics {
  readonly watched: Watched;

  constructor(watched: Watched) {
    this.watched = watched;
  }

  /** One that the code counts or measures: see shared/metrics.ts. */
  own(
    name: MetricName,
    dimensions: Readonly<Record<string, string>> = {},
    options: MetricOptions = {},
  ): Metric {
    const statistic = metrics[name].unit === "Count" ? "Sum" : "p50";
    const dimensionsMap = { service: this.watched.service, ...dimensions };
    return new Metric({
      namespace: NAMESPACE,
      metricName: name,
      dimensionsMap,
      statistic,
      period: PERIOD,
      ...options,
    });
  }

  /** One of them by all values that its dimensions have had. For graphs: an alarm cannot search. */
  searched(name: MetricName, dimensions: readonly string[]): MathExpression {
    const schema = [`"${NAMESPACE}"`, ...dimensions, "service"].join();
    return new MathExpression({
      expression: `SEARCH('{${schema}} service="${this.watched.service}" MetricName="${name}"', 'Sum', ${PERIOD.toSeconds()})`,
      label: "",
      period: PERIOD,
    });
  }

  /** Requests that a stage throttled, counted in its access log. */
  throttled(api: keyof typeof throttleMetrics): Metric {
    const dimensionsMap = { service: this.watched.service };
    const metricName = throttleMetrics[api];
    return new Metric({ namespace: NAMESPACE, metricName, dimensionsMap, statistic: "Sum", period: PERIOD });
  }

  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html */
  remoteApi(metricName: "Count" | "4xx" | "5xx" | "Latency", statistic = "Sum"): Metric {
    return this.#stage(this.watched.remoteApi, metricName, statistic);
  }

  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html */
  stationApi(
    metricName: "ConnectCount" | "MessageCount" | "ClientError" | "IntegrationError" | "ExecutionError",
  ): Metric {
    return this.#stage(this.watched.stationApi, metricName, "Sum");
  }

  #stage({ apiId, stageName }: Stage, metricName: string, statistic: string): Metric {
    const dimensionsMap = { ApiId: apiId, Stage: stageName };
    return new Metric({ namespace: "AWS/ApiGateway", metricName, dimensionsMap, statistic, period: PERIOD });
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  function(
    id: FunctionId,
    metricName:
      | "Invocations"
      | "Errors"
      | "Throttles"
      | "Duration"
      | "ConcurrentExecutions"
      | "IteratorAge"
      | "DestinationDeliveryFailures",
    statistic = "Sum",
  ): Metric {
    return this.watched.functions[id].metric(metricName, { statistic, period: PERIOD, label: id });
  }

  functions(
    ids: readonly FunctionId[],
    metricName: "Errors" | "Throttles" | "DestinationDeliveryFailures",
  ): Metric[] {
    return ids.map((id) => this.function(id, metricName));
  }

  /** What the account's functions without a share have in use, in this region. */
  get unreservedConcurrency(): Metric {
    const metricName = "UnreservedConcurrentExecutions";
    return new Metric({
      namespace: "AWS/Lambda",
      metricName,
      statistic: "Maximum",
      period: Duration.minutes(1),
    });
  }

  /** Kept by operation alone: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html */
  table(metricName: "ThrottledRequests" | "SystemErrors"): MathExpression {
    const { table, passwordTable } = this.watched;
    const of = (Operation: string, { tableName: TableName }: ITable) =>
      new Metric({
        namespace: "AWS/DynamoDB",
        metricName,
        dimensionsMap: { TableName, Operation },
        statistic: "Sum",
        period: PERIOD,
      });
    return sum(metricName, [
      ...operations.map((operation) => of(operation, table)),
      ...passwordOperations.map((operation) => of(operation, passwordTable)),
    ]);
  }

  /** Waiting in a dead-letter queue. */
  deadLetters(of: keyof Watched["deadLetters"]): Metric {
    const options = { statistic: "Maximum", period: PERIOD, label: of };
    return this.watched.deadLetters[of].metricApproximateNumberOfMessagesVisible(options);
  }

  /** Handshakes that the station endpoints' web ACL blocked; where CloudFront's metrics are. */
  get blockedHandshakes(): Metric | undefined {
    return this.#blocked(this.watched.webAcls.station);
  }

  /** Token requests that the user pool's web ACL blocked. */
  get blockedTokenRequests(): Metric | undefined {
    return this.#blocked(this.watched.webAcls.token, { Region: Aws.REGION });
  }

  /**
   * With the dimension Region for all that is no distribution, and without it for these.
   * https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
   */
  #blocked(webAcl: string | undefined, region: { readonly Region?: string } = {}): Metric | undefined {
    if (webAcl === undefined) return undefined;
    const dimensionsMap = { WebACL: webAcl, Rule: "ALL", ...region };
    const metricName = "BlockedRequests";
    return new Metric({
      namespace: "AWS/WAFV2",
      metricName,
      dimensionsMap,
      statistic: "Sum",
      period: PERIOD,
    });
  }

  /** Of each endpoint, in percent; CloudFront keeps it in us-east-1, wherever the stack is. */
  get endpointErrors(): Metric[] {
    return this.watched.endpoints.map(
      ({ distributionId }) =>
        new Metric({
          namespace: "AWS/CloudFront",
          metricName: "5xxErrorRate",
          dimensionsMap: { DistributionId: distributionId, Region: "Global" },
          statistic: "Average",
          period: PERIOD,
        }),
    );
  }
}
