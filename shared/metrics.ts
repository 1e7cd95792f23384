/**
 * What the relay counts and measures, for its dashboard and alarms.
 *
 * Written as CloudWatch's embedded metric format: a metric is a line of the function's log, from which CloudWatch
 * makes the figure, so that no service is called and no caller waits. Whatever an invocation counts is kept until its
 * end and written then, one line for each set of dimensions; most invocations count nothing and write none.
 *
 * Each combination of dimensions that occurs is a metric to be paid for ($0.30 a month), so dimensions have few
 * values: never a station, a network or an id. docs/operations.md lists them with their price.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

import type { Metrics } from "@aws-lambda-powertools/metrics";

/** Where CloudWatch keeps them; all carry the dimension `service`, which is the stack's name. */
export const NAMESPACE = "ocpp-relay";

/**
 * How a command ended:
 * - `answered`, `callError`: by the station's answer, including a refusal by status;
 * - `sent`: no request waits for the answer: legacy stations, and commands with a secret that do not wait;
 * - `invalidAnswer`, `timedOut`, `connectionLost`: it was sent, and no usable answer came in time;
 * - `busy`: the lane of the station did not become free, nothing was sent;
 * - `refused`: a 4xx, nothing was sent;
 * - `failed`: an error of the relay, or of AWS.
 */
export const outcomes = [
  "answered",
  "callError",
  "sent",
  "invalidAnswer",
  "timedOut",
  "connectionLost",
  "busy",
  "refused",
  "failed",
] as const;

export type Outcome = (typeof outcomes)[number];

/** The states of an attempt that are counted: what it is made for, and what ends it. */
export const attemptStates = ["started", "stopped", "rejected", "expired", "failed", "cancelled"] as const;

interface Kind {
  readonly unit: "Count" | "Milliseconds";
  /** The sets of dimensions that it is kept by, besides `service`. @default by `service` alone */
  readonly by?: readonly (readonly string[])[];
}

/** Every metric that there is. */
export const metrics = {
  /** Commands that have come to their end, by outcome. */
  commands: { unit: "Count", by: [["command", "outcome"], ["outcome"]] },
  /** From the post of a CALL to the station's answer, where it came in time. */
  roundTrip: { unit: "Milliseconds" },
  /** For commands that had to wait for a station's lane: how long, whether or not it became free. */
  laneWait: { unit: "Milliseconds" },
  /** Commands refused by 429: the network's limit was reached. */
  limitReached: { unit: "Count" },
  /** Slots of a network that were not released: a function died or exceeded its time. */
  leasesReaped: { unit: "Count" },
  /** Answers after the deadline. */
  lateAnswers: { unit: "Count" },
  /** Answers that break their schema. */
  invalidAnswers: { unit: "Count" },
  /** CALLs from stations that were answered by a CALLERROR: unknown, or against their schema. */
  refusedStationCalls: { unit: "Count" },
  /** Messages from stations that deviate from their schema, refused or not. */
  violations: { unit: "Count" },
  /** Boots and transactions refused, from a station's third refusal in a row on. */
  refusedAgain: { unit: "Count" },
  connects: { unit: "Count" },
  /** Connects of a station whose connection before had not ended, as far as was known. */
  replacedConnections: { unit: "Count" },
  disconnects: { unit: "Count" },
  /** Connections that the table held for live until a post came back by 410. */
  zombies: { unit: "Count" },
  /** Connections closed because they sent the same protocol error again and again. */
  closedForErrors: { unit: "Count" },
  /** Handshakes that the authorizer refused. */
  handshakeFailed: { unit: "Count", by: [["reason"], []] },
  /** Remote start attempts that came to this state: started, or one of those that end them. */
  attempts: { unit: "Count", by: [["state"]] },
  /** Requests to the receivers of webhooks that failed; each is repeated. */
  webhookAttemptsFailed: { unit: "Count" },
  /** Webhooks that were switched off, by 410 or after five days of failures. */
  webhooksDisabled: { unit: "Count" },
  /** Requests to the API answered by 500: a mistake of ours, or of AWS. */
  internalErrors: { unit: "Count" },
  /** Asynchronous invocations that threw; Lambda retries twice. */
  backgroundFailed: { unit: "Count" },
} as const satisfies Record<string, Kind>;

export type MetricName = keyof typeof metrics;

type DimensionsOf<Name extends MetricName> = (typeof metrics)[Name] extends {
  readonly by: readonly (infer Set)[];
}
  ? Readonly<Record<Set extends readonly (infer Key extends string)[] ? Key : never, string>>
  : Readonly<Record<never, string>>;

type NameOf<Unit extends Kind["unit"]> = {
  [Name in MetricName]: (typeof metrics)[Name]["unit"] extends Unit ? Name : never;
}[MetricName];

interface Group {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly by: readonly (readonly string[])[];
  readonly values: [MetricName, number][];
}

const pending = new Map<string, Group>();

/** Counts something that happened. */
export function count<Name extends NameOf<"Count">>(
  name: Name,
  ...[dimensions, times = 1]: object extends DimensionsOf<Name>
    ? [dimensions?: DimensionsOf<Name>, times?: number]
    : [dimensions: DimensionsOf<Name>, times?: number]
): void {
  keep(name, times, dimensions ?? {});
}

/** Notes how long something took, in milliseconds. */
export const measure = (name: NameOf<"Milliseconds">, ms: number): void => keep(name, ms, {});

function keep(name: MetricName, value: number, dimensions: Readonly<Record<string, string>>): void {
  const { by = [[]] }: Kind = metrics[name];
  const key = JSON.stringify([by, dimensions]);
  const group = pending.get(key) ?? { dimensions, by, values: [] };
  group.values.push([name, value]);
  pending.set(key, group);
}

let writer: Metrics | undefined;

/** Writes what has been counted since the last time. */
export async function flushMetrics(): Promise<void> {
  if (pending.size === 0) return;
  const groups = [...pending.values()];
  pending.clear();
  // Loaded by the first who has something to write: Heartbeats have not.
  const { Metrics } = await import("@aws-lambda-powertools/metrics");
  // It warns of a dimension that is in two sets, which is what `commands` wants.
  writer ??= new Metrics({ namespace: NAMESPACE, logger: { ...console, warn: () => {} } });
  for (const { dimensions, by, values } of groups) {
    for (const names of by) writer.addDimensions(pick(dimensions, names));
    for (const [name, value] of values) writer.addMetric(name, metrics[name].unit, value);
    writer.publishStoredMetrics();
  }
}

const pick = (dimensions: Readonly<Record<string, string>>, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, dimensions[name] ?? "unknown"]));
