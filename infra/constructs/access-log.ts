import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { AccessLogFormat, CfnAccount } from "aws-cdk-lib/aws-apigateway";
import { type IAccessLogSettings, LogGroupLogDestination } from "aws-cdk-lib/aws-apigatewayv2";
import { Unit } from "aws-cdk-lib/aws-cloudwatch";
import { ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { FilterPattern, type ILogGroup, LogGroup, MetricFilter, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { NAMESPACE } from "../../shared/metrics.ts";
import { acknowledge } from "./acknowledge.ts";

/** What a stage's own throttle turned away, by API: counted in its access log, since API Gateway has no metric of it. */
export const throttleMetrics = { station: "stationApiThrottled", remote: "remoteApiThrottled" } as const;

/** What a line has to hold, to be counted by. */
interface Fields extends Readonly<Record<string, string>> {
  readonly route: string;
  readonly status: string;
  readonly integrationStatus: string;
}

export interface AccessLogProps {
  /** What a line holds: member names and the `$context` variables that fill them. */
  readonly fields: Fields;
  /** Whose throttle is counted. */
  readonly api: keyof typeof throttleMetrics;
  /** Routes that are not counted. @default none */
  readonly uncounted?: readonly string[];
  /** @default ONE_MONTH */
  readonly retention?: RetentionDays;
  /** @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** A stage's access log: one JSON object per request, handshake or frame. */
export class AccessLog extends Construct {
  readonly settings: IAccessLogSettings;
  readonly logGroup: ILogGroup;

  constructor(scope: Construct, id: string, props: AccessLogProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Logs", {
      retention: props.retention ?? RetentionDays.ONE_MONTH,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
    this.logGroup = logGroup;
    this.settings = {
      destination: new LogGroupLogDestination(logGroup),
      format: AccessLogFormat.custom(
        JSON.stringify({
          service: Stack.of(this).stackName,
          requestId: "$context.requestId", // API Gateway insists on it
          ...props.fields,
        }),
      ),
    };
    // Every member of a line is a string. A 429 of a function's own is its integration's status, too.
    const conditions = [
      '$.service = "*"', // a dimension must be in the pattern
      '$.status = "429"',
      '$.integrationStatus != "429"',
      ...(props.uncounted ?? []).map((route) => `$.route != "${route}"`),
    ];
    new MetricFilter(this, "Throttled", {
      logGroup,
      filterPattern: FilterPattern.literal(`{ ${conditions.map((each) => `(${each})`).join(" && ")} }`),
      metricNamespace: NAMESPACE,
      metricName: throttleMetrics[props.api],
      metricValue: "1",
      unit: Unit.COUNT,
      dimensions: { service: "$.service" },
    });
  }
}

/**
 * The account's role for API Gateway's logs: a WebSocket API with an access log cannot be deployed in a region
 * where it is not set. It belongs to the account, not to this stack, so it stays when the stack goes.
 */
export class ApiGatewayLogRole extends Construct {
  readonly account: CfnAccount;
  readonly role: Role;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("apigateway.amazonaws.com"),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName("service-role/AmazonAPIGatewayPushToCloudWatchLogs"),
      ],
    });
    this.role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    acknowledge(this.role, {
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]":
        "API Gateway's own policy for the role with which it writes the logs of every API of the account.",
    });
    this.account = new CfnAccount(this, "Account", { cloudWatchRoleArn: this.role.roleArn });
    this.account.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
