import { Duration, type RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type CfnFunction, EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { FailureQueue } from "./failure-queue.ts";
import type { RelayFunction } from "./relay-function.ts";

export interface BulkQueueProps {
  /** @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** Lambda asks for a visibility timeout of six times the function's 60 s. */
const VISIBILITY = Duration.minutes(6);

/** Workers in one invocation: all of them wait for stations, so they share a processor well. */
const BATCH_SIZE = 10;

/** Invocations at once, over all networks: 200 stations at a time. */
const MAX_CONCURRENCY = 20;

export const BULK_STATIONS_AT_ONCE = BATCH_SIZE * MAX_CONCURRENCY;

/**
 * The queue that bulk commands run on, and its event source. A message is the turn of a worker; the worker sends
 * itself on with a delay while the network has no slot to spare, so that waiting costs no function any time.
 */
export class BulkQueue extends Construct {
  readonly queue: Queue;
  readonly failures: FailureQueue;

  constructor(scope: Construct, id: string, props: BulkQueueProps = {}) {
    super(scope, id);
    const { removalPolicy } = props;
    this.failures = new FailureQueue(this, "Failures", props);
    this.queue = new Queue(this, "Queue", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: VISIBILITY,
      retentionPeriod: Duration.days(14),
      // An error of AWS's passes in half an hour; a turn that fails five times waits for people.
      deadLetterQueue: { queue: this.failures, maxReceiveCount: 5 },
      ...(removalPolicy && { removalPolicy }),
    });
  }

  /** Lets a function send turns to the queue. */
  maySend({ function: fn, role }: RelayFunction): void {
    fn.addEnvironment("BULK_QUEUE_URL", this.queue.queueUrl);
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [this.queue.queueArn] }),
    );
  }

  /** Invokes the function with turns. A turn that fails comes again; the others of its batch do not. */
  feed({ function: fn, role }: RelayFunction): void {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((action) => `sqs:${action}`),
        resources: [this.queue.queueArn],
      }),
    );
    // Lambda ends a chain of function and queue after 16 rounds; a worker takes as many as there are stations.
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    (fn.node.defaultChild as CfnFunction).recursiveLoop = "Allow";
    const mapping = new EventSourceMapping(this, "Feed", {
      target: fn,
      eventSourceArn: this.queue.queueArn,
      batchSize: BATCH_SIZE,
      maxConcurrency: MAX_CONCURRENCY,
      reportBatchItemFailures: true,
    });
    mapping.node.addDependency(role);
  }
}
