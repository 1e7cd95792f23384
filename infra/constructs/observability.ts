import { type CfnCondition, type RemovalPolicy, Stack } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { AlarmTopic } from "./alarm-topic.ts";
import { Alarms } from "./alarms.ts";
import { RelayDashboard } from "./dashboard.ts";
import { RelayMetrics, type Watched } from "./relay-metrics.ts";
import { SavedQueries } from "./saved-queries.ts";

export interface ObservabilityProps {
  readonly watched: Omit<Watched, "service">;
  /** The stack's logs: the functions', and what the APIs write about each request. */
  readonly logGroups: readonly ILogGroup[];
  /** Whether the stack is where CloudFront's metrics are. */
  readonly inUsEast1: CfnCondition;
  /** Mail address for alarms. @default none */
  readonly alarmEmail?: string;
  /** Of the topic's key. @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** Dashboard, alarms, and the topic that the alarms are sent to. */
export class Observability extends Construct {
  readonly alarmTopicArn: string;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { watched, logGroups, inUsEast1, alarmEmail, removalPolicy } = props;
    const metrics = new RelayMetrics({ ...watched, service: Stack.of(this).stackName });
    const { topic } = new AlarmTopic(this, "Topic", {
      ...(alarmEmail && { email: alarmEmail }),
      ...(removalPolicy && { removalPolicy }),
    });
    const alarms = new Alarms(this, "Alarm", { metrics, action: new SnsAction(topic), inUsEast1 });
    new RelayDashboard(this, "Overview", {
      metrics,
      alarms: { everywhere: alarms.everywhere, inUsEast1: alarms.inUsEast1, condition: inUsEast1 },
    });
    new SavedQueries(this, "Query", { logGroups });
    this.alarmTopicArn = topic.topicArn;
  }
}
