/**
 * An engine that runs already, Amazon's DynamoDB Local for one: behind a proxy that counts, like the embedded one,
 * and that gives each runner data of its own.
 */
import { createHash, randomUUID } from "node:crypto";
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { resetIdleSockets } from "../idle-sockets.ts";
import { listen, stop } from "../listen.ts";
import { createGuard } from "../rights/guard.ts";
import { guarded } from "./access.ts";
import { fits, type ItemChange } from "./changes.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import { count, OWN_REQUEST_HEADER } from "./operations.ts";
import { ownRequests } from "./request.ts";
import { openStream, readStream } from "./stream.ts";
import type { TableProperties } from "./tables.ts";

export interface ExternalEngine extends Engine {
  /** Reads the streams of the tables that are watched, once those are there. */
  follow(): Promise<void>;
}

/**
 * DynamoDB Local keeps apart what callers with different access keys or regions store
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.UsageNotes.html) and checks no
 * signature: the proxy replaces whatever the callers sign with, so that all callers use the same tables.
 */
const scopeOf = (accessKey: string) =>
  `AWS4-HMAC-SHA256 Credential=${accessKey}/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local`;

/**
 * @param engineUrl where the engine listens, `http://127.0.0.1:8000`
 * @param dataDir the next runner that names it finds the data again, for as long as the engine runs; deleted without
 */
export async function openExternal(
  engineUrl: string,
  tables: Readonly<Record<string, TableProperties>>,
  { counters, watched, onChange, idleSocketMs, access, onUse }: EngineOptions,
  dataDir: string | undefined,
): Promise<ExternalEngine> {
  const agent = new Agent({ keepAlive: true });
  const owner = createHash("sha256").update(dataDir ?? randomUUID());
  const authorization = scopeOf(owner.digest("hex").slice(0, 32));
  const closing = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: closing.signal }).catch(() => undefined);

  const forward = (request: IncomingMessage, response: ServerResponse) => {
    const { [OWN_REQUEST_HEADER]: own, ...headers } = request.headers;
    if (own === undefined) count(counters, String(headers["x-amz-target"] ?? ""));
    const { promise, resolve } = Promise.withResolvers<void>();
    const upstream = httpRequest(
      engineUrl,
      { agent, method: request.method, headers: { ...headers, authorization } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response).once("close", resolve);
      },
    );
    upstream.once("error", () => resolve(void response.destroy()));
    // A function that was killed in the middle of a request takes it back.
    response.once("close", () => upstream.destroy());
    request.pipe(upstream);
    return promise;
  };
  const guard = createGuard(access.principals, onUse);
  const proxy = createServer(
    guarded(guard, access.tablesArn, (request, response) => void forward(request, response)),
  );
  resetIdleSockets(proxy, idleSocketMs, ({ headers }) => headers[OWN_REQUEST_HEADER] !== undefined);
  const endpoint = await listen(proxy, 0);
  const request = ownRequests(endpoint);

  return {
    endpoint,
    async follow() {
      for (const [table, patterns] of Object.entries(watched)) {
        const changed = (change: ItemChange) => {
          if (patterns.some((pattern) => fits(pattern, change))) onChange(change);
        };
        const iterator = await openStream(request, table);
        const stream = { request, table, iterator, changed, pause, closing: closing.signal };
        readStream(stream).catch((error) => console.error(error));
      }
    },
    async close() {
      closing.abort();
      // The engine may be gone before us, and its data with it.
      for (const TableName of dataDir === undefined ? Object.keys(tables) : [])
        await request("DeleteTable", { TableName }).catch(() => undefined);
      await stop(proxy);
      agent.destroy();
    },
  };
}
