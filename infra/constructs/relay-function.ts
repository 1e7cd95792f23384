import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  type EventInvokeConfigOptions,
  type IFunction,
  Function as LambdaFunction,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

export interface RelayFunctionProps {
  /** The folder with `index.mjs`. */
  readonly bundle: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** @default 10 seconds */
  readonly timeout?: Duration;
  /**
   * Lambda gives processor time by memory: 1,769 MB is one vCPU, so this is 0.58 of one. TLS, JSON and the
   * scrypt of a handshake are all processor: half the memory takes twice as long and costs the same.
   *
   * @default 1024
   */
  readonly memorySize?: number;
  /** Of its logs. @default ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /** Of its logs. @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** Retries and destinations where it is invoked asynchronously. @default Lambda's own */
  readonly asynchronous?: EventInvokeConfigOptions;
}

/**
 * One Lambda function with a role and a log group of its own. The role can write to that log group and
 * nothing else: AWSLambdaBasicExecutionRole would let every function write to, and create, any log group.
 */
export class RelayFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: RelayFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Logs", {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
    this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(this.role);
    this.function = new LambdaFunction(this, "Resource", {
      functionName: `${Stack.of(this).stackName}-${id}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(props.bundle),
      handler: "index.handler",
      memorySize: props.memorySize ?? 1024,
      timeout: props.timeout ?? Duration.seconds(10),
      role: this.role,
      logGroup,
      environment: { NODE_OPTIONS: "--enable-source-maps", ...props.environment },
      ...props.asynchronous,
    });
  }
  /** Lets this function invoke another one, whose name it finds in the environment variable. */
  mayInvoke(other: IFunction, environmentVariable: string): void {
    this.function.addEnvironment(environmentVariable, other.functionName);
    this.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [other.functionArn] }),
    );
  }
}
