/** Which of AWS's default quotas, and of the stack's own bounds, a fleet meets, and when. Looked up on 21 November 2026. */
import { unreservedConcurrency } from "../../infra/concurrency.ts";
import { MESSAGES_AT_ONCE } from "../../infra/constructs/work-queue.ts";
import { LAMBDA_CONCURRENCY, MAX_AUDIENCES, STATION_THROTTLE } from "../../infra/limits.ts";
import { MAX_WEBHOOKS } from "../../shared/webhooks/webhooks.ts";
import { assumed, type Rates } from "./model.ts";

export interface Quota {
  readonly name: string;
  /** In the unit of `need`. */
  readonly limit: number;
  readonly unit: string;
  readonly page: string;
  /** What of it a fleet uses. */
  need(rates: Rates): number;
  /** Printed beside it. */
  readonly note: string;
}

const docs = "https://docs.aws.amazon.com";
const apiGateway = `${docs}/apigateway/latest/developerguide/limits.html`;
const dynamoDb = `${docs}/amazondynamodb/latest/developerguide/ServiceQuotas.html`;
const httpApi = `${docs}/apigateway/latest/developerguide/http-api-quotas.html`;
const scheduler = `${docs}/scheduler/latest/UserGuide/scheduler-quotas.html`;

/** After an outage everybody is to be back within so many seconds. */
const BACK_WITHIN = 600;

/** Of messages, those in: each has an answer, either way. */
const messagesIn = ({ messages }: Rates) => messages / 2;

/** Commands a second of a network that runs ten at once, as it may by default, each for half a second. */
const COMMANDS_OF_A_NETWORK = 10 / 0.5;

/** A receiver of webhooks answers within so many seconds. */
const RECEIVER_SECONDS = assumed.receiverMs / 1000;

const comeBack = ({ stations, handshakes }: Rates) => Math.max(handshakes, stations / BACK_WITHIN);

export const quotas: readonly Quota[] = [
  {
    name: "Lambda: concurrent executions without a share",
    limit: unreservedConcurrency(LAMBDA_CONCURRENCY),
    unit: `of ${LAMBDA_CONCURRENCY.toLocaleString("en-US")} at once`,
    page: `${docs}/lambda/latest/dg/gettingstarted-limits.html`,
    need: (rates) => rates.unreserved + (comeBack(rates) * 300) / 1000,
    note: "what the functions that wait leave to all others ([why](operations.md#concurrency)): the average, and after an outage the handshakes, 300 ms each in two functions. From four fifths on the alarm `concurrency` goes off. To have more, have the account's quota raised and name it, for a million stations `-c lambdaConcurrency=1500`. A new account has 10: raise it before the first deployment",
  },
  {
    name: "API Gateway: new WebSocket connections",
    limit: 500,
    unit: "a second",
    page: `${docs}/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html`,
    need: comeBack,
    note: "every station twice in four hours; and all of them back within ten minutes after an outage",
  },
  {
    name: "API Gateway: requests, all APIs of the account and region",
    limit: 10_000,
    unit: "a second",
    page: apiGateway,
    // What a route answers is no request.
    need: (rates) => messagesIn(rates) + rates.posts + rates.httpRequests + 2 * comeBack(rates),
    note: "messages in, posts, API requests, connects and disconnects. 2,500 in some regions. The stages have throttles of their own below it ([operations.md](operations.md#throttling))",
  },
  {
    name: "This stack: `stationThrottle`",
    limit: STATION_THROTTLE.rateLimit,
    unit: "a second",
    page: "operations.md#throttling",
    need: (rates) => messagesIn(rates) + 2 * comeBack(rates),
    note: "messages in, connects and disconnects. What is above it is lost or tried again, and the outage lasts longer; for a million stations `-c stationThrottle=8000/4000`",
  },
  {
    name: "API Gateway: audiences of an authorizer",
    limit: MAX_AUDIENCES,
    unit: "",
    page: httpApi,
    need: () => 1,
    note: "one for each of Cognito's API clients; it grows with the tenants, not with the fleet. Cannot be raised, and more are refused before anything is deployed ([what then](deploy.md#more-than-50-clients))",
  },
  {
    name: "DynamoDB: write units of a table",
    limit: 40_000,
    unit: "a second",
    page: dynamoDb,
    need: ({ writeUnits }) => writeUnits,
    note: "the index's among them. A new table starts at 4,000 and doubles what it has seen within 30 minutes",
  },
  {
    name: "DynamoDB: write units of a partition",
    limit: 1000,
    unit: "a second",
    page: `${docs}/amazondynamodb/latest/developerguide/bp-partition-key-design.html`,
    need: () => 2 * COMMANDS_OF_A_NETWORK,
    note: "each command writes its network's item twice: here ten commands at once that take half a second each. It grows with a network's `parallelRequests`, not with the fleet. Slots, lanes, connects and answers write no index",
  },
  {
    name: "Scheduler: schedules made",
    limit: 1000,
    unit: "a second",
    page: scheduler,
    need: ({ schedules }) => schedules,
    note: "5,000 in some regions, 250 in the smaller ones",
  },
  {
    name: "Scheduler: schedules at once",
    limit: 1_000_000,
    unit: "",
    page: scheduler,
    // attempts wait for ten minutes at most by default
    need: ({ schedules }) => (schedules / 2) * 600,
    note: "a start attempt has one until it is started or expires",
  },
  {
    name: "This stack: stations that bulk commands are at",
    limit: MESSAGES_AT_ONCE,
    unit: "at once",
    page: "bulk.md#how-it-runs",
    // one bulk command a month to each station, which takes a second
    need: ({ stations }) => stations / (30 * 86_400),
    note: "over all networks: the event source runs at most 20 invocations (`MaximumConcurrency`), each with ten turns. What is above it waits in the queue",
  },
  {
    name: "This stack: requests to receivers of webhooks",
    limit: MESSAGES_AT_ONCE,
    unit: "at once",
    page: "webhooks.md#how-it-runs",
    need: ({ events }) => events * RECEIVER_SECONDS,
    note: "over all networks, one webhook for all events, receivers that answer within 200 ms; one that does not answer has one request at a time after ten failures. What is above it waits in the queue, in order",
  },
  {
    name: "This stack: webhooks of a network",
    limit: MAX_WEBHOOKS,
    unit: "",
    page: "webhooks.md",
    need: () => 1,
    note: "each event may be a delivery for each of them; it grows with the receivers, not with the fleet. Cannot be raised",
  },
  {
    name: "DynamoDB: deliveries of one webhook",
    limit: 1000,
    unit: "a second",
    page: `${docs}/amazondynamodb/latest/developerguide/bp-partition-key-design.html`,
    need: ({ events }) => events,
    note: "a webhook for all events of the fleet: its list of deliveries is one partition of an index. Divide it by type or by network",
  },
  {
    name: "SQS: messages in flight of a queue",
    limit: 120_000,
    unit: "",
    page: `${docs}/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html`,
    need: () => MESSAGES_AT_ONCE,
    note: "the turns of bulk commands, and the lanes of webhooks, that functions are at; there is a queue for each. Requests to a standard queue have no quota, nor has what waits in it: 14 days at most",
  },
  {
    name: "EventBridge: events put",
    limit: 10_000,
    unit: "a second",
    page: `${docs}/eventbridge/latest/userguide/eb-quota.html`,
    need: ({ events }) => events,
    note: "600 in the smallest regions",
  },
  {
    name: "Cognito: machine tokens",
    limit: 150,
    unit: "a second",
    page: `${docs}/cognito/latest/developerguide/quotas.html`,
    need: () => 1,
    note: "callers keep a token for an hour; it does not grow with the fleet",
  },
  {
    name: "CloudFront: requests of a distribution",
    limit: 250_000,
    unit: "a second",
    page: `${docs}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html`,
    need: comeBack,
    note: "handshakes only",
  },
  {
    name: "CloudWatch Logs: PutLogEvents",
    limit: 5000,
    unit: "a second",
    page: `${docs}/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html`,
    need: ({ concurrency }) => concurrency,
    note: "an environment sends its lines together, about once a second",
  },
];
