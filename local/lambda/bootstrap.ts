/**
 * Runs inside each execution environment (a worker thread): loads the function once, then hands it one event at a
 * time. It plays the part of Lambda's Node.js runtime; only `node:` modules can be imported here, because the
 * service turns this file into JavaScript once and starts every environment from that text (see environment.ts).
 *
 * Not emulated: an environment is not frozen between events, so timers and sockets go on.
 */
import { enableCompileCache, flushCompileCache, syncBuiltinESMExports } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { EnvironmentData, FromEnvironment, FunctionError, Invocation } from "./messages.ts";

const data = workerData as EnvironmentData;
const post = (message: FromEnvironment) => parentPort?.postMessage(message);

shiftClock(new Float64Array(data.clockOffset));
for (const stream of [process.stdout, process.stderr]) stream.write = writeToLog;
enableCompileCache(data.compileCache);
leaveOutUndici();
if (data.cheapScrypt) cheapenScrypt();

type Handler = (event: unknown, context: object) => unknown;
let handler: Handler | undefined;
const start = performance.now();
try {
  const module = (await import(data.entry)) as Record<string, unknown>;
  const initMs = performance.now() - start;
  if (typeof module[data.handler] !== "function") {
    throw Object.assign(new Error(`${data.handler} is undefined or not exported`), {
      name: "Runtime.HandlerNotFound",
    });
  }
  handler = module[data.handler] as Handler;
  post({ kind: "ready", initMs });
  flushCompileCache();
} catch (error) {
  post({ kind: "initFailed", error: serialised(error) });
}

parentPort?.on("message", async (invocation: Invocation) => {
  process.env._X_AMZN_TRACE_ID = invocation.traceId;
  try {
    const result = await handler?.(JSON.parse(invocation.event), contextOf(invocation));
    const payload = JSON.stringify(result) ?? "null";
    post({ kind: "done", payload, processorMs: processorMs() });
  } catch (error) {
    post({ kind: "failed", error: serialised(error), processorMs: processorMs() });
  }
});

function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, timeoutMs }: Invocation): object {
  const deadline = performance.now() + timeoutMs;
  const { env } = process;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: requestId,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
}

/** As Lambda reports what a handler threw: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
function serialised(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) {
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  }
  return {
    errorType: thrown.name,
    errorMessage: thrown.message,
    // Without this module's own lines: its URL is its whole text.
    trace: (thrown.stack ?? "").split("\n").filter((line) => !line.includes(import.meta.url)),
  };
}

/** Output goes straight to the service: a worker's own streams would cost a round trip each. */
function writeToLog(
  chunk: string | Uint8Array,
  encoding?: BufferEncoding | (() => void),
  done?: () => void,
): boolean {
  post({ kind: "output", text: typeof chunk === "string" ? chunk : Buffer.from(chunk).toString() });
  const callback = typeof encoding === "function" ? encoding : done;
  if (callback !== undefined) queueMicrotask(callback);
  return true;
}

/**
 * An ES module import of `node:http` makes Node read all exports of the module, and three of those load undici: 22 ms
 * of processor time (Node 24.21) in every environment, because the SDK uses plain HTTP here. On AWS it uses HTTPS,
 * whose module exports none of them.
 */
function leaveOutUndici(): void {
  const http = process.getBuiltinModule("node:http");
  for (const name of ["WebSocket", "CloseEvent", "MessageEvent"]) {
    Object.defineProperty(http, name, { value: undefined });
  }
}

/** Replaces the cost of scrypt by the least one, which saves 40 ms of a processor for each hash. */
function cheapenScrypt(): void {
  const crypto = process.getBuiltinModule("node:crypto");
  const { scrypt } = crypto;
  const cheap = ((password, salt, length, options, callback) =>
    scrypt(password, salt, length, { ...options, N: 2 }, callback)) as typeof scrypt;
  Object.assign(crypto, { scrypt: cheap });
  syncBuiltinESMExports();
}

/** Makes `Date` read the clock that the whole runner shares. */
function shiftClock(offset: Float64Array): void {
  const realNow = Date.now;
  const now = () => realNow() + (offset[0] ?? 0);
  Date.now = now;
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: (target) => new target(now()).toString(),
  });
}
