/** One execution environment: a worker thread that holds a function's module state and takes one event at a time. */
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { transformSync } from "esbuild";
import type { EnvironmentData, FromEnvironment, FunctionError, Invocation } from "./messages.ts";

export type Outcome =
  | { readonly status: "ok"; readonly payload: string }
  | { readonly status: "failed"; readonly error: FunctionError }
  | { readonly status: "throttled" };

export interface EnvironmentOptions {
  /** The function's construct id, as the thread's name. */
  readonly name: string;
  readonly data: EnvironmentData;
  readonly variables: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly onReady: (initMs: number) => void;
  readonly onOutput: (text: string) => void;
  /** Processor time since the last call, after each event. */
  readonly onUsed: (processorMs: number) => void;
  /** The environment has ended; the error contains the reason, for the event that would have been served next. */
  readonly onGone: (error: FunctionError) => void;
}

export interface Environment {
  /** Only while no other event is being served. Never rejects. */
  serve(invocation: Invocation): Promise<Outcome>;
  /** Ends it at once, as a crash would. Resolves when the thread is gone. */
  kill(): Promise<void>;
}

/**
 * Started from text rather than from the .ts file: otherwise every environment would load Node's type stripper
 * first, which makes the start of a thread take 36 ms instead of 22 (Node 24.21, 2 cores).
 */
let bootstrap: URL | undefined;
const bootstrapUrl = () => {
  const source = readFileSync(new URL("./bootstrap.ts", import.meta.url), "utf8");
  const { code } = transformSync(source, { loader: "ts", target: "node24", format: "esm" });
  bootstrap ??= new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  return bootstrap;
};

export function startEnvironment(options: EnvironmentOptions): Environment {
  const { data, variables, memoryMb, onReady, onOutput, onUsed, onGone } = options;
  const worker = new Worker(bootstrap ?? bootstrapUrl(), {
    workerData: data,
    name: options.name,
    env: variables,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  let answer: ((outcome: Outcome) => void) | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let gone = false;
  let usedMs = 0;

  const settle = (outcome: Outcome) => {
    clearTimeout(deadline);
    const waiting = answer;
    answer = undefined;
    waiting?.(outcome);
  };
  const end = (error: FunctionError) => {
    if (gone) return;
    gone = true;
    onGone(error);
    settle({ status: "failed", error });
  };
  const kill = async (error: FunctionError) => {
    end(error);
    await worker.terminate();
  };

  worker.on("message", (message: FromEnvironment) => {
    if (gone) return;
    if ("processorMs" in message) {
      onUsed(message.processorMs - usedMs);
      usedMs = message.processorMs;
    }
    if (message.kind === "output") onOutput(message.text);
    else if (message.kind === "done") settle({ status: "ok", payload: message.payload });
    else if (message.kind === "failed") settle({ status: "failed", error: message.error });
    else if (message.kind === "ready") onReady(message.initMs);
    else void kill(message.error);
  });
  worker.on("error", (error) =>
    end({ errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") }),
  );
  worker.on("exit", (code) =>
    end({ errorType: "Runtime.ExitError", errorMessage: `Runtime exited with error: exit status ${code}` }),
  );

  return {
    serve(invocation) {
      return new Promise((resolve) => {
        answer = resolve;
        deadline = setTimeout(() => {
          const seconds = (invocation.timeoutMs / 1000).toFixed(2);
          const errorMessage = `RequestId: ${invocation.requestId} Error: Task timed out after ${seconds} seconds`;
          void kill({ errorType: "Sandbox.Timedout", errorMessage });
        }, invocation.timeoutMs);
        worker.postMessage(invocation);
      });
    },
    kill: () =>
      kill({ errorType: "Runtime.ExitError", errorMessage: "Runtime exited with error: signal: killed" }),
  };
}
