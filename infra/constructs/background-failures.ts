import { Duration, type RemovalPolicy } from "aws-cdk-lib";
import type { EventInvokeConfigOptions } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";

export interface BackgroundFailuresProps {
  /** @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Where invocations of a background function end that failed for good, with their event and their error. A
 * message here is a command that was answered with 202 and is not retried any more.
 */
export class BackgroundFailures extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: BackgroundFailuresProps = {}) {
    super(scope, id);
    this.queue = new Queue(this, "Queue", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      ...(props.removalPolicy && { removalPolicy: props.removalPolicy }),
    });
    acknowledge(this.queue, { "AwsSolutions-SQS3": "It is itself where failures end; nothing consumes it." });
  }

  /** For a function that is invoked asynchronously: Lambda tries again after one and two minutes. */
  get invokeConfig(): EventInvokeConfigOptions {
    return {
      retryAttempts: 2,
      // A command's deadline is 25 s: an event that waited longer can only record that it came too late.
      maxEventAge: Duration.minutes(10),
      onFailure: new SqsDestination(this.queue),
    };
  }
}
