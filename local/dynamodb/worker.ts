/**
 * The thread dynalite runs in: parsing requests and expressions costs 0.1–0.3 ms of CPU each, which on a
 * second core does not stand in the way of the functions.
 */

import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import db from "dynalite/db/index.js";
import { resetIdleSockets } from "../idle-sockets.ts";
import { createGuard, type Use } from "../rights/guard.ts";
import { refusalOf } from "./access.ts";
import { countCapacity } from "./capacity.ts";
import { type ItemChange, passOnChanges, type Watched } from "./changes.ts";
import type { Access } from "./engine.ts";
import { count, OWN_REQUEST_HEADER } from "./operations.ts";
import { createDynalite } from "./server.ts";

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

countCapacity(db, counters);
const guard = createGuard(access.principals, (use) => parentPort?.postMessage({ use } satisfies WorkerUse));
const { server, opened } = createDynalite({
  path,
  onStore: (store) =>
    passOnChanges(db, store, watched, (change) => parentPort?.postMessage({ change } satisfies WorkerChange)),
  refusal: (request, requestBody) => refusalOf(guard, access.tablesArn, request, requestBody),
  onRequest({ headers }) {
    if (headers[OWN_REQUEST_HEADER] === undefined) count(counters, String(headers["x-amz-target"] ?? ""));
  },
});
resetIdleSockets(server, idleSocketMs, ({ headers }) => headers[OWN_REQUEST_HEADER] !== undefined);
parentPort?.once("message", () => {
  server.closeAllConnections();
  server.close(() => process.exit(0));
});

try {
  await opened();
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
