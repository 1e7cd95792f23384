import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Engine, EngineOptions } from "./engine.ts";
import type { WorkerChange, WorkerInput, WorkerStarted, WorkerUse } from "./worker.ts";

const CLOSE_WITHIN_MS = 1_000;

/** The folder's data cannot be opened: another process has it open, or it is no such data. */
export class UnusableData extends Error {
  override readonly name = "UnusableData";
}

/**
 * dynalite in a thread of its own.
 *
 * @param dataDir keeps the data below this folder, over restarts and kills; in memory without
 */
export async function startEmbedded(options: EngineOptions, dataDir: string | undefined): Promise<Engine> {
  const { counters, watched, onChange, idleSocketMs, access, onUse } = options;
  const path = dataDir === undefined ? undefined : join(dataDir, "dynamodb");
  if (path !== undefined) await mkdir(path, { recursive: true });
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { path, counters, watched, idleSocketMs, access } satisfies WorkerInput,
    name: "dynamodb",
    // What the process was started with is not for the thread (--input-type, --eval, a test runner's loaders).
    execArgv: [],
  });
  const exited = new Promise((resolve) => worker.once("exit", resolve));
  const endpoint = `http://127.0.0.1:${await listening(worker)}`;
  worker.on("message", (message: WorkerChange | WorkerUse) =>
    "use" in message ? onUse(message.use) : onChange(message.change),
  );
  return {
    endpoint,
    async close() {
      worker.postMessage("close");
      const slow = setTimeout(() => worker.terminate(), CLOSE_WITHIN_MS);
      await exited;
      clearTimeout(slow);
    },
  };
}

function listening(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (started: WorkerStarted) => {
      // from here on an error of the worker has no listener, and so ends the process
      worker.off("error", reject);
      if ("port" in started) resolve(started.port);
      else reject(new UnusableData(started.error));
    });
  });
}
