import { join } from "node:path";
import type { TimerRight } from "./constructs/attempt-timers.ts";
import type { RunningSettings } from "./running-settings.ts";

/** DynamoDB's actions; `Query` is that of the table, `QueryIndex` and `QuerySearchIndex` are those of its indexes. */
export type TableAction =
  | "GetItem"
  | "PutItem"
  | "UpdateItem"
  | "DeleteItem"
  | "Query"
  | "QueryIndex"
  | "QuerySearchIndex"
  | "BatchGetItem";

/** What a function may do with `@connections`: send a frame, look at a connection, close it. */
export type ConnectionsMethod = "POST" | "GET" | "DELETE";

/** What a function may do with the password hashes: read them at a handshake, add and remove them, delete a station's. */
export type PasswordAction = "GetItem" | "BatchGetItem" | "UpdateItem" | "DeleteItem";

/** What a function may do with the secrets of webhooks: read them to sign, or write and delete them. */
export type SecretAction = "GetItem" | "UpdateItem" | "DeleteItem";

export interface FunctionSpec {
  /** Relative to the repository. */
  readonly entry: string;
  /** What its role may do with the table and its index. @default nothing */
  readonly table?: readonly TableAction[];
  /** What its role may do with the table of password hashes. @default nothing */
  readonly passwords?: readonly PasswordAction[];
  /** What its role may do with the table of webhook secrets. @default nothing */
  readonly webhookSecrets?: readonly SecretAction[];
  /** @default nothing */
  readonly connections?: readonly ConnectionsMethod[];
  /** Setting timers and taking them back. @default nothing */
  readonly timers?: readonly TimerRight[];
  /** Whether it hands work to background-command. @default false */
  readonly goesOnInBackground?: true;
  /** Whether it is invoked asynchronously, so that Lambda tries again what failed. @default false */
  readonly isAsynchronous?: true;
  /** Whether it sends messages to the queue of bulk commands. @default false */
  readonly sendsToBulkQueue?: true;
  /** Whether the queue of bulk commands invokes it. @default false */
  readonly runsBulkCommands?: true;
  /** Whether it sends messages to the queue of webhook deliveries. @default false */
  readonly sendsToWebhookQueue?: true;
  /** Whether the queue of webhook deliveries invokes it. @default false */
  readonly deliversWebhooks?: true;
  /** Whether the table's stream invokes it, to publish events. @default false */
  readonly publishesChanges?: true;
  /** @default 10 */
  readonly timeoutSeconds?: number;
  /**
   * The share of a processor goes with it: see `RelayFunctionProps`. A function that waits for DynamoDB and API Gateway
   * most of its time costs a third less with half of the memory, and takes some 8 ms longer. Not so the authorizer,
   * whose time is the scrypt, nor functions that an API client waits for. @default 1024
   */
  readonly memoryMb?: number;
  /**
   * Whether `-c keepWarm=` counts for it: an API client or a station waits for its cold start, and for nothing else
   * that takes as long. @default false
   */
  readonly isKeptWarm?: true;
  /**
   * For a function that waits for stations: which share of the account's concurrent executions is reserved for it,
   * and is the most that it may have. @default none, it takes from what is left
   */
  readonly concurrencyShare?: number;
}

/*
 * The shares: a command waits for its station up to 25 s, and the station's answer is an invocation too. Commands
 * without a bound would take every execution the account has, so that no answer came through and each of them
 * waited to its end. They share a half; stations, which never wait, always have the other half. Of that half most
 * is for those who wait in the request itself. background-command waits as long, for those who do not: a station
 * that comes back with attempts must not find it taken by the API. What only hands over needs little.
 */

/**
 * Every Lambda function: its construct id, which is its name everywhere, and its rights, no more and no fewer
 * than its code asks for (test/infra/functions.test.ts compares).
 */
export const functionSpecs = {
  "station-authorize": {
    entry: "functions/station/authorize.ts",
    table: ["GetItem", "BatchGetItem", "UpdateItem"],
    passwords: ["BatchGetItem"],
    isKeptWarm: true,
  },
  "station-connect": {
    entry: "functions/station/connect.ts",
    table: ["GetItem", "UpdateItem"],
    connections: ["DELETE"],
    goesOnInBackground: true,
    memoryMb: 512,
  },
  "station-disconnect": {
    entry: "functions/station/disconnect.ts",
    table: ["GetItem", "UpdateItem"],
    memoryMb: 512,
  },
  "station-message": {
    entry: "functions/station/message.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "Query"],
    connections: ["POST", "DELETE"],
    timers: ["set", "clear"],
    memoryMb: 512,
  },
  // 28 s: an HTTP API gives its integration 30 s, and a command's own deadline is 25 s.
  "api-synchronous": {
    entry: "functions/api/synchronous.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "Query", "QueryIndex", "BatchGetItem"],
    passwords: ["GetItem", "UpdateItem"],
    connections: ["POST"],
    goesOnInBackground: true,
    timeoutSeconds: 28,
    isKeptWarm: true,
    concurrencyShare: 0.2,
  },
  "api-asynchronous": {
    entry: "functions/api/asynchronous.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "Query", "QueryIndex", "QuerySearchIndex", "BatchGetItem"],
    connections: ["POST"],
    timers: ["set", "clear"],
    goesOnInBackground: true,
    timeoutSeconds: 28,
    concurrencyShare: 0.05,
  },
  "api-raw": {
    entry: "functions/api/raw.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "Query", "QueryIndex", "BatchGetItem"],
    passwords: ["GetItem", "UpdateItem"],
    connections: ["POST"],
    goesOnInBackground: true,
    timeoutSeconds: 28,
    concurrencyShare: 0.1,
  },
  "api-rates": {
    entry: "functions/api/rates.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "QueryIndex", "BatchGetItem"],
    connections: ["POST"],
    goesOnInBackground: true,
    timeoutSeconds: 28,
    concurrencyShare: 0.05,
  },
  "api-commands": {
    entry: "functions/api/commands.ts",
    table: ["GetItem", "Query", "QueryIndex", "QuerySearchIndex", "BatchGetItem"],
  },
  // 28 s: a filter may look at 10,000 stations.
  "api-bulk": {
    entry: "functions/api/bulk.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "QueryIndex", "BatchGetItem"],
    sendsToBulkQueue: true,
    timeoutSeconds: 28,
  },
  // 28 s: deleting a station deletes what belongs to it, item by item.
  "api-stations": {
    entry: "functions/api/stations.ts",
    table: [
      "GetItem",
      "PutItem",
      "UpdateItem",
      "DeleteItem",
      "Query",
      "QueryIndex",
      "QuerySearchIndex",
      "BatchGetItem",
    ],
    passwords: ["GetItem", "UpdateItem", "DeleteItem"],
    connections: ["GET", "DELETE"],
    timers: ["clear"],
    timeoutSeconds: 28,
  },
  // 28 s: deleting a network deletes its tokens.
  "api-networks": {
    entry: "functions/api/networks.ts",
    table: ["GetItem", "UpdateItem", "DeleteItem", "Query", "QueryIndex", "BatchGetItem"],
    webhookSecrets: ["DeleteItem"],
    timeoutSeconds: 28,
  },
  "api-webhooks": {
    entry: "functions/api/webhooks.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "QueryIndex", "BatchGetItem"],
    webhookSecrets: ["UpdateItem", "DeleteItem"],
    sendsToWebhookQueue: true,
  },
  "api-openapi": { entry: "functions/api/openapi.ts" },
  "background-command": {
    entry: "functions/background/command.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "Query", "QueryIndex", "BatchGetItem"],
    connections: ["POST"],
    timers: ["clear"],
    goesOnInBackground: true,
    sendsToBulkQueue: true,
    isAsynchronous: true,
    timeoutSeconds: 60,
    concurrencyShare: 0.1,
  },
  // 60 s: stations one after the other for 30 s, and the last of them may take 25. Its event source bounds how many
  // run at once.
  "bulk-run": {
    entry: "functions/bulk/run.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "Query", "QueryIndex", "BatchGetItem"],
    connections: ["POST"],
    goesOnInBackground: true,
    sendsToBulkQueue: true,
    runsBulkCommands: true,
    timeoutSeconds: 60,
  },
  // 30 s: a hundred changes at once, some of which have a command's other CALLs to be read.
  "events-publish": {
    entry: "functions/events/publish.ts",
    table: ["GetItem", "PutItem", "Query", "BatchGetItem"],
    publishesChanges: true,
    sendsToWebhookQueue: true,
    timeoutSeconds: 30,
    memoryMb: 512,
  },
  // 60 s: several requests one after the other, each of which may take 10. It speaks to servers that are not ours, so it
  // has no rights but these.
  "webhook-deliver": {
    entry: "functions/webhooks/deliver.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"],
    webhookSecrets: ["GetItem"],
    sendsToWebhookQueue: true,
    deliversWebhooks: true,
    timeoutSeconds: 60,
  },
  "attempt-expiry": {
    entry: "functions/timers/attempt-expiry.ts",
    table: ["GetItem", "PutItem", "UpdateItem"],
    timers: ["clear"],
    isAsynchronous: true,
  },
  "attempt-stop": {
    entry: "functions/timers/attempt-stop.ts",
    goesOnInBackground: true,
    isAsynchronous: true,
  },
} as const satisfies Record<string, FunctionSpec>;

export type FunctionId = keyof typeof functionSpecs;

/** The functions that an API client waits for, and those that run its commands for it. */
const SERVES_CLIENTS = /^(api|background|bulk)-/;

/**
 * Whether X-Ray samples a function. It records each function's first invocation of a second and 5 % of the others, so
 * stations' functions, which run most often, cost most; their latency is in the metric `roundTrip`.
 */
export const isTraced = (id: FunctionId, tracing: RunningSettings["tracing"]): boolean =>
  tracing === "all" || (tracing === "api" && SERVES_CLIENTS.test(id));

export const functionIds = Object.keys(functionSpecs) as FunctionId[];

/** The entry of each function as an absolute path, for the bundler. */
export function entryPoints(root: string): Record<FunctionId, string> {
  return Object.fromEntries(functionIds.map((id) => [id, join(root, functionSpecs[id].entry)])) as Record<
    FunctionId,
    string
  >;
}
