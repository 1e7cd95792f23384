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

/** When somebody is to be told; docs/runbook.md says of each, under its name, what to do. */
interface AlarmSpec {
  readonly metric: IMetric;
  /** From this value on. */
  readonly from: number;
  /** As many periods, of so many, must be as bad. @default [1, 1] */
  readonly periods?: readonly [bad: number, of: number];
  /** What it is while there are no figures. @default well */
  readonly unknownIs?: "as before";
  /** What has happened, in one sentence. */
  readonly says: string;
}

const stationFunctions = ["station-connect", "station-disconnect", "station-message"] as const;
const apiFunctions = [
  "api-synchronous",
  "api-asynchronous",
  "api-raw",
  "api-rates",
  "api-commands",
  "api-stations",
  "api-networks",
  "api-openapi",
] as const satisfies readonly FunctionId[];
const asynchronousFunctions = ["background-command", "attempt-expiry", "attempt-stop"] as const;
const backgroundFunctions = [...asynchronousFunctions, "events-publish"] as const;

/** Of how many something must be a share, to be one at all. */
const ENOUGH = 20;

/** Longer than any connection. */
const THREE_HOURS = Duration.hours(3);

/**
 * A stage's throttle is there to be met: a burst above it is over before anybody has read of it, and who was turned
 * away tries again. That it goes on is the news. API Gateway may log fewer of many, so the number says little.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-monitor.html
 */
const throttledForLong = { from: 100, periods: [2, 3] } as const;

/**
 * What looks for holes in web sites knocks at every endpoint, some hundred times, and is gone within minutes. A hundred
 * in five minutes that do not end in a quarter of an hour are ten stations that try twice a minute, and who stays
 * above the rate of an address makes thousands. A single station that is blocked is below that: it is in the log.
 */
const blockedForLong = { from: 100, periods: [3, 3] } as const;

/** What share of all of `whole` the `part` of it is, in percent. */
function percent(
  label: string,
  part: Readonly<Record<string, IMetric>>,
  rest: Readonly<Record<string, IMetric>>,
): IMetric {
  const total = (named: object) => sumOf(Object.keys(named));
  const whole = { ...part, ...rest };
  return math(label, `IF(${total(whole)} >= ${ENOUGH}, 100 * ${total(part)} / ${total(whole)}, 0)`, whole);
}

/** The worst of them: of one alone, its maximum would be a number and no series. */
function highest(label: string, metrics: readonly IMetric[]): IMetric {
  const [first, ...more] = metrics;
  if (first && more.length === 0) return first;
  const named = Object.fromEntries(metrics.map((metric, n) => [`m${n}`, metric]));
  return math(label, `MAX([${Object.keys(named).join(", ")}])`, named);
}

/**
 * How many of the connections that began or ended are ends, in percent. API Gateway ends each after two hours, so in
 * three every station that is well ends one and begins one, and a half are ends, whatever the size of the fleet. Two
 * thirds are reached when three fifths of the stations do not come back; an hour and a half after it, when none does.
 *
 * Later nothing ends any more either. Then, and with fewer than ten stations, there is no figure at all.
 */
function ends(of: RelayMetrics): IMetric {
  const begun = of.own("connects");
  const all = "SUM([begun, ended])";
  return math(
    "% ends",
    `IF(${all} >= ${ENOUGH}, 100 * SUM([ended, none]) / ${all})`,
    // where none has ended lately, that is 0 and not nothing: stations have come back
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
      says: "API Gateway could not hand stations' handshakes or messages to their functions, or these refused them.",
    },
    "failed-handshakes": {
      metric: percent(
        "% of handshakes",
        { failed: of.own("handshakeFailed") },
        { connects: of.own("connects") },
      ),
      from: 50,
      periods: [3, 3],
      says: "Half of the handshakes and more are refused: stations have lost their credentials, or somebody guesses.",
    },
    "held-back": {
      // One station that tries every ten seconds with a wrong password is held back eighty times in a window, and is
      // no news; whoever keeps a station out for good, thousands of times.
      metric: of.own("handshakeFailed", heldBack, { period: Duration.millis(WINDOW_MS) }),
      from: 200,
      periods: [2, 2],
      says: "Handshakes go on being held back after too many failures: somebody guesses, or keeps stations out.",
    },
    "stations-gone": {
      metric: ends(of),
      from: 67,
      unknownIs: "as before",
      says: "Stations' connections end, and the stations do not come back.",
    },
    "station-function-errors": {
      // The authorizer refuses by an error, which is no mistake. Where none was refused there is no such figure, and
      // nothing must take away what crashed meanwhile: `none` is there whenever `total` is.
      metric: math("errors", "total - SUM([refused, none])", {
        total: crashes,
        refused: of.own("handshakeFailed"),
        none: math("none", "total * 0", { total: crashes }),
      }),
      from: 5,
      periods: [2, 2],
      says: "Functions that serve stations crash or run out of time.",
    },
    "station-throttles": {
      metric: sum("throttled", of.functions(["station-authorize", ...stationFunctions], "Throttles")),
      from: 1,
      says: "Lambda refused to run functions that serve stations: the account's concurrency is used up.",
    },
    "station-rate-exceeded": {
      metric: of.throttled("station"),
      ...throttledForLong,
      says: "API Gateway turns away handshakes and messages of stations: there are more than their stage lets through.",
    },
  };
}

function endpointAlarms(of: RelayMetrics): Record<string, AlarmSpec> {
  return {
    "station-door-errors": {
      metric: highest("% of requests", of.endpointErrors),
      from: 5,
      periods: [2, 3],
      says: "CloudFront answers handshakes of stations by 5xx.",
    },
    ...(of.blockedHandshakes && {
      "station-door-blocked": {
        metric: of.blockedHandshakes,
        ...blockedForLong,
        says: "The web ACL before the station endpoints goes on blocking handshakes: a site's stations, or an attack.",
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
      says: "Of the commands that were admitted a third and more bring no answer of their station.",
    },
    "leases-reaped": {
      metric: of.own("leasesReaped"),
      from: 1,
      says: "Slots of a network's limit were not given back: functions died while they held them.",
    },
    "api-errors": {
      // what is counted by 5xx is counted by Count as well
      metric: math("% of requests", `IF(requests >= ${ENOUGH}, 100 * errors / requests, 0)`, {
        errors: of.remoteApi("5xx"),
        requests: of.remoteApi("Count"),
      }),
      from: 30,
      periods: [3, 3],
      says: "Of the API's responses a third and more are 5xx, those that tell of stations (502, 503, 504) included.",
    },
    "internal-errors": {
      metric: of.own("internalErrors"),
      from: 5,
      says: "The API answers by 500: a mistake of the relay, or of a service that it needs.",
    },
    "api-function-errors": {
      metric: sum("errors", of.functions(apiFunctions, "Errors")),
      from: 5,
      says: "Functions of the API crash or run out of time.",
    },
    "api-throttles": {
      metric: sum("throttled", of.functions(apiFunctions, "Throttles")),
      from: 10,
      periods: [2, 2],
      says: "API callers get 503 from API Gateway: more commands wait at once than there is concurrency for.",
    },
    "api-rate-exceeded": {
      metric: of.throttled("remote"),
      ...throttledForLong,
      says: "API callers get 429 from API Gateway: they ask for more than the API's stage lets through.",
    },
    ...(of.blockedTokenRequests && {
      "token-requests-blocked": {
        metric: of.blockedTokenRequests,
        ...blockedForLong,
        says: "The web ACL before the token endpoint goes on blocking requests: a client in a loop, or an attack.",
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
      says: "A command that was answered by 202, or a timer of an attempt, was given up.",
    },
    "dead-letters-timers": {
      metric: of.deadLetters("timers"),
      from: 1,
      says: "Scheduler could not start the function that a timer of an attempt ends in.",
    },
    "dead-letters-events": {
      metric: of.deadLetters("events"),
      from: 1,
      says: "Changes of the table were given up before they were published as events.",
    },
    "dead-letters-lost": {
      metric: sum("lost", of.functions(asynchronousFunctions, "DestinationDeliveryFailures")),
      from: 1,
      says: "What was given up could not even be kept in the dead-letter queue.",
    },
    "background-function-errors": {
      metric: sum("errors", of.functions(backgroundFunctions, "Errors")),
      from: 5,
      says: "Functions that nobody waits for crash or run out of time.",
    },
    "background-throttles": {
      metric: sum("throttled", of.functions(backgroundFunctions, "Throttles")),
      from: 10,
      periods: [3, 3],
      says: "What goes on in the background waits for concurrency.",
    },
    "timers-failing": {
      metric: timers("TargetErrorCount"),
      from: 5,
      periods: [2, 3],
      says: "Scheduler's calls of the functions that timers end in fail; it tries again.",
    },
    "timers-dropped": {
      metric: sum("dropped", [
        timers("InvocationDroppedCount"),
        timers("InvocationsFailedToBeSentToDeadLetterCount"),
      ]),
      from: 1,
      says: "Timers of attempts were given up.",
    },
    "events-behind": {
      metric: of.function("events-publish", "IteratorAge", "Maximum"),
      from: 5 * 60_000,
      periods: [3, 3],
      says: "Events are published more than five minutes late; after 24 hours they would be lost.",
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
      says: "DynamoDB refuses requests: one item or the whole table is asked too often.",
    },
    "table-errors": {
      metric: of.table("SystemErrors"),
      from: 5,
      periods: [2, 3],
      says: "DynamoDB answers by errors of its own.",
    },
    ...(most !== undefined && {
      concurrency: {
        metric: of.unreservedConcurrency,
        from: Math.ceil(most * 0.8),
        periods: [3, 5] as const,
        says: "Four fifths of the concurrency that stations' functions share with the rest of the account are in use.",
      },
    }),
  };
}

export interface AlarmsProps {
  readonly metrics: RelayMetrics;
  readonly action: IAlarmAction;
  /** Whether the stack is where CloudFront's metrics are. */
  readonly inUsEast1: CfnCondition;
}

/**
 * The alarms, each an id that is its place in docs/runbook.md.
 *
 * None goes off for want of data: what is counted by errors, or by anything else that is rare, has data only when
 * there is something to count, and a stack that nobody uses yet is not broken. One does not end for want of it either.
 */
export class Alarms extends Construct {
  /** Those that are there in every region. */
  readonly everywhere: readonly Alarm[];
  /** Those that look at CloudFront's metrics, and are there only where these are. */
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
    // An alarm sees the metrics of its own region, and CloudFront's are all in one.
    this.inUsEast1 = Object.entries(endpointAlarms(metrics)).map(make);
    for (const alarm of this.inUsEast1) {
      (alarm.node.defaultChild as CfnAlarm).cfnOptions.condition = inUsEast1;
    }
  }

  #alarm(
    name: string,
    { metric, from, periods: [bad, of] = [1, 1], unknownIs, says }: AlarmSpec,
    action: IAlarmAction,
  ): Alarm {
    const alarm = new Alarm(this, name, {
      alarmName: `${Stack.of(this).stackName}-${name}`,
      alarmDescription: `${says} What to do: docs/runbook.md#${name}`,
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
