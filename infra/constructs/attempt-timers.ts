import { type RemovalPolicy, Stack } from "aws-cdk-lib";
import { type IRole, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { ScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { FailureQueue } from "./failure-queue.ts";

/** What a function does with timers: sets them, takes them back. */
export type TimerRight = "set" | "clear";

export interface AttemptTimersProps {
  /** @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The one-time schedules of remote start attempts: their group, the role by which Scheduler invokes the two
 * functions that they end in, and the queue for what it could not deliver.
 */
export class AttemptTimers extends Construct {
  readonly group: ScheduleGroup;
  readonly failures: FailureQueue;
  readonly #role: Role;

  constructor(scope: Construct, id: string, props: AttemptTimersProps = {}) {
    super(scope, id);
    const { removalPolicy } = props;
    this.group = new ScheduleGroup(this, "Group", {
      scheduleGroupName: `${Stack.of(this).stackName}-attempts`,
      ...(removalPolicy && { removalPolicy }),
    });
    this.failures = new FailureQueue(this, "Failures", props);
    // Only for schedules of this group: a confused deputy of another account or group is refused.
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    this.#role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: {
            "aws:SourceAccount": Stack.of(this).account,
            "aws:SourceArn": this.group.scheduleGroupArn,
          },
        },
      }),
    });
    this.failures.receiveFrom(this.#role);
  }

  /** The functions that the timers end in. */
  fire(expiry: IFunction, stop: IFunction): void {
    this.#role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        resources: [expiry.functionArn, stop.functionArn],
      }),
    );
  }

  /** Lets a function take timers back. */
  mayClear({ function: fn, role }: { function: LambdaFunction; role: IRole }): void {
    fn.addEnvironment("SCHEDULE_GROUP", this.group.scheduleGroupName);
    this.#grant(role, "scheduler:DeleteSchedule");
  }

  /** Lets a function set timers that end in these functions, with the one role that does so. */
  maySet(
    { function: fn, role }: { function: LambdaFunction; role: IRole },
    expiry: IFunction,
    stop: IFunction,
  ): void {
    fn.addEnvironment("SCHEDULE_ROLE", this.#role.roleArn);
    fn.addEnvironment("SCHEDULE_FAILURES", this.failures.queueArn);
    fn.addEnvironment("EXPIRY_FUNCTION_ARN", expiry.functionArn);
    fn.addEnvironment("STOP_FUNCTION_ARN", stop.functionArn);
    this.#grant(role, "scheduler:CreateSchedule");
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ["iam:PassRole"],
        resources: [this.#role.roleArn],
        conditions: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
      }),
    );
  }

  #grant(role: IRole, action: string): void {
    const { scheduleGroupName } = this.group;
    const every = { service: "scheduler", resource: "schedule", resourceName: `${scheduleGroupName}/*` };
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: [action], resources: [Stack.of(this).formatArn(every)] }),
    );
    const arn = "arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>";
    acknowledge(role, {
      [`AwsSolutions-IAM5[Resource::${arn}:schedule/${scheduleGroupName}/*]`]:
        "Schedules are made and deleted one by one, all in the group of this stack.",
    });
  }
}
