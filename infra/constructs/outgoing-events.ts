import { Duration, type RemovalPolicy, Stack } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { EventBus } from "aws-cdk-lib/aws-events";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import {
  EventSourceMapping,
  FilterCriteria,
  type Function as LambdaFunction,
  StartingPosition,
} from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { watched } from "../../shared/events/watched.ts";
import { FailureDestination, FailureQueue } from "./failure-queue.ts";
import type { RelayFunction } from "./relay-function.ts";

export interface OutgoingEventsProps {
  /** @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The bus for those who integrate, and what feeds it: the table's stream. A change that is written is in the
 * stream for 24 h, whatever becomes of the function that wrote it; so no event is lost with a function, and
 * none costs a caller or a station any time.
 */
export class OutgoingEvents extends Construct {
  readonly bus: EventBus;
  readonly failures: FailureQueue;

  constructor(scope: Construct, id: string, props: OutgoingEventsProps = {}) {
    super(scope, id);
    const { removalPolicy } = props;
    this.bus = new EventBus(this, "Bus", { eventBusName: `${Stack.of(this).stackName}-events` });
    if (removalPolicy) this.bus.applyRemovalPolicy(removalPolicy);
    this.failures = new FailureQueue(this, "Failures", props);
  }

  /** Lets a function publish what changes in the table. It is invoked for what may be an event, not for all. */
  feed(publisher: RelayFunction, table: ITable): void {
    const fn: LambdaFunction = publisher.function;
    fn.addEnvironment("EVENT_BUS", this.bus.eventBusName);
    publisher.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["events:PutEvents"], resources: [this.bus.eventBusArn] }),
    );
    const streamArn = table.tableStreamArn as string;
    publisher.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map(
          (action) => `dynamodb:${action}`,
        ),
        resources: [streamArn],
      }),
    );
    const mapping = new EventSourceMapping(this, "Feed", {
      target: fn,
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(1),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      // Over an hour at Lambda's growing pace; what fails for good is named in the queue.
      retryAttempts: 30,
      onFailure: new FailureDestination(this.failures),
      filters: watched.map(({ keys, changes, has }) =>
        FilterCriteria.filter({
          ...(changes && { eventName: changes }),
          dynamodb: { Keys: patternOf(keys), ...(has && { NewImage: presence(has) }) },
        }),
      ),
    });
    mapping.node.addDependency(publisher.role);
  }
}

/** A pattern that an item with this attribute fits. */
const presence = ([name, type]: readonly [string, string]): object => ({
  [name]: { [type]: [{ exists: true }] },
});

/** A pattern of keys as the stream spells keys: `{pk: {S: [{prefix: "CALL#"}]}}`. */
const patternOf = (keys: object): object =>
  Object.fromEntries(Object.entries(keys).map(([name, pattern]) => [name, { S: pattern }]));
