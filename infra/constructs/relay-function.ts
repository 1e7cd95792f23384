import { ArnFormat, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  type EventInvokeConfigOptions,
  type IFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";

export interface RelayFunctionProps {
  /** The folder with `index.mjs`. */
  readonly bundle: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** @default 10 seconds */
  readonly timeout?: Duration;
  /**
   * Lambda gives processor time by memory: 1,769 MB is one vCPU, so this is 0.58 of one. TLS, JSON and the
   * scrypt of a handshake are all processor: half the memory takes twice as long and costs the same. Time spent
   * waiting for other services costs half.
   *
   * @default 1024
   */
  readonly memorySize?: number;
  /** Of its logs. @default ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /** Of its logs. @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** As many concurrent executions are its own, and no more. @default none of its own */
  readonly reservedConcurrency?: number;
  /**
   * So many of its environments are kept initialized; invocations beyond them start others as usual. Lambda does this
   * for a published version only, so what invokes the function has to name the alias: `entry`. @default 0
   */
  readonly provisionedConcurrency?: number;
  /** Of its own lines: DEBUG, INFO, WARN or ERROR. @default "INFO" */
  readonly logLevel?: string;
  /** Which of Lambda's own lines are stored: of invocations that failed, or all. @default "failures" */
  readonly platformLogs?: "failures" | "all";
  /** Whether X-Ray records what Lambda samples of it. @default true */
  readonly tracing?: boolean;
  /** Retries and destinations where it is invoked asynchronously. @default Lambda's own */
  readonly asynchronous?: EventInvokeConfigOptions;
}

/**
 * Lambda filters lines by level only where it writes JSON, as the code does. START, END and REPORT of an invocation
 * that went well are 350 bytes at INFO, more than most functions write themselves; their figures are metrics, too. A
 * failure, such as a timeout, is a line at WARN. The code keeps to `logLevel` by itself: a line without a level, which
 * every metric is, counts as INFO for Lambda and must pass.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
const loggingOf = ({ logLevel, platformLogs }: RelayFunctionProps) => ({
  loggingFormat: LoggingFormat.JSON,
  applicationLogLevelV2: logLevel === "DEBUG" ? ApplicationLogLevel.DEBUG : ApplicationLogLevel.INFO,
  systemLogLevelV2: platformLogs === "all" ? SystemLogLevel.INFO : SystemLogLevel.WARN,
});

/**
 * One Lambda function with a role and a log group of its own. The role can write to that log group and
 * its traces, and nothing else: AWSLambdaBasicExecutionRole would let every function write to, and create, any log group.
 */
export class RelayFunction extends Construct {
  readonly function: LambdaFunction;
  /** What an API invokes: the function, or the alias whose environments are kept initialized. */
  readonly entry: IFunction;
  readonly role: Role;
  readonly functionName: string;

  constructor(scope: Construct, id: string, props: RelayFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Logs", {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
    this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(this.role);
    this.functionName = `${Stack.of(this).stackName}-${id}`;
    const isTraced = props.tracing ?? true;
    this.function = new LambdaFunction(this, "Resource", {
      functionName: this.functionName,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(props.bundle),
      handler: "index.handler",
      memorySize: props.memorySize ?? 1024,
      timeout: props.timeout ?? Duration.seconds(10),
      role: this.role,
      tracing: isTraced ? Tracing.ACTIVE : Tracing.DISABLED,
      ...(props.reservedConcurrency && { reservedConcurrentExecutions: props.reservedConcurrency }),
      logGroup,
      ...loggingOf(props),
      environment: { NODE_OPTIONS: "--enable-source-maps", ...props.environment },
      ...props.asynchronous,
    });
    this.entry = props.provisionedConcurrency ? this.#keepWarm(props.provisionedConcurrency) : this.function;
    if (!isTraced) return;
    acknowledge(this.role, {
      "AwsSolutions-IAM5[Resource::*]":
        "Traces go to X-Ray, whose two write actions know no resources (xray:PutTraceSegments, xray:PutTelemetryRecords).",
    });
  }

  #keepWarm(provisionedConcurrentExecutions: number): IFunction {
    const alias: unknown = this.function.addAlias("warm", { provisionedConcurrentExecutions });
    return alias as IFunction; // its optional members are declared less exactly than the interface's
  }

  /**
   * Lets this function invoke another one or itself, by the name that it finds in the environment variable.
   * Names, not references: a function that refers to itself would wait for itself.
   */
  mayInvoke(other: RelayFunction, environmentVariable: string): void {
    this.function.addEnvironment(environmentVariable, other.functionName);
    const arn = Stack.of(this).formatArn({
      service: "lambda",
      resource: "function",
      resourceName: other.functionName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [arn] }),
    );
  }
}
