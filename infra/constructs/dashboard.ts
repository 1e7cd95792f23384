import { type CfnCondition, Duration, Fn, Stack, Token } from "aws-cdk-lib";
import {
  type Alarm,
  ConcreteWidget,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  type IWidget,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { attemptStates, outcomes } from "../../shared/metrics.ts";
import { functionIds } from "../functions.ts";
import { PERIOD, type RelayMetrics } from "./relay-metrics.ts";

export interface RelayDashboardProps {
  readonly metrics: RelayMetrics;
  readonly alarms: RowOfAlarms;
}

interface RowOfAlarms {
  readonly everywhere: readonly Alarm[];
  /** Those that are made only where the condition holds. */
  readonly inUsEast1: readonly Alarm[];
  readonly condition: CfnCondition;
}

const HEIGHT = 6;

/** Where the metrics of CloudFront and of its web ACLs are, wherever the stack is. */
const US_EAST_1 = "us-east-1";

/** One dashboard ($3 a month), one section for each question: docs/operations.md explains it. */
export class RelayDashboard extends Construct {
  constructor(scope: Construct, id: string, { metrics, alarms }: RelayDashboardProps) {
    super(scope, id);
    new Dashboard(this, "Dashboard", {
      dashboardName: Stack.of(this).stackName,
      defaultInterval: Duration.hours(12),
      widgets: [
        [new AlarmStates(alarms)],
        ...stations(metrics),
        ...turnedAway(metrics),
        ...commands(metrics),
        ...limits(metrics),
        ...api(metrics),
        ...functions(metrics),
        ...table(metrics),
        ...queues(metrics),
        ...webhooks(metrics),
        ...costDrivers(metrics),
      ],
    });
  }
}

/**
 * The state of every alarm that there is. CDK's own widget has a list of texts, of which no condition can leave out
 * one. What it takes for a number it writes as it is, and so that can be more texts than one.
 */
class AlarmStates extends ConcreteWidget {
  readonly #alarms: unknown[];

  constructor({ everywhere, inUsEast1, condition }: RowOfAlarms) {
    super(24, 4);
    const arnsOf = (alarms: readonly Alarm[]) => alarms.map(({ alarmArn }) => alarmArn);
    const texts = (alarms: readonly Alarm[]) => Fn.join("", ['"', Fn.join('","', arnsOf(alarms)), '"']);
    const [first, ...rest] = everywhere as readonly [Alarm, ...Alarm[]];
    this.#alarms = [
      Token.asNumber(Fn.conditionIf(condition.logicalId, texts([first, ...inUsEast1]), texts([first]))),
      ...arnsOf(rest),
    ];
  }

  toJson(): object[] {
    const { width, height, x, y } = this;
    return [{ type: "alarm", width, height, x, y, properties: { title: "Alarms", alarms: this.#alarms } }];
  }
}

const section = (title: string, ...graphs: readonly IWidget[]): IWidget[][] => [
  [new TextWidget({ markdown: `## ${title}`, width: 24, height: 1 })],
  [...graphs],
];

/** As many as stand beside each other share the 24 columns. */
const graph = (title: string, columns: 2 | 3, left: readonly IMetric[], more: GraphWidgetProps = {}) =>
  new GraphWidget({ title, width: 24 / columns, height: HEIGHT, period: PERIOD, left: [...left], ...more });

const stations = (of: RelayMetrics): IWidget[][] =>
  section(
    "Stations",
    graph("Connections that begin and end", 3, [
      of.own("connects"),
      of.own("disconnects"),
      of.own("replacedConnections"),
      of.own("zombies"),
      of.own("closedForErrors"),
    ]),
    graph("Handshakes refused", 3, [of.own("handshakeFailed")], {
      right: of.endpointErrors.map((metric) =>
        metric.with({ region: US_EAST_1, label: "% 5xx of CloudFront" }),
      ),
    }),
    graph("Messages", 3, [
      of.stationApi("MessageCount"),
      of.own("refusedStationCalls"),
      of.own("invalidAnswers"),
      of.own("violations"),
      of.own("refusedAgain"),
      of.stationApi("IntegrationError"),
      of.stationApi("ExecutionError"),
    ]),
  );

/** Who did not get as far as a function that does something for him, and where he was stopped. */
const turnedAway = (of: RelayMetrics): IWidget[][] => {
  const blocked = [
    of.blockedHandshakes?.with({ region: US_EAST_1, label: "handshakes" }),
    of.blockedTokenRequests?.with({ label: "token requests" }),
  ].filter((metric) => metric !== undefined);
  return section(
    "Turned away",
    ...(blocked.length > 0 ? [graph("By the web ACLs", 3, blocked)] : []),
    graph("By the authorizer, why", 3, [of.searched("handshakeFailed", ["reason"])]),
    graph("By the stages' throttles", 3, [of.throttled("station"), of.throttled("remote")], {
      // AWS: 4xx before the integration is invoked
      right: [of.stationApi("ClientError")],
    }),
  );
};

const commands = (of: RelayMetrics): IWidget[][] =>
  section(
    "Commands",
    graph(
      "By outcome",
      3,
      outcomes.map((outcome) => of.own("commands", { outcome }, { label: outcome })),
      { stacked: true },
    ),
    graph("By command and outcome", 3, [of.searched("commands", ["command", "outcome"])]),
    graph(
      "From CALL to answer, ms",
      3,
      ["p50", "p90", "p99"].map((statistic) => of.own("roundTrip", {}, { statistic, label: statistic })),
      { right: [of.own("lateAnswers")] },
    ),
  );

const limits = (of: RelayMetrics): IWidget[][] =>
  section(
    "Limits",
    graph("Refused at a network's limit", 3, [of.own("limitReached"), of.own("leasesReaped")]),
    graph(
      "Waiting for a station's lane, ms",
      3,
      ["p50", "p99"].map((statistic) => of.own("laneWait", {}, { statistic, label: statistic })),
      { right: [of.own("laneWait", {}, { statistic: "SampleCount", label: "had to wait" })] },
    ),
    graph(
      "Attempts by state",
      3,
      attemptStates.map((state) => of.own("attempts", { state }, { label: state })),
    ),
  );

const api = (of: RelayMetrics): IWidget[][] =>
  section(
    "API",
    graph("Requests", 2, [
      of.remoteApi("Count"),
      of.remoteApi("4xx"),
      of.remoteApi("5xx"),
      of.own("internalErrors"),
    ]),
    graph("Response time, ms", 2, [of.remoteApi("Latency", "p50"), of.remoteApi("Latency", "p99")]),
  );

const functions = (of: RelayMetrics): IWidget[][] =>
  section(
    "Functions",
    graph(
      "Errors",
      3,
      functionIds.map((id) => of.function(id, "Errors")),
      {
        right: [of.own("backgroundFailed")],
      },
    ),
    graph(
      "Throttles",
      3,
      functionIds.map((id) => of.function(id, "Throttles")),
    ),
    graph(
      "Concurrent executions",
      3,
      functionIds.map((id) => of.function(id, "ConcurrentExecutions", "Maximum")),
      { right: [of.unreservedConcurrency] },
    ),
  );

const table = (of: RelayMetrics): IWidget[][] =>
  section(
    "Table",
    graph("Units", 3, [
      of.watched.table.metricConsumedReadCapacityUnits({ period: PERIOD }),
      of.watched.table.metricConsumedWriteCapacityUnits({ period: PERIOD }),
    ]),
    graph("Throttled requests", 3, [of.table("ThrottledRequests")]),
    graph("Errors of DynamoDB", 3, [of.table("SystemErrors")]),
  );

const queues = (of: RelayMetrics): IWidget[][] =>
  section(
    "Queues and timers",
    graph("Dead letters", 3, [
      of.deadLetters("background"),
      of.deadLetters("timers"),
      of.deadLetters("events"),
      of.deadLetters("bulk"),
      of.deadLetters("webhooks"),
    ]),
    graph("Timers", 3, [
      of.watched.scheduleGroup.metricAttempts(),
      of.watched.scheduleGroup.metricTargetErrors(),
      of.watched.scheduleGroup.metricDropped(),
    ]),
    graph("Age of the oldest unpublished change, ms", 3, [
      of.function("events-publish", "IteratorAge", "Maximum"),
    ]),
  );

const webhooks = (of: RelayMetrics): IWidget[][] =>
  section(
    "Webhooks",
    graph("Failed attempts", 2, [of.own("webhookAttemptsFailed")]),
    graph("Switched off", 2, [of.own("webhooksDisabled")]),
  );

/** What the bill is made of, beside the units of the table: docs/cost.md has the prices. */
const costDrivers = (of: RelayMetrics): IWidget[][] =>
  section(
    "Cost drivers",
    graph(
      "Invocations",
      3,
      functionIds.map((id) => of.function(id, "Invocations")),
      { stacked: true },
    ),
    graph(
      "Milliseconds of functions",
      3,
      functionIds.map((id) => of.function(id, "Duration")),
      {
        stacked: true,
      },
    ),
    graph("Messages and requests", 3, [
      of.stationApi("MessageCount"),
      of.stationApi("ConnectCount"),
      of.remoteApi("Count"),
    ]),
  );
