/** From counts and prices to dollars. Everything that is assumed and not measured stands in `assumed`. */
import { type FunctionId, type FunctionSpec, functionSpecs } from "../../infra/functions.ts";
import type { Counts } from "./measure.ts";
import { type Operation, type OperationName, operationNames, operations } from "./operations.ts";
import { type PriceName, prices } from "./prices.ts";

/** What is in the template whether anything happens or not. */
export interface Fixed {
  /** Metrics that alarms look at, as often as they do. */
  readonly alarmMetrics: number;
  readonly appClients: number;
  readonly dashboards: number;
  /** Keys of KMS that are the account's own. */
  readonly keys: number;
  readonly secrets: number;
  readonly webAcls: number;
  readonly webAclRules: number;
  /** Queues that Lambda polls. */
  readonly polledQueues: number;
  /** By function. */
  readonly memoryMb: Readonly<Record<string, number>>;
  /** Memory of environments that are kept initialized, all together. */
  readonly keptWarmGb: number;
  /** The functions that X-Ray samples. */
  readonly traced: readonly string[];
  /** Whether Lambda's lines about invocations that went well are stored. */
  readonly platformLines: boolean;
  /** A line of the access log of each API. */
  readonly accessLineBytes: { readonly station: number; readonly remote: number };
}

export interface Measured {
  /** When `npm run cost -- --measure` wrote it. */
  readonly measured: string;
  readonly fixed: Fixed;
  readonly operations: Readonly<Record<OperationName, Counts>>;
  /** What a station does, a day. @default `profile` */
  readonly profile?: Profile;
  /** Of a handshake. @default `assumed.scryptMs` */
  readonly scryptMs?: number;
}

export type Profile = Readonly<Partial<Record<OperationName, number>>>;

const HOURS = 730;
const DAYS = HOURS / 24;
const MINUTES = HOURS * 60;
const SECONDS = MINUTES * 60;
const GB = 1e9;

export const assumed = {
  /**
   * Of a function's time at 1,024 MB, beside what follows: parsing, validation, and a cold start in a thousand
   * invocations. Twice as long at 512 MB.
   */
  invocationMs: 8,
  /** One DynamoDB request from within the region: 3–5 ms (docs/performance.md). */
  tableMs: 5,
  postMs: 15,
  schedulerMs: 30,
  queueMs: 10,
  /** Lambda polls an idle queue by five connections, each of which waits for 20 s. */
  pollsAMinute: 5 * 3,
  /** The scrypt of a handshake with a generated password. */
  scryptMs: 2,
  /** With one that was chosen, at 0.58 of a vCPU. */
  chosenScryptMs: 90,
  /** From the post to the station's answer, over a mobile network. */
  stationMs: 500,
  /** From a request to a webhook's receiver to its answer, handshakes included. */
  receiverMs: 200,
  /** How often a function looks for the answer of such a station (docs/waiting.md); the measured one answers at once. */
  looks: 3,
  /** START, END and REPORT, which Lambda adds to a function's log. */
  platformLogBytes: 350,
  /** An OCPP message with its share of TLS and TCP. */
  messageBytes: 400,
  /** Headers of a handshake, either way. */
  handshakeBytes: 1500,
  responseBytes: 1000,
  /** A request to a webhook's receiver, with TLS and the headers of the signature. */
  deliveryBytes: 2500,
  /** Combinations of dimensions that occur (docs/operations.md). */
  metrics: 60,
  /** One caller that keeps its token for an hour. */
  tokens: HOURS,
} as const;

/** What a station does, a day. */
export const profile: Profile = {
  Heartbeat: (24 * 60) / 5,
  // A connection lives for two hours at most.
  reconnect: 12,
  BootNotification: 1 / 30,
  // Two charges of an hour, one of them started by a remote start attempt, whose count has its StartTransaction.
  Authorize: 2,
  StartTransaction: 1,
  MeterValues: 2 * 12,
  StatusNotification: 2 * 4,
  StopTransaction: 2,
  remote_start_attempt: 1,
  get_configuration: 1,
  read_command: 1,
};

const deliveriesOf = (name: OperationName): number => (operations[name] as Operation).deliveries ?? 0;

/** How often a station does it, a day. */
const timesOf = (measured: Measured, name: OperationName): number => (measured.profile ?? profile)[name] ?? 0;

/** Dollars by what is paid for. */
export type Bill = Readonly<Partial<Record<PriceName, number>>>;

const billOf = (amounts: Readonly<Partial<Record<PriceName, number>>>): Bill =>
  Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [name, amount * prices[name as PriceName].dollars]),
  );

export const totalOf = (bill: Bill): number => Object.values(bill).reduce((sum, dollars) => sum + dollars, 0);

const times = (bill: Bill, factor: number): Bill =>
  Object.fromEntries(Object.entries(bill).map(([name, dollars]) => [name, dollars * factor]));

const plus = (...bills: readonly Bill[]): Bill => {
  const sum: Partial<Record<PriceName, number>> = {};
  for (const bill of bills) {
    for (const [name, dollars] of Object.entries(bill) as [PriceName, number][]) {
      sum[name] = (sum[name] ?? 0) + dollars;
    }
  }
  return sum;
};

const sumOf = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** How long functions are at work on one operation, all of them together. */
function busyMs(
  { fixed, operations: measured, scryptMs = assumed.scryptMs }: Measured,
  name: OperationName,
): number {
  const counted = measured[name];
  const processorMs = Object.entries(counted.functions).map(
    ([id, invocations]) => (invocations * assumed.invocationMs * 1024) / (fixed.memoryMb[id] ?? 1024),
  );
  return (
    processorMs.reduce((sum, ms) => sum + ms, 0) +
    sumOf(counted.dynamodb) * assumed.tableMs +
    counted.posts * assumed.postMs +
    sumOf(counted.scheduler) * assumed.schedulerMs +
    (counted.sqs.SendMessageBatch ?? 0) * assumed.queueMs +
    operations[name].handshakes * scryptMs +
    deliveriesOf(name) * assumed.receiverMs +
    (operations[name].waits ? assumed.stationMs : 0)
  );
}

/** The largest of the functions at work: requests are not counted by function, and all of them are billed by it. */
const memoryOf = ({ fixed, operations: measured }: Measured, name: OperationName): number =>
  Math.max(0, ...Object.keys(measured[name].functions).map((id) => fixed.memoryMb[id] ?? 1024));

/**
 * Of that, what is certainly spent by functions with a share of the concurrency: these post CALLs and wait. The table's
 * requests are not counted by function, so all of them are left to the others.
 */
function reservedMs({ functions, posts }: Counts, name: OperationName): number {
  const invocations = Object.entries(functions).filter(([id]) => {
    const { concurrencyShare }: FunctionSpec = functionSpecs[id as FunctionId];
    return concurrencyShare !== undefined;
  });
  return (
    sumOf(Object.fromEntries(invocations)) * assumed.invocationMs +
    Math.max(0, posts - operations[name].stationCalls) * assumed.postMs +
    (operations[name].waits ? assumed.stationMs : 0)
  );
}

/** What one operation costs. Storage is a month's of what it leaves behind; traces are counted for the whole fleet. */
export function billOfOperation(measured: Measured, name: OperationName): Bill {
  const { operations: counted, fixed } = measured;
  const { capacity, messages, functions, events, logBytes, sqs } = counted[name];
  const { httpRequests, handshakes } = operations[name];
  const invocations = sumOf(functions);
  // A handshake is in the access log as CONNECT and DISCONNECT, and a post is not.
  const { station, remote } = fixed.accessLineBytes;
  const accessBytes = (messages / 2 + 2 * handshakes) * station + httpRequests * remote;
  const platformBytes = fixed.platformLines ? invocations * assumed.platformLogBytes : 0;
  return billOf({
    lambdaRequest: invocations,
    lambdaGbSecond: (busyMs(measured, name) / 1000) * (memoryOf(measured, name) / 1024),
    // the page does not mention CONNECT and DISCONNECT; they are counted as messages
    webSocketMessage: messages + 2 * handshakes,
    httpRequest: httpRequests,
    writeUnit: capacity.writeUnits + capacity.indexWriteUnits,
    readUnit: capacity.readUnits + (operations[name].waits ? assumed.looks - 1 : 0),
    storedGb: capacity.storedBytes / GB,
    // of the table; a restore builds the indexes anew
    backupGb: (capacity.storedBytes - capacity.indexBytes) / GB,
    event: events,
    queueRequest: sumOf(sqs),
    schedule: (functions["attempt-expiry"] ?? 0) + (functions["attempt-stop"] ?? 0),
    logGb: (logBytes + platformBytes + accessBytes) / GB,
    edgeRequest: handshakes,
    edgeFunction: handshakes,
    webAclRequest: handshakes,
    edgeInGb: ((messages / 2) * assumed.messageBytes + handshakes * assumed.handshakeBytes) / GB,
    edgeOutGb: ((messages / 2) * assumed.messageBytes + handshakes * assumed.handshakeBytes) / GB,
    outGb: (httpRequests * assumed.responseBytes + deliveriesOf(name) * assumed.deliveryBytes) / GB,
  });
}

export interface Rates {
  readonly stations: number;
  /** Handshakes a second, spread evenly. */
  readonly handshakes: number;
  /** Messages of stations and to stations a second, posts among them. */
  readonly messages: number;
  readonly posts: number;
  readonly httpRequests: number;
  readonly invocations: number;
  /** Environments that are at work at once. */
  readonly concurrency: number;
  /** Those of functions without a share of the account's concurrency, or a little more. */
  readonly unreserved: number;
  /** The index's among them. */
  readonly writeUnits: number;
  readonly indexWriteUnits: number;
  readonly readUnits: number;
  readonly schedules: number;
  readonly events: number;
  readonly logBytes: number;
}

/** What so many stations make of a second. */
export function ratesOf(measured: Measured, stations: number): Rates {
  const perSecond = (of: (name: OperationName, counts: Counts) => number) =>
    operationNames.reduce(
      (sum, name) => sum + (timesOf(measured, name) * of(name, measured.operations[name])) / 86_400,
      0,
    ) * stations;
  return {
    stations,
    handshakes: perSecond((name) => operations[name].handshakes),
    messages: perSecond((_, { messages }) => messages),
    posts: perSecond((_, { posts }) => posts),
    httpRequests: perSecond((name) => operations[name].httpRequests),
    invocations: perSecond((_, { functions }) => sumOf(functions)),
    concurrency: perSecond((name) => busyMs(measured, name) / 1000),
    unreserved: perSecond((name, counts) => (busyMs(measured, name) - reservedMs(counts, name)) / 1000),
    writeUnits: perSecond((_, { capacity }) => capacity.writeUnits + capacity.indexWriteUnits),
    indexWriteUnits: perSecond((_, { capacity }) => capacity.indexWriteUnits),
    readUnits: perSecond((_, { capacity }) => capacity.readUnits),
    schedules: perSecond((_, { scheduler }) => sumOf(scheduler)),
    events: perSecond((_, { events }) => events),
    logBytes: perSecond((name) => ((billOfOperation(measured, name).logGb ?? 0) / prices.logGb.dollars) * GB),
  };
}

/** A second's first invocation of each function is traced, and a twentieth of the others; this cannot be chosen. */
function tracesOf(measured: Measured, stations: number): number {
  const rates = new Map<string, number>();
  for (const name of operationNames) {
    for (const [id, count] of Object.entries(measured.operations[name].functions)) {
      rates.set(id, (rates.get(id) ?? 0) + (timesOf(measured, name) * count * stations) / 86_400);
    }
  }
  const sampled = measured.fixed.traced.map((id) => rates.get(id) ?? 0);
  const traced = sampled.map((rate) => Math.min(rate, 1) + 0.05 * Math.max(0, rate - 1));
  return traced.reduce((sum, rate) => sum + rate, 0) * SECONDS;
}

/** What one delivery to a webhook adds to its event. */
export const billOfDelivery = (measured: Measured): Bill =>
  plus(
    billOfOperation(measured, "DataTransfer_with_webhook"),
    times(billOfOperation(measured, "DataTransfer"), -1),
  );

/** A month of what one station does of it. */
export const billOfMonth = (measured: Measured, name: OperationName): Bill =>
  times(billOfOperation(measured, name), timesOf(measured, name) * DAYS);

/** A month of so many stations. */
export function billOfFleet(measured: Measured, stations: number): Bill {
  const { fixed } = measured;
  const activity = operationNames.map((name) => times(billOfMonth(measured, name), stations));
  return plus(
    ...activity,
    billOf({ connectionMinute: MINUTES * stations, trace: tracesOf(measured, stations) }),
    billOfNothing(fixed),
  );
}

/** A month of a stack without a station. */
export function billOfNothing(fixed: Fixed): Bill {
  return billOf({
    alarmMetric: fixed.alarmMetrics,
    appClient: fixed.appClients,
    dashboard: fixed.dashboards,
    key: fixed.keys,
    keptWarmGbSecond: fixed.keptWarmGb * SECONDS,
    secret: fixed.secrets,
    webAcl: fixed.webAcls,
    webAclRule: fixed.webAclRules,
    metric: assumed.metrics,
    queueRequest: fixed.polledQueues * assumed.pollsAMinute * MINUTES,
    token: assumed.tokens,
  });
}

export interface Servers {
  readonly tasks: number;
  readonly cpus: number;
  readonly gb: number;
  readonly database: Extract<PriceName, `database${string}Hour`>;
}

/**
 * What the same fleet would want of servers that are always on: two tasks at least, so that one may fail; a task of
 * 2 vCPU for 25,000 connections and one to spare; a database that takes a write a message, in two zones.
 */
export function serversFor(stations: number): Servers {
  if (stations <= 2000) return { tasks: 2, cpus: 0.25, gb: 0.5, database: "databaseMicroHour" };
  if (stations <= 20_000) return { tasks: 2, cpus: 1, gb: 2, database: "databaseMediumHour" };
  const tasks = Math.ceil(stations / 25_000) + 1;
  const database = stations <= 200_000 ? "databaseLargeHour" : "databaseHugeHour";
  return { tasks, cpus: 2, gb: 8, database };
}

/** A month of load balancer, tasks and database. Web ACL, tokens, metrics and alarms are wanted there, too. */
export function billOfServers(measured: Measured, stations: number): Bill {
  const { tasks, cpus, gb, database } = serversFor(stations);
  const serverless = billOfFleet(measured, stations);
  const stored = (serverless.storedGb ?? 0) / prices.storedGb.dollars;
  // A quarter of the log lines: none for each message.
  const logged = (serverless.logGb ?? 0) / prices.logGb.dollars / 4;
  const bytes = (serverless.edgeOutGb ?? 0) / prices.edgeOutGb.dollars;
  return plus(
    billOf({
      albHour: HOURS,
      lcuHour: Math.max(1, stations / 3000) * HOURS,
      fargateCpuHour: tasks * cpus * HOURS,
      fargateGbHour: tasks * gb * HOURS,
      // The load balancer has one in each of two zones.
      addressHour: (tasks + 2) * HOURS,
      [database]: HOURS,
      // Half of what DynamoDB stores is its index; a table's own index is small. 20 GB at least.
      databaseGb: Math.max(20, stored / 2),
      logGb: logged,
      outGb: bytes,
    }),
    billOfNothing(measured.fixed),
  );
}

/**
 * The fleet from which on servers are cheaper, to about a hundredth.
 *
 * @param work dollars a month that people cost more with servers
 */
export function crossing(measured: Measured, work = 0): number {
  const isDearer = (stations: number) =>
    totalOf(billOfFleet(measured, stations)) > totalOf(billOfServers(measured, stations)) + work;
  for (let stations = 10; stations <= 1_000_000; stations = next(stations)) {
    if (isDearer(stations)) return stations;
  }
  return Number.POSITIVE_INFINITY;
}

/** In tens, and in hundredths of what there is. */
const next = (stations: number): number => Math.max(stations + 10, Math.round(stations * 0.101) * 10);
