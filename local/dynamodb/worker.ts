/**
 * The thread dynalite runs in: parsing requests and expressions costs 0.1–0.3 ms of CPU each, which on a
 * second core does not stand in the way of the functions.
 */

import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import dynalite from "dynalite";
import runBatchGetItem from "dynalite/actions/batchGetItem.js";
import runDeleteItem from "dynalite/actions/deleteItem.js";
import runGetItem from "dynalite/actions/getItem.js";
import runPutItem from "dynalite/actions/putItem.js";
import runQuery from "dynalite/actions/query.js";
import runUpdateItem from "dynalite/actions/updateItem.js";
import conditionParser from "dynalite/db/conditionParser.js";
import db, { type Store, type TableDescription } from "dynalite/db/index.js";
import projectionParser from "dynalite/db/projectionParser.js";
import updateParser from "dynalite/db/updateParser.js";
import batchGetItem from "dynalite/validations/batchGetItem.js";
import deleteItem from "dynalite/validations/deleteItem.js";
import getItem from "dynalite/validations/getItem.js";
import putItem from "dynalite/validations/putItem.js";
import query from "dynalite/validations/query.js";
import updateItem from "dynalite/validations/updateItem.js";
import { resetIdleSockets } from "../idle-sockets.ts";
import { createGuard, type Use } from "../rights/guard.ts";
import { refusalOf } from "./access.ts";
import { countCapacity } from "./capacity.ts";
import { type ItemChange, passOnChanges, type Watched } from "./changes.ts";
import type { Access } from "./engine.ts";
import { cacheExpressions } from "./expressions.ts";
import { createFront } from "./front.ts";
import { count, OWN_REQUEST_HEADER } from "./operations.ts";

export interface WorkerInput {
  /** Folder of the leveldb; in memory without. */
  path: string | undefined;
  counters: Int32Array<SharedArrayBuffer>;
  watched: Watched;
  idleSocketMs: number;
  access: Access;
}

/** The worker's first message. */
export type WorkerStarted = { port: number } | { error: string };

/** The worker's later messages. */
export type WorkerChange = { change: ItemChange };
export type WorkerUse = { use: Use };

const { path, counters, watched, idleSocketMs, access } = workerData as WorkerInput;

/** What functions request. The other operations, of the runner and of developers, are dynalite's alone. */
const operations = {
  BatchGetItem: { run: runBatchGetItem, validation: batchGetItem },
  DeleteItem: { run: runDeleteItem, validation: deleteItem },
  GetItem: { run: runGetItem, validation: getItem },
  PutItem: { run: runPutItem, validation: putItem },
  Query: { run: runQuery, validation: query },
  UpdateItem: { run: runUpdateItem, validation: updateItem },
};

returnRefusedItems();
countCapacity(db, counters);
for (const parser of [conditionParser, projectionParser, updateParser]) cacheExpressions(parser);
const opening = openingOfStore();
const server = dynalite({ createTableMs: 0, ...(path === undefined ? {} : { path }) });

// An SDK client keeps its sockets for good. Node's default of 5 s idle closes them just as the next request
// is on its way, which the client sees as ECONNRESET.
server.keepAliveTimeout = 0;
const guard = createGuard(access.principals, (use) => parentPort?.postMessage({ use } satisfies WorkerUse));
const otherwise = server.listeners("request")[0] as RequestListener;
server.off("request", otherwise);
server.on(
  "request",
  createFront({
    store: opening.store,
    operations,
    refusal: (request, body) => refusalOf(guard, access.tablesArn, request, body),
    onRequest({ headers }) {
      if (headers[OWN_REQUEST_HEADER] === undefined) count(counters, String(headers["x-amz-target"] ?? ""));
    },
    otherwise,
  }),
);
resetIdleSockets(server, idleSocketMs, ({ headers }) => headers[OWN_REQUEST_HEADER] !== undefined);
parentPort?.once("message", () => {
  server.closeAllConnections();
  server.close(() => process.exit(0));
});

try {
  await opening.opened();
  server.listen(0, "127.0.0.1", () => started({ port: (server.address() as AddressInfo).port }));
} catch (error) {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  const inUse = cause?.code === "LEVEL_LOCKED";
  started({ error: inUse ? `${path} is in use by another process` : `${path}: ${cause?.message ?? error}` });
  process.exit(0);
}

function started(message: WorkerStarted): void {
  parentPort?.postMessage(message);
}

/** dynalite opens its leveldb by itself and dies at the first request where that failed: keep hold of it. */
function openingOfStore(): { opened(): Promise<void>; store(): Store } {
  const { create } = db;
  let opened = Promise.resolve();
  let current: Store | undefined;
  db.create = (options) => {
    const store = create(options);
    current = store;
    opened = store.db.open();
    keepTables(store);
    passOnChanges(db, store, watched, (change) => parentPort?.postMessage({ change } satisfies WorkerChange));
    return store;
  };
  return {
    opened: () => opened,
    store() {
      if (current === undefined) throw new Error("dynalite made no store");
      return current;
    },
  };
}

/** dynalite reads and parses a table's description for each request: here once, until the description changes. */
function keepTables(store: Store): void {
  const { tableDb } = store;
  const { put, del } = tableDb;
  const getTable = store.getTable.bind(store) as (name: string, ...rest: unknown[]) => void;
  const active = new Map<string, TableDescription>();
  let changes = 0;
  store.getTable = (name: string, ...[callback, own]: unknown[]) => {
    if (typeof callback !== "function") return getTable(name, callback, own);
    const kept = active.get(name);
    if (kept) return void queueMicrotask(() => callback(null, kept));
    const seen = changes;
    getTable(name, (error: Error | null, table?: TableDescription) => {
      if (table?.TableStatus === "ACTIVE" && changes === seen) active.set(name, table);
      callback(error, table);
    });
  };
  const forget =
    <Rest extends unknown[]>(change: (key: string, ...rest: Rest) => void) =>
    (key: string, ...rest: Rest) => {
      active.delete(key);
      changes += 1;
      change(key, ...rest);
    };
  tableDb.put = forget(put);
  tableDb.del = forget(del);
}

/** dynalite drops ReturnValuesOnConditionCheckFailure: here it is let in, and the refusal gets the item. */
function returnRefusedItems(): void {
  for (const { types } of [deleteItem, putItem, updateItem]) {
    types.ReturnValuesOnConditionCheckFailure = "String";
  }
  const { checkConditional } = db;
  db.checkConditional = (request, item) => {
    const refused = checkConditional(request, item);
    if (refused && item && request.ReturnValuesOnConditionCheckFailure === "ALL_OLD")
      refused.body.Item = item;
    return refused;
  };
}
