/**
 * dynalite as an HTTP server, with what it does slowly done otherwise, and the items that conditions refuse: for the
 * thread of the local stack, and for tests that have a table in their own process.
 */

import type { RequestListener, Server } from "node:http";
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
import { cacheExpressions } from "./expressions.ts";
import { createFront, type FrontOptions } from "./front.ts";

/** What functions request. The other operations, of the runner and of developers, are dynalite's alone. */
export const operations = {
  BatchGetItem: { run: runBatchGetItem, validation: batchGetItem },
  DeleteItem: { run: runDeleteItem, validation: deleteItem },
  GetItem: { run: runGetItem, validation: getItem },
  PutItem: { run: runPutItem, validation: putItem },
  Query: { run: runQuery, validation: query },
  UpdateItem: { run: runUpdateItem, validation: updateItem },
};

returnRefusedItems();
for (const parser of [conditionParser, projectionParser, updateParser]) cacheExpressions(parser);

export interface ServerOptions extends Partial<Pick<FrontOptions, "refusal" | "onRequest">> {
  /** Folder of the leveldb. @default in memory */
  readonly path?: string | undefined;
  /** Called with the store before it is used. */
  readonly onStore?: (store: Store) => void;
}

export interface DynaliteServer {
  /** Does not listen yet. */
  readonly server: Server;
  /** Resolves when the data is open; rejects as leveldb does. */
  opened(): Promise<void>;
}

export function createDynalite(options: ServerOptions = {}): DynaliteServer {
  const { path, onStore, refusal = () => undefined, onRequest = () => {} } = options;
  const { server, store, opened } = openStore(path);
  keepTables(store);
  onStore?.(store);
  // An SDK client keeps its sockets for good. Node's default of 5 s idle closes them just as the next request
  // is on its way, which the client sees as ECONNRESET.
  server.keepAliveTimeout = 0;
  const otherwise = server.listeners("request")[0] as RequestListener;
  server.off("request", otherwise);
  server.on("request", createFront({ store, operations, refusal, onRequest, otherwise }));
  return { server, opened: () => opened };
}

/** dynalite opens its leveldb by itself and dies at the first request where that failed: keep hold of it. */
function openStore(path: string | undefined) {
  const { create } = db;
  const stores: { store: Store; opened: Promise<void> }[] = [];
  db.create = (options) => {
    const store = create(options);
    stores.push({ store, opened: store.db.open() });
    return store;
  };
  try {
    const server = dynalite({ createTableMs: 0, ...(path === undefined ? {} : { path }) });
    const [made] = stores;
    if (made === undefined) throw new Error("dynalite made no store");
    return { server, ...made };
  } finally {
    db.create = create;
  }
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
