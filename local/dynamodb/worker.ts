/**
 * The thread dynalite runs in: parsing requests and expressions costs 0.1–0.3 ms of CPU each, which on a
 * second core does not stand in the way of the functions.
 */

import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import dynalite from "dynalite";
import db from "dynalite/db/index.js";
import deleteItem from "dynalite/validations/deleteItem.js";
import putItem from "dynalite/validations/putItem.js";
import updateItem from "dynalite/validations/updateItem.js";
import { resetIdleSockets } from "../idle-sockets.ts";
import { createGuard, type Use } from "../rights/guard.ts";
import { guarded } from "./access.ts";
import { countCapacity } from "./capacity.ts";
import { type ItemChange, passOnChanges, type Watched } from "./changes.ts";
import type { Access } from "./engine.ts";
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

returnRefusedItems();
countCapacity(db, counters);
const opening = openingOfStore();
const server = dynalite({ createTableMs: 0, ...(path === undefined ? {} : { path }) });

// An SDK client keeps its sockets for good. Node's default of 5 s idle closes them just as the next request
// is on its way, which the client sees as ECONNRESET.
server.keepAliveTimeout = 0;
const guard = createGuard(access.principals, (use) => parentPort?.postMessage({ use } satisfies WorkerUse));
const serve = server.listeners("request")[0] as RequestListener;
server.off("request", serve);
server.on(
  "request",
  guarded(guard, access.tablesArn, (request, response) => {
    if (request.headers[OWN_REQUEST_HEADER] === undefined) {
      count(counters, String(request.headers["x-amz-target"] ?? ""));
    }
    serve(request, response);
  }),
);
// dynalite throws what a request ends with, and a function that was killed in the middle of one ends it so.
server.on("request", (request) => request.removeAllListeners("error").on("error", () => {}));
resetIdleSockets(server, idleSocketMs, ({ headers }) => headers[OWN_REQUEST_HEADER] !== undefined);
parentPort?.once("message", () => {
  server.closeAllConnections();
  server.close(() => process.exit(0));
});

try {
  await opening();
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
function openingOfStore(): () => Promise<void> {
  const { create } = db;
  let opened = Promise.resolve();
  db.create = (options) => {
    const store = create(options);
    opened = store.db.open();
    passOnChanges(store, watched, (change) => parentPort?.postMessage({ change } satisfies WorkerChange));
    return store;
  };
  return () => opened;
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
