import { Duration, type RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type CfnFunction, EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { FailureQueue } from "./failure-queue.ts";
import type { RelayFunction } from "./relay-function.ts";

export interface WorkQueueProps {
  /** The environment variable that holds the queue's URL in the functions that send to it. */
  readonly urlVariable: string;
  /** @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** Lambda asks for a visibility timeout of six times the function's 60 s. */
const VISIBILITY = Duration.minutes(6);

/** Messages in one invocation: all of them wait for stations or receivers, so they share a processor well. */
const BATCH_SIZE = 10;

/** Invocations at once, over all networks. */
const MAX_CONCURRENCY = 20;

/** How many messages are worked on at once. */
export const MESSAGES_AT_ONCE = BATCH_SIZE * MAX_CONCURRENCY;

/**
 * A queue and the event source of the function that works on its messages: the workers of bulk commands, the lanes of
 * webhook deliveries. Work that waits sends its message on with a delay, so that waiting costs no function any time.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly failures: FailureQueue;
  readonly #urlVariable: string;

  constructor(scope: Construct, id: string, { urlVariable, removalPolicy }: WorkQueueProps) {
    super(scope, id);
    this.#urlVariable = urlVariable;
    this.failures = new FailureQueue(this, "Failures", { ...(removalPolicy && { removalPolicy }) });
    this.queue = new Queue(this, "Queue", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: VISIBILITY,
      retentionPeriod: Duration.days(14),
      // A station or a receiver that fails is no failed message. An error of AWS's passes in half an hour; a message
      // that fails five times waits for people.
      deadLetterQueue: { queue: this.failures, maxReceiveCount: 5 },
      ...(removalPolicy && { removalPolicy }),
    });
  }

  /** Lets a function send messages to the queue. */
  maySend({ function: fn, role }: RelayFunction): void {
    fn.addEnvironment(this.#urlVariable, this.queue.queueUrl);
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [this.queue.queueArn] }),
    );
  }

  /** Invokes the function with messages. One that fails comes again; the others of its batch do not. */
  feed({ function: fn, role }: RelayFunction): void {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((action) => `sqs:${action}`),
        resources: [this.queue.queueArn],
      }),
    );
    // Lambda ends a chain of function and queue after 16 rounds. A worker of a bulk command takes as many as there are
    // stations, a lane that waits for 10 h takes 40.
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
