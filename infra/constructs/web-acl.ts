import { type CfnCondition, CfnResource, RemovalPolicy, Stack } from "aws-cdk-lib";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from "aws-cdk-lib/aws-wafv2";
import { Construct } from "constructs";

interface WebAclProps {
  /** One of CloudFront's scope can be made in us-east-1 only. */
  readonly scope: "CLOUDFRONT" | "REGIONAL";
  readonly description: string;
  /** Requests that one address may send within five minutes. */
  readonly requestsPerAddress: number;
  /** Rules of the common rule set that count instead of blocking. */
  readonly counted: readonly string[];
  /** Whether addresses are refused that Amazon knows for attacks and scans. @default false */
  readonly ipReputation?: boolean;
  /** Of its log. @default RETAIN_ON_UPDATE_OR_DELETE */
  readonly removalPolicy?: RemovalPolicy;
  /** Everything is made only where it holds. @default everywhere */
  readonly condition?: CfnCondition;
}

/**
 * Rules of the common rule set that would refuse stations and guard nothing here; the others, one by one, are in
 * docs/web-acl.md. Firmware sends no User-Agent more often than not (neither OCPP-J §3 nor RFC 6455 asks for one)
 * and cannot be changed; an identity may end in `.log`, and behind the path there are no files.
 */
const countedForStations = [
  "NoUserAgent_HEADER",
  "UserAgent_BadBots_HEADER",
  "RestrictedExtensions_URIPATH",
] as const;

/** API consumers are programs, and many HTTP clients send a User-Agent only when configured to. */
const countedForClients = ["NoUserAgent_HEADER"] as const;

/**
 * Default maximum of handshakes of one address within five minutes: a depot of 500 stations behind one
 * address that all come back after a power cut, each with three tries. A whole fleet behind one address (a mobile
 * operator's gateway) needs more, or an outage would end in a block that the stations' own retries keep up.
 */
export const HANDSHAKES_PER_ADDRESS = 2000;

/** Token requests of one address within five minutes: a token lives for an hour, so even this is a lot. */
const TOKENS_PER_ADDRESS = 1000;

/**
 * A web ACL: first the rate of each address, then addresses with a bad name, then AWS's common rule set. What it
 * blocks is in a log group of its own; Authorization is neither there nor in the console's sampled requests.
 */
class WebAcl extends Construct {
  readonly arn: string;
  /** What its metrics have as `WebACL`. */
  readonly metricName: string;
  protected readonly logging: CfnLoggingConfiguration;

  constructor(scope: Construct, id: string, props: WebAclProps) {
    super(scope, id);
    const name = `${Stack.of(this).stackName}-${id}`;
    const visible = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
      cloudWatchMetricsEnabled: true,
      sampledRequestsEnabled: true,
      metricName,
    });
    const managed = (group: string, counted: readonly string[] = []): CfnWebACL.StatementProperty => ({
      managedRuleGroupStatement: {
        vendorName: "AWS",
        name: group,
        ...(counted.length > 0 && {
          ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
        }),
      },
    });
    const rules: Pick<CfnWebACL.RuleProperty, "name" | "action" | "overrideAction" | "statement">[] = [
      {
        name: "rate",
        action: { block: {} },
        statement: {
          rateBasedStatement: {
            limit: props.requestsPerAddress,
            aggregateKeyType: "IP",
            evaluationWindowSec: 300,
          },
        },
      },
      ...(props.ipReputation
        ? [
            {
              name: "ip-reputation",
              overrideAction: { none: {} },
              statement: managed("AWSManagedRulesAmazonIpReputationList"),
            },
          ]
        : []),
      {
        name: "common",
        overrideAction: { none: {} },
        statement: managed("AWSManagedRulesCommonRuleSet", props.counted),
      },
    ];
    const acl = new CfnWebACL(this, "Acl", {
      name,
      scope: props.scope,
      description: props.description,
      defaultAction: { allow: {} },
      rules: rules.map((rule, priority) => ({ ...rule, priority, visibilityConfig: visible(rule.name) })),
      visibilityConfig: visible(name),
      // Log, sampled requests, Security Lake: everything that shows a request.
      // https://docs.aws.amazon.com/waf/latest/developerguide/data-protection-masking.html
      dataProtectionConfig: {
        dataProtections: [
          { action: "SUBSTITUTION", field: { fieldType: "SINGLE_HEADER", fieldKeys: ["authorization"] } },
        ],
      },
    });
    this.arn = acl.attrArn;
    this.metricName = name;

    const logs = new LogGroup(this, "Logs", {
      // WAF takes no other name. https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
      logGroupName: `aws-waf-logs-${name}`,
      retention: RetentionDays.ONE_MONTH,
      // Having a name, it must not stay behind when the deployment that made it fails.
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.logging = new CfnLoggingConfiguration(this, "Logging", {
      resourceArn: acl.attrArn,
      // Not its Arn attribute: that ends in `:*`, which WAF does not take.
      logDestinationConfigs: [
        Stack.of(this).formatArn({
          service: "logs",
          resource: `log-group:${logs.logGroupName}`,
        }),
      ],
      redactedFields: [{ singleHeader: { Name: "authorization" } }],
      // What was let through is in the access log of what stands behind.
      loggingFilter: {
        DefaultBehavior: "DROP",
        Filters: [
          {
            Behavior: "KEEP",
            Requirement: "MEETS_ANY",
            Conditions: [{ ActionCondition: { Action: "BLOCK" } }],
          },
        ],
      },
    });
    if (props.condition !== undefined) {
      for (const child of this.node.findAll()) {
        if (child instanceof CfnResource) child.cfnOptions.condition = props.condition;
      }
    }
  }
}

export interface StationWebAclProps {
  readonly requestsPerAddress: number;
  /** Of its log. @default RETAIN_ON_UPDATE_OR_DELETE */
  readonly removalPolicy?: RemovalPolicy;
  /** Everything is made only where it holds. @default everywhere */
  readonly condition?: CfnCondition;
}

/** Before the distributions that stations connect to. They name it: a web ACL for CloudFront has no association. */
export class StationWebAcl extends WebAcl {
  constructor(scope: Construct, id: string, props: StationWebAclProps) {
    super(scope, id, {
      ...props,
      scope: "CLOUDFRONT",
      description: "Handshakes of OCPP stations",
      counted: countedForStations,
      ipReputation: true,
    });
  }
}

export interface TokenWebAclProps {
  /** Of its log. @default RETAIN_ON_UPDATE_OR_DELETE */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Before a user pool: its domain, where tokens come from, and the API operations that need no AWS signature. What
 * it blocks does not count towards Cognito's own rate, which all clients share.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-waf.html
 */
export class TokenWebAcl extends WebAcl {
  constructor(scope: Construct, id: string, props: TokenWebAclProps) {
    super(scope, id, {
      ...props,
      scope: "REGIONAL",
      description: "Token requests of API clients",
      requestsPerAddress: TOKENS_PER_ADDRESS,
      counted: countedForClients,
    });
  }

  guard(userPoolArn: string): void {
    const association = new CfnWebACLAssociation(this, "Association", {
      resourceArn: userPoolArn,
      webAclArn: this.arn,
    });
    // WAF knows a web ACL everywhere only some time after it was made (WAFUnavailableEntityException): wait for
    // what takes a while.
    association.node.addDependency(this.logging);
  }
}
