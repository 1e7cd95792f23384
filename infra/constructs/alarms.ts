import { type CfnCondition, Duration, Stack } from "aws-cdk-lib";
import {
  Alarm,
  type CfnAlarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { Refusal } from "../../shared/handshake/authenticate.ts";
import { WINDOW_MS } from "../../shared/handshake/throttle.ts";
import type { Outcome } from "../../shared/metrics.ts";
import type { FunctionId } from "../functions.ts";
import { math, type RelayMetrics, sum, sumOf } from "./relay-metrics.ts";

/** The condition of an alarm. docs/runbook.md has a section for each alarm, under its name. */
interface AlarmSpec {
  readonly metric: IMetric;
  /** The threshold: in alarm at this value and above. */
  readonly from: number;
  /** Number of breaching periods, out of the number evaluated. @default [1, 1] */
  readonly periods?: readonly [bad: number, of: number];
  /** The state while data is missing. @default OK */
  readonly unknownIs?: "as before";
  /** Description of the alarm, in one sentence. */
  readonly summary: string;
}

const stationFunctions = ["station-connect", "station-disconnect", "station-message"] as const;
const apiFunctions = [
  "api-synchronous",
  "api-asynchronous",
  "api-raw",
  "api-rates",
  "api-commands",
  "api-stations",
  "api-bulk",
  "api-webhooks",
  "api-networks",
  "api-openapi",
] as const satisfies readonly FunctionId[];
const asynchronousFunctions = ["background-command", "attempt-expiry", "attempt-stop"] as const;
const backgroundFunctions = [
  ...asynchronousFunctions,
  "events-publish",
  "bulk-run",
  "webhook-deliver",
] as const;

/** Minimum sample size: percentages over fewer events are reported as 0. */
const MIN_SAMPLE = 20;

/** Longer than any connection. */
const THREE_HOURS = Duration.hours(3);

/**
 * A short burst above a stage's throttle is normal: throttled clients retry, and the burst ends before an operator
 * can react. Only continued throttling raises the alarm. API Gateway may log only part of many throttled requests,
 * so the threshold is low.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-monitor.html
 */
const throttledForLong = { from: 100, periods: [2, 3] } as const;

/**
 * Vulnerability scanners send some hundred requests to every public endpoint and stop within minutes. A hundred
 * blocked requests in each five minutes of a quarter of an hour correspond to ten stations that retry twice a minute;
 * a client above the rate limit of its address makes thousands. A single blocked station stays below: see the log.
 */
const blockedForLong = { from: 100, periods: [3, 3] } as const;

/** Returns the share of `part` in `part` and `rest` together, in percent. */
function percent(
  label: string,
  part: Readonly<Record<string, IMetric>>,
  rest: Readonly<Record<string, IMetric>>,
): IMetric {
  const total = (named: object) => sumOf(Object.keys(named));
  const whole = { ...part, ...rest };
  return math(
    label,
    `IF(${total(whole)} >= ${MIN_SAMPLE}, 100 * ${total(part)} / ${total(whole)}, 0)`,
    whole,
  );
}

/** Returns the maximum of the metrics. A single metric is returned as it is: MAX of one series is a number. */
function highest(label: string, metrics: readonly IMetric[]): IMetric {
  const [first, ...more] = metrics;
  if (first && more.length === 0) return first;
  const named = Object.fromEntries(metrics.map((metric, n) => [`m${n}`, metric]));
  return math(label, `MAX([${Object.keys(named).join(", ")}])`, named);
}

/**
 * Returns the share of ends among the begins and ends of connections, in percent. API Gateway ends each connection
 * after two hours. In three hours a healthy station therefore ends one and begins one: 50 %, for any fleet size.
 * 67 % is reached when three fifths of the stations do not reconnect; after an hour and a half when none does.
 *
 * Later, no connection is left that could end. Then, and with fewer than ten stations, the metric has no data.
 */
function ends(of: RelayMetrics): IMetric {
  const begun = of.own("connects");
  const all = "SUM([begun, ended])";
  return math(
    "% ends",
    `IF(${all} >= ${MIN_SAMPLE}, 100 * SUM([ended, none]) / ${all})`,
    // 0 instead of no data where no connection has ended lately: the stations have reconnected
    { begun, ended: of.own("disconnects"), none: math("none", "begun * 0", { begun }, THREE_HOURS) },
    THREE_HOURS,
  );
}

function stationAlarms(of: RelayMetrics): Record<string, AlarmSpec> {
  const heldBack = { reason: "heldBack" satisfies Refusal };
  const crashes = sum("total", of.functions(["station-authorize", ...stationFunctions], "Errors"));
  return {
    "station-api-errors": {
      metric: percent(
        "% of handshakes and messages",
        { failed: of.stationApi("ExecutionError"), refused: of.stationApi("IntegrationError") },
        { connects: of.stationApi("ConnectCount"), messages: of.stationApi("MessageCount") },
      ),
      from: 5,
      periods: [2, 3],
      summary:
        "API Gateway could not deliver handshakes or messages of stations to their functions, or the functions refused them.",
    },
    "failed-handshakes": {
      metric: percent(
        "% of handshakes",
        { failed: of.own("handshakeFailed") },
        { connects: of.own("connects") },
      ),
      from: 50,
      periods: [3, 3],
      summary:
        "At least half of the handshakes are refused: stations have lost their credentials, or an attacker guesses passwords.",
    },
    "held-back": {
      // One station that retries every ten seconds with a wrong password is throttled eighty times in a window: no
      // alarm. An attacker that keeps a station out permanently causes thousands.
      metric: of.own("handshakeFailed", heldBack, { period: Duration.millis(WINDOW_MS) }),
      from: 200,
      periods: [2, 2],
      summary:
        "Handshakes are throttled continuously after too many failures: an attacker guesses passwords or keeps stations out.",
    },
    "stations-gone": {
      metric: ends(of),
      from: 67,
      unknownIs: "as before",
      summary: "Connections of stations end, and the stations do not reconnect.",
    },
    "stations-refused": {
      // Counted from a station's third refusal in a row, so one is enough. Within an hour, a station that is refused
      // with each of its charges is counted as well as one that repeats its boot every half minute.
      metric: of.own("refusedAgain", {}, { period: Duration.hours(1) }),
      from: 1,
      summary:
        "Boots or transactions of a station are refused again and again: the station cannot start, or charges are lost.",
    },
    "station-function-errors": {
      // The authorizer refuses a handshake by throwing, so refusals are subtracted from the errors. `refused` has no
      // data without refusals; `none` has data whenever `total` has, so that the subtraction always has a result.
      metric: math("errors", "total - SUM([refused, none])", {
        total: crashes,
        refused: of.own("handshakeFailed"),
        none: math("none", "total * 0", { total: crashes }),
      }),
      from: 5,
      periods: [2, 2],
      summary: "Functions that serve stations crash or time out.",
    },
    "station-throttles": {
      metric: sum("throttled", of.functions(["station-authorize", ...stationFunctions], "Throttles")),
      from: 1,
      summary: "Lambda throttled functions that serve stations: the account's concurrency is exhausted.",
    },
    "station-rate-exceeded": {
      metric: of.throttled("station"),
      ...throttledForLong,
      summary:
        "API Gateway throttles handshakes and messages of stations: their rate exceeds the limit of the stage.",
    },
  };
}

function endpointAlarms(of: RelayMetrics): Record<string, AlarmSpec> {
  return {
    "station-door-errors": {
      metric: highest("% of requests", of.endpointErrors),
      from: 5,
      periods: [2, 3],
      summary: "CloudFront answers handshakes of stations with 5xx.",
    },
    ...(of.blockedHandshakes && {
      "station-door-blocked": {
        metric: of.blockedHandshakes,
        ...blockedForLong,
        summary:
          "The web ACL of the station endpoints blocks handshakes continuously: the stations of a site, or an attack.",
      },
    }),
  };
}

function commandAlarms(of: RelayMetrics): Record<string, AlarmSpec> {
  const named = (names: readonly Outcome[]) =>
    Object.fromEntries(names.map((outcome) => [outcome, of.own("commands", { outcome })]));
  return {
    "command-failures": {
      metric: percent(
        "% of commands",
        named(["timedOut", "connectionLost", "invalidAnswer", "busy", "failed"]),
        named(["answered", "callError"]),
      ),
      from: 30,
      periods: [3, 3],
      summary: "At least a third of the admitted commands received no answer from their station.",
    },
    "leases-reaped": {
      metric: of.own("leasesReaped"),
      from: 1,
      summary: "Slots of a network's limit were not released: functions ended while they held them.",
    },
    "api-errors": {
      // Count includes the 5xx responses
      metric: math("% of requests", `IF(requests >= ${MIN_SAMPLE}, 100 * errors / requests, 0)`, {
        errors: of.remoteApi("5xx"),
        requests: of.remoteApi("Count"),
      }),
      from: 30,
      periods: [3, 3],
      summary:
        "At least a third of the API's responses are 5xx, including those caused by stations (502, 503, 504).",
    },
    "internal-errors": {
      metric: of.own("internalErrors"),
      from: 5,
      summary: "The API answers with 500: an error of the relay, or of a service that it uses.",
    },
    "api-function-errors": {
      metric: sum("errors", of.functions(apiFunctions, "Errors")),
      from: 5,
      summary: "Functions of the API crash or time out.",
    },
    "api-throttles": {
      metric: sum("throttled", of.functions(apiFunctions, "Throttles")),
      from: 10,
      periods: [2, 2],
      summary:
        "API callers receive 503 from API Gateway: more commands wait concurrently than the reserved concurrency allows.",
    },
    "api-rate-exceeded": {
      metric: of.throttled("remote"),
      ...throttledForLong,
      summary: "API callers receive 429 from API Gateway: their rate exceeds the limit of the API's stage.",
    },
    ...(of.blockedTokenRequests && {
      "token-requests-blocked": {
        metric: of.blockedTokenRequests,
        ...blockedForLong,
        summary:
          "The web ACL of the token endpoint blocks requests continuously: a client in a loop, or an attack.",
      },
    }),
  };
}

function backgroundAlarms(of: RelayMetrics): Record<string, AlarmSpec> {
  const { scheduleGroup } = of.watched;
  const timers = (name: string) => scheduleGroup.metric(name, { statistic: "Sum" });
  return {
    "dead-letters-background": {
      metric: of.deadLetters("background"),
      from: 1,
      summary: "A command that was answered with 202, or a timer of an attempt, failed on every retry.",
    },
    "dead-letters-timers": {
      metric: of.deadLetters("timers"),
      from: 1,
      summary: "EventBridge Scheduler could not invoke the function for a timer of an attempt.",
    },
    "dead-letters-events": {
      metric: of.deadLetters("events"),
      from: 1,
      summary: "Changes of the table could not be published as events.",
    },
    "dead-letters-bulk": {
      metric: of.deadLetters("bulk"),
      from: 1,
      summary:
        "A turn of a bulk command failed again and again: the bulk command goes on slower, and does not end.",
    },
    "dead-letters-webhooks": {
      metric: of.deadLetters("webhooks"),
      from: 1,
      summary:
        "Deliveries of a webhook could not be processed again and again; they wait for the next event of their station.",
    },
    "webhooks-disabled": {
      metric: of.own("webhooksDisabled"),
      from: 1,
      summary: "A webhook was switched off: its receiver answered 410, or all attempts failed for five days.",
    },
    "dead-letters-lost": {
      metric: sum("lost", of.functions(asynchronousFunctions, "DestinationDeliveryFailures")),
      from: 1,
      summary: "A failed event could not be stored in the dead-letter queue.",
    },
    "background-function-errors": {
      metric: sum("errors", of.functions(backgroundFunctions, "Errors")),
      from: 5,
      summary: "Background functions crash or time out.",
    },
    "background-throttles": {
      metric: sum("throttled", of.functions(backgroundFunctions, "Throttles")),
      from: 10,
      periods: [3, 3],
      summary: "Background work waits for concurrency.",
    },
    "timers-failing": {
      metric: timers("TargetErrorCount"),
      from: 5,
      periods: [2, 3],
      summary: "EventBridge Scheduler fails to invoke the functions of timers; it retries.",
    },
    "timers-dropped": {
      metric: sum("dropped", [
        timers("InvocationDroppedCount"),
        timers("InvocationsFailedToBeSentToDeadLetterCount"),
      ]),
      from: 1,
      summary: "Timers of attempts were dropped.",
    },
    "events-behind": {
      metric: of.function("events-publish", "IteratorAge", "Maximum"),
      from: 5 * 60_000,
      periods: [3, 3],
      summary: "Events are published more than five minutes late; they are lost after 24 hours.",
    },
  };
}

function resourceAlarms(of: RelayMetrics): Record<string, AlarmSpec> {
  const { unreservedConcurrency: most } = of.watched;
  return {
    "table-throttles": {
      metric: of.table("ThrottledRequests"),
      from: 10,
      periods: [2, 3],
      summary: "DynamoDB throttles requests to one item or to the whole table.",
    },
    "table-errors": {
      metric: of.table("SystemErrors"),
      from: 5,
      periods: [2, 3],
      summary: "DynamoDB answers with internal errors.",
    },
    ...(most !== undefined && {
      concurrency: {
        metric: of.unreservedConcurrency,
        from: Math.ceil(most * 0.8),
        periods: [3, 5] as const,
        summary:
          "The account uses 80 % of the concurrency that station functions share with its other functions.",
      },
    }),
  };
}

export interface AlarmsProps {
  readonly metrics: RelayMetrics;
  readonly action: IAlarmAction;
  /** True in us-east-1, the region of CloudFront's metrics. */
  readonly inUsEast1: CfnCondition;
}

/**
 * The alarms. The id of each is the heading of its section in docs/runbook.md.
 *
 * Missing data is no alarm: metrics of errors and other rare events have data only when an event occurs, and an
 * unused stack is healthy. One alarm (`unknownIs: "as before"`) keeps its state while data is missing.
 */
export class Alarms extends Construct {
  /** The alarms of every region. */
  readonly everywhere: readonly Alarm[];
  /** The alarms on CloudFront's metrics, which exist in us-east-1 only. */
  readonly inUsEast1: readonly Alarm[];

  constructor(scope: Construct, id: string, { metrics, action, inUsEast1 }: AlarmsProps) {
    super(scope, id);
    const make = ([name, spec]: [string, AlarmSpec]) => this.#alarm(name, spec, action);
    this.everywhere = Object.entries({
      ...stationAlarms(metrics),
      ...commandAlarms(metrics),
      ...backgroundAlarms(metrics),
      ...resourceAlarms(metrics),
    }).map(make);
    // An alarm reads the metrics of its own region, and CloudFront publishes in us-east-1 only.
    this.inUsEast1 = Object.entries(endpointAlarms(metrics)).map(make);
    for (const alarm of this.inUsEast1) {
      (alarm.node.defaultChild as CfnAlarm).cfnOptions.condition = inUsEast1;
    }
  }

  #alarm(
    name: string,
    { metric, from, periods: [bad, of] = [1, 1], unknownIs, summary }: AlarmSpec,
    action: IAlarmAction,
  ): Alarm {
    const alarm = new Alarm(this, name, {
      alarmName: `${Stack.of(this).stackName}-${name}`,
      alarmDescription: `${summary} What to do: docs/runbook.md#${name}`,
      metric,
      threshold: from,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      datapointsToAlarm: bad,
      evaluationPeriods: of,
      treatMissingData: unknownIs === "as before" ? TreatMissingData.IGNORE : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    return alarm;
  }
}
