import { Duration, type RemovalPolicy } from "aws-cdk-lib";
import type { EventInvokeConfigOptions } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { FailureDestination, FailureQueue } from "./failure-queue.ts";

export interface BackgroundFailuresProps {
  /** @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Where invocations of a background function end that failed for good, with their event and their error. A
 * message here is a command that was answered with 202 and is not retried any more.
 */
export class BackgroundFailures extends Construct {
  readonly queue: FailureQueue;

  constructor(scope: Construct, id: string, props: BackgroundFailuresProps = {}) {
    super(scope, id);
    this.queue = new FailureQueue(this, "Queue", props);
  }

  /** For a function that is invoked asynchronously: Lambda tries again after one and two minutes. */
  get invokeConfig(): EventInvokeConfigOptions {
    return {
      retryAttempts: 2,
      // A command's deadline is 25 s: an event that waited longer can only record that it came too late.
      maxEventAge: Duration.minutes(10),
      onFailure: new FailureDestination(this.queue),
    };
  }
}
