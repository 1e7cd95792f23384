/**
 * Counters that the worker thread writes and the main thread reads without a message: one Int32 per
 * operation, the last one for what is not listed. A request is counted before it is served, so whoever has
 * its answer sees it counted.
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

export const operationCounters = (): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(4 * (OPERATIONS.length + 1)));

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
