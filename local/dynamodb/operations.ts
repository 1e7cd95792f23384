/**
 * Counters that the worker thread writes and the main thread reads without a message: one Int32 per operation, the
 * last one for operations that are not listed. A request is counted before it is served, so the counter is correct
 * once the answer has arrived.
 */

const OPERATIONS = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "PutItem",
  "Query",
  "Scan",
  "TransactGetItems",
  "TransactWriteItems",
  "UpdateItem",
  "UpdateTable",
];

/** Requests that carry this header are the runner's own (creating tables, expiring items). */
export const OWN_REQUEST_HEADER = "x-local-own-request";

export interface DynamoDbMetrics {
  total: number;
  operations: Record<string, number>;
}

/** What on-demand tables are billed by. The embedded engine alone knows; its sweeps for what is expired count, too. */
export interface DynamoDbCapacity {
  /** Eventually consistent reads of 4 KB are half a unit. */
  readUnits: number;
  writeUnits: number;
  /** Of the writes that keep an index up to date. */
  indexWriteUnits: number;
  /** What the items written need more than those they replaced, in table and index. */
  storedBytes: number;
  /** Of that, what indexes store. */
  indexBytes: number;
}

/** Whole numbers: reads in halves of a unit. */
const CAPACITY = ["readHalves", "writeUnits", "indexWriteUnits", "storedBytes", "indexBytes"] as const;

export const operationCounters = (): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(4 * (OPERATIONS.length + 1 + CAPACITY.length)));

export function addCapacity(counters: Int32Array, kind: (typeof CAPACITY)[number], amount: number): void {
  Atomics.add(counters, OPERATIONS.length + 1 + CAPACITY.indexOf(kind), amount);
}

export function readCapacity(counters: Int32Array): DynamoDbCapacity {
  const [readHalves = 0, writeUnits = 0, indexWriteUnits = 0, storedBytes = 0, indexBytes = 0] = CAPACITY.map(
    (_, index) => Atomics.load(counters, OPERATIONS.length + 1 + index),
  );
  return { readUnits: readHalves / 2, writeUnits, indexWriteUnits, storedBytes, indexBytes };
}

/** @param target the X-Amz-Target header, `DynamoDB_20120810.GetItem` */
export function count(counters: Int32Array, target: string): void {
  const index = OPERATIONS.indexOf(target.slice(target.indexOf(".") + 1));
  Atomics.add(counters, index === -1 ? OPERATIONS.length : index, 1);
}

export function readCounters(counters: Int32Array): DynamoDbMetrics {
  const operations: Record<string, number> = {};
  let total = 0;
  for (const [index, name] of [...OPERATIONS, "Other"].entries()) {
    const requests = Atomics.load(counters, index);
    if (requests > 0) operations[name] = requests;
    total += requests;
  }
  return { total, operations };
}

export function resetCounters(counters: Int32Array): void {
  for (let index = 0; index < counters.length; index++) Atomics.store(counters, index, 0);
}
