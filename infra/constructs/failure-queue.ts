import { Duration, type RemovalPolicy } from "aws-cdk-lib";
import { type IGrantable, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type {
  DestinationConfig,
  DlqDestinationConfig,
  IDestination,
  IEventSourceDlq,
  IFunction,
} from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";

export interface FailureQueueProps {
  /** @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** An encrypted queue for events that a service has given up, kept for the 14 days that SQS allows at most. */
export class FailureQueue extends Queue {
  constructor(scope: Construct, id: string, { removalPolicy }: FailureQueueProps = {}) {
    super(scope, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      ...(removalPolicy && { removalPolicy }),
    });
    acknowledge(this, { "AwsSolutions-SQS3": "It is itself where failures end; nothing consumes it." });
  }

  /**
   * Lets a function or a role send to this queue. The CDK's own grant adds GetQueueAttributes and GetQueueUrl, which neither
   * Lambda nor Scheduler needs.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
   */
  receiveFrom({ grantPrincipal }: IGrantable): void {
    grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [this.queueArn] }),
    );
  }
}

/** The queue as the destination of a function's failed invocations, or of an event source's failed batches. */
export class FailureDestination implements IDestination, IEventSourceDlq {
  readonly #queue: FailureQueue;

  constructor(queue: FailureQueue) {
    this.#queue = queue;
  }

  bind(_scope: unknown, fn: IFunction): DestinationConfig & DlqDestinationConfig {
    this.#queue.receiveFrom(fn);
    return { destination: this.#queue.queueArn };
  }
}
