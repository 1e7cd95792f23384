import type { ItemChange, Watched } from "./dynamodb/changes.ts";
import { startEmbedded } from "./dynamodb/embedded.ts";
import type { Access } from "./dynamodb/engine.ts";
import { expireItems } from "./dynamodb/expiry.ts";
import { openExternal } from "./dynamodb/external.ts";
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
import type { Use } from "./rights/guard.ts";

export type { DynamoDbCapacity, DynamoDbMetrics, TableProperties };

export interface DynamoDbOptions {
  /** Keep the data in this folder, over restarts and kills; in memory without. */
  readonly dataDir?: string;
  /** An engine that runs already is used instead of the embedded one; it keeps data for as long as it runs. */
  readonly endpoint?: string;
  /** CloudFormation properties of the tables, by physical table name. */
  readonly tables: Readonly<Record<string, TableProperties>>;
  /** The clock items expire by, epoch milliseconds. */
  readonly now: () => number;
  /** The changes of tables that are passed to `onChange`. @default none */
  readonly watched?: Watched;
  readonly onChange?: (change: ItemChange) => void;
  /** Sockets that were idle for so long are reset. @default 0, none is */
  readonly idleSocketMs?: number;
  /** The roles whose rights are enforced. @default none */
  readonly access?: Access;
  readonly onUse?: (use: Use) => void;
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

/** DynamoDB on loopback, with the template's tables: the embedded engine, or another one behind a counting proxy. */
export async function startDynamoDb(options: DynamoDbOptions): Promise<DynamoDb> {
  const { dataDir, tables, now, watched = {}, onChange = () => {}, idleSocketMs = 0 } = options;
  const { access = { principals: [], tablesArn: "" }, onUse = () => {} } = options;
  const counters = operationCounters();
  const engineOptions = { counters, watched, onChange, idleSocketMs, access, onUse };
  const external =
    options.endpoint === undefined
      ? undefined
      : await openExternal(options.endpoint, tables, engineOptions, dataDir);
  const engine = external ?? (await startEmbedded(engineOptions, dataDir));
  const { endpoint } = engine;
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
    await engine.close();
  };

  const timer = setInterval(() => {
    // A sweep that the end of the process interrupts is made up for by the next.
    sweep().catch(() => {});
  }, SWEEP_EVERY_MS).unref();

  try {
    for (const [name, table] of Object.entries(tables)) {
      await ensureTable(request, name, table, { stream: external !== undefined && name in watched });
    }
    await external?.follow();
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
