/**
 * List prices in dollars, us-east-1, as far as known on 21 November 2026: without free tiers, volume discounts, Savings
 * Plans, support and taxes. Check them on the pages before you rely on a figure; `npm run cost` computes everything
 * anew from here.
 */

export const PRICES_OF = "2026-11-21";

export interface Price {
  readonly dollars: number;
  readonly per: string;
  readonly page: string;
}

const MILLION = 1e6;
const price = (dollars: number, per: string, page: string): Price => ({ dollars, per, page });

const pages = {
  alb: "https://aws.amazon.com/elasticloadbalancing/pricing/",
  apiGateway: "https://aws.amazon.com/api-gateway/pricing/",
  cloudFront: "https://aws.amazon.com/cloudfront/pricing/pay-as-you-go/",
  cloudWatch: "https://aws.amazon.com/cloudwatch/pricing/",
  cognito: "https://aws.amazon.com/cognito/pricing/",
  dynamoDb: "https://aws.amazon.com/dynamodb/pricing/on-demand/",
  ec2: "https://aws.amazon.com/ec2/pricing/on-demand/",
  eventBridge: "https://aws.amazon.com/eventbridge/pricing/",
  fargate: "https://aws.amazon.com/fargate/pricing/",
  kms: "https://aws.amazon.com/kms/pricing/",
  lambda: "https://aws.amazon.com/lambda/pricing/",
  sqs: "https://aws.amazon.com/sqs/pricing/",
  rds: "https://aws.amazon.com/rds/postgresql/pricing/",
  secrets: "https://aws.amazon.com/secrets-manager/pricing/",
  vpc: "https://aws.amazon.com/vpc/pricing/",
  waf: "https://aws.amazon.com/waf/pricing/",
  xray: "https://aws.amazon.com/xray/pricing/",
};

export const prices = {
  lambdaRequest: price(0.2 / MILLION, "invocation", pages.lambda),
  lambdaGbSecond: price(0.0000133334, "GB-second on ARM", pages.lambda),
  keptWarmGbSecond: price(0.0000033334, "GB-second of provisioned concurrency on ARM", pages.lambda),
  webSocketMessage: price(1 / MILLION, "message of up to 32 KB, in or out", pages.apiGateway),
  connectionMinute: price(0.25 / MILLION, "connection minute", pages.apiGateway),
  httpRequest: price(1 / MILLION, "HTTP API request of up to 512 KB", pages.apiGateway),
  writeUnit: price(0.625 / MILLION, "write request unit", pages.dynamoDb),
  readUnit: price(0.125 / MILLION, "read request unit", pages.dynamoDb),
  storedGb: price(0.25, "GB and month in table and index", pages.dynamoDb),
  backupGb: price(0.2, "GB and month of point-in-time recovery", pages.dynamoDb),
  event: price(1 / MILLION, "custom event of up to 64 KB", pages.eventBridge),
  schedule: price(1 / MILLION, "schedule that fires", pages.eventBridge),
  queueRequest: price(0.4 / MILLION, "request of SQS of up to 64 KB", pages.sqs),
  logGb: price(0.5, "GB of logs taken in", pages.cloudWatch),
  metric: price(0.3, "custom metric and month", pages.cloudWatch),
  alarmMetric: price(0.1, "metric that an alarm looks at, and month", pages.cloudWatch),
  dashboard: price(3, "dashboard and month", pages.cloudWatch),
  trace: price(5 / MILLION, "trace recorded", pages.xray),
  edgeRequest: price(0.01 / 10_000, "HTTPS request", pages.cloudFront),
  edgeFunction: price(0.1 / MILLION, "run of the path function", pages.cloudFront),
  edgeOutGb: price(0.085, "GB from CloudFront to stations", pages.cloudFront),
  edgeInGb: price(0.02, "GB from stations through CloudFront to the origin", pages.cloudFront),
  webAcl: price(5, "web ACL and month", pages.waf),
  webAclRule: price(1, "rule and month", pages.waf),
  webAclRequest: price(0.6 / MILLION, "request looked at", pages.waf),
  key: price(1, "key of KMS and month", pages.kms),
  secret: price(0.4, "secret and month", pages.secrets),
  appClient: price(6, "machine client and month", pages.cognito),
  token: price(2.25 / 1000, "token issued to a machine client", pages.cognito),
  // The alternative.
  albHour: price(0.0225, "load balancer and hour", pages.alb),
  lcuHour: price(0.008, "capacity unit (3,000 connections) and hour", pages.alb),
  fargateCpuHour: price(0.03238, "vCPU and hour on ARM", pages.fargate),
  fargateGbHour: price(0.00356, "GB of memory and hour on ARM", pages.fargate),
  addressHour: price(0.005, "public IPv4 address and hour", pages.vpc),
  databaseGb: price(0.23, "GB and month of gp3 in two zones", pages.rds),
  databaseMicroHour: price(0.032, "db.t4g.micro in two zones and hour", pages.rds),
  databaseMediumHour: price(0.129, "db.t4g.medium in two zones and hour", pages.rds),
  databaseLargeHour: price(0.674, "db.m7g.xlarge in two zones and hour", pages.rds),
  databaseHugeHour: price(3.826, "db.r7g.4xlarge in two zones and hour", pages.rds),
  outGb: price(0.09, "GB from a region to the Internet", pages.ec2),
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof prices;
