import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { ItemChange, Watched } from "./dynamodb/changes.ts";
import { expireItems } from "./dynamodb/expiry.ts";
import {
  type DynamoDbCapacity,
  type DynamoDbMetrics,
  operationCounters,
  readCapacity,
  readCounters,
  resetCounters,
} from "./dynamodb/operations.ts";
import { ownRequests } from "./dynamodb/request.ts";
import { ensureTable, type TableProperties } from "./dynamodb/tables.ts";
import type { WorkerChange, WorkerInput, WorkerStarted } from "./dynamodb/worker.ts";

export type { DynamoDbCapacity, DynamoDbMetrics, TableProperties };

export interface DynamoDbOptions {
  /** Keep the data in this folder, over restarts and kills; in memory without. */
  readonly dataDir?: string;
  /** CloudFormation properties of the tables, by physical table name. */
  readonly tables: Readonly<Record<string, TableProperties>>;
  /** The clock items expire by, epoch milliseconds. */
  readonly now: () => number;
  /** Which changes of the tables are told to `onChange`. @default none */
  readonly watched?: Watched;
  readonly onChange?: (change: ItemChange) => void;
}

export interface DynamoDb {
  readonly endpoint: string;
  /** API requests since the start or the last reset; the runner's own are not among them. */
  metrics(): DynamoDbMetrics;
  /** What they would be billed as; nothing where another engine serves them. */
  capacity(): DynamoDbCapacity;
  resetMetrics(): void;
  /** Deletes what is past its time to live now, instead of at the next regular sweep; how many there were. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

const SWEEP_EVERY_MS = 10 * 60_000;
const CLOSE_WITHIN_MS = 1_000;

/** DynamoDB on loopback: dynalite in a thread of its own, with the template's tables. */
export async function startDynamoDb(options: DynamoDbOptions): Promise<DynamoDb> {
  const { dataDir, tables, now, watched = {}, onChange = () => {} } = options;
  const path = dataDir === undefined ? undefined : join(dataDir, "dynamodb");
  if (path !== undefined) await mkdir(path, { recursive: true });

  const counters = operationCounters();
  const worker = new Worker(new URL("./dynamodb/worker.ts", import.meta.url), {
    workerData: { path, counters, watched } satisfies WorkerInput,
    // What the process was started with is not for the thread (--input-type, --eval, a test runner's loaders).
    execArgv: [],
  });
  const exited = new Promise((resolve) => worker.once("exit", resolve));
  const endpoint = `http://127.0.0.1:${await listening(worker)}`;
  worker.on("message", ({ change }: WorkerChange) => onChange(change));
  const request = ownRequests(endpoint);

  let sweeping: Promise<number> | undefined;
  const sweep = () => {
    sweeping ??= expireAll().finally(() => {
      sweeping = undefined;
    });
    return sweeping;
  };
  const expireAll = async () => {
    let expired = 0;
    for (const [name, table] of Object.entries(tables))
      expired += await expireItems(request, name, table, now());
    return expired;
  };

  const close = async () => {
    clearInterval(timer);
    worker.postMessage("close");
    const slow = setTimeout(() => worker.terminate(), CLOSE_WITHIN_MS);
    await exited;
    clearTimeout(slow);
  };

  const timer = setInterval(() => {
    // A sweep that the end of the process interrupts is made up for by the next.
    sweep().catch(() => {});
  }, SWEEP_EVERY_MS).unref();

  try {
    for (const [name, table] of Object.entries(tables)) await ensureTable(request, name, table);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    endpoint,
    metrics: () => readCounters(counters),
    capacity: () => readCapacity(counters),
    resetMetrics: () => resetCounters(counters),
    sweep,
    close,
  };
}

function listening(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (started: WorkerStarted) => {
      // From here on an error of the worker is nobody's to swallow: without a listener it ends the process.
      worker.off("error", reject);
      if ("port" in started) resolve(started.port);
      else reject(new Error(started.error));
    });
  });
}
