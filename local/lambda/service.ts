/** Lambda on one machine: the template's functions, invoked by name or ARN, synchronously or not. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { Template } from "../template.ts";
import { functionsOf, type TemplateFunction } from "./definitions.ts";
import type { Outcome } from "./environment.ts";
import { createFunction, type FunctionMetrics, type LocalFunction } from "./function.ts";
import { permissionsOf } from "./permissions.ts";
import { Starts } from "./starts.ts";

/** A line of a function's output, or of the platform. */
export interface LogEntry {
  readonly functionId: string;
  readonly source: "function" | "platform";
  readonly text: string;
}

export interface LambdaOptions {
  readonly template: Template;
  readonly clock: Clock;
  /** Folder for V8's code cache, so that the second environment of a function starts faster. */
  readonly compileCache: string;
  /** Variables all functions get, read when an environment starts; the endpoints of the other services. */
  readonly variables: () => Readonly<Record<string, string>>;
  /** Turns a URL of the deployed stack into the local one. */
  readonly localUrl: (text: string) => string;
  readonly onLog: (entry: LogEntry) => void;
  /** What a function's environments sign requests with. @default the same for all */
  readonly credentialsOf?: (functionName: string) => Readonly<Record<string, string>>;
  /**
   * Before each new attempt of an asynchronous event. On AWS one minute and then two; the default here is one
   * second and then two. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  readonly retryDelaysMs?: readonly number[];
  /** Environments that had nothing to do for so long are ended. @default 5 minutes, about as on AWS */
  readonly idleMs?: number;
  /**
   * The same for environments of a function that has another one. After a burst each of them would hold its memory
   * for minutes. @default 10 seconds
   */
  readonly spareIdleMs?: number;
  /**
   * Of each function; events beyond wait. An environment takes some 25 MB of this machine, and a thousand handshakes
   * at once would have hundreds. @default 100: as many commands as a network runs at most
   */
  readonly mostEnvironments?: number;
  /** For tests: scrypt costs next to nothing in the functions, whatever they ask for. @default false */
  readonly cheapScrypt?: boolean;
}

export interface Lambda {
  /** Undefined: there is no such function. */
  find(nameOrArn: string): LocalFunction | undefined;
  /**
   * The function as a service may invoke it for a source: one that fails where the function's resource policy does
   * not allow that.
   */
  invocableBy(target: LocalFunction, service: string, sourceArn: string): LocalFunction;
  /** Queues the event and returns at once. Failed attempts are repeated as the template specifies. */
  invokeLater(target: LocalFunction, event: string): void;
  /** What every function's environments are started with, by logical id. */
  variables(): Record<string, Record<string, string>>;
  /** `functionId` is the construct id; without it all functions' environments are killed. */
  kill(functionId?: string): Promise<void>;
  metrics(): Record<string, FunctionMetrics>;
  resetMetrics(): void;
  close(): Promise<void>;
}

const noRole = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", AWS_SESSION_TOKEN: "local" };

export function createLambda(options: LambdaOptions): Lambda {
  const { template, clock, compileCache, variables, localUrl, onLog } = options;
  const {
    retryDelaysMs = [1000, 2000],
    idleMs = 5 * 60_000,
    spareIdleMs = 10_000,
    mostEnvironments = 100,
    cheapScrypt = false,
    credentialsOf = () => noRole,
  } = options;
  const definitions = functionsOf(template);
  const starts = new Starts();
  const functions = definitions.map((definition) =>
    createFunction({
      starts,
      definition,
      data: {
        entry: definition.entry,
        handler: definition.handler,
        compileCache,
        clockOffset: clock.offset,
        functionArn: definition.arn,
        cheapScrypt,
      },
      variables: () => environmentVariables(definition),
      onOutput: (text) => onLog({ functionId: definition.id, source: "function", text }),
      onFailure: (requestId, error) =>
        onLog({
          functionId: definition.id,
          source: "platform",
          text: `${JSON.stringify({ level: "ERROR", requestId, ...error })}\n`,
        }),
      mostEnvironments,
    }),
  );
  const permits = permissionsOf(template);
  const byName = new Map(functions.map((local) => [local.definition.name, local]));
  const byArn = new Map(functions.map((local) => [local.definition.arn, local]));
  const closing = new AbortController();
  const reaper = setInterval(() => {
    for (const local of functions) local.endIdle(idleMs, spareIdleMs);
  }, Math.min(idleMs, spareIdleMs) / 5).unref();

  /** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
  function environmentVariables(definition: TemplateFunction): Record<string, string> {
    const own = Object.entries(definition.variables).map(([key, value]) => [key, localUrl(value)]);
    return {
      ...Object.fromEntries(own),
      AWS_LAMBDA_FUNCTION_NAME: definition.name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: "local",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_REGION: template.region,
      AWS_DEFAULT_REGION: template.region,
      ...credentialsOf(definition.name),
      // The developer's own profile must not reach into the functions.
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      ...variables(),
    };
  }

  async function attempt(target: LocalFunction, event: string): Promise<void> {
    const { asyncRetries, id } = target.definition;
    let failures = 0;
    while (!closing.signal.aborted) {
      const outcome: Outcome = await target.invoke(event);
      if (outcome.status === "ok" || closing.signal.aborted) return;
      // Throttled events stay in the queue and count for nothing, as on AWS.
      if (outcome.status === "failed") failures += 1;
      if (failures > asyncRetries) {
        const text = `${JSON.stringify({ level: "ERROR", message: "event discarded", attempts: failures })}\n`;
        return onLog({ functionId: id, source: "platform", text });
      }
      const delayMs = retryDelaysMs[Math.max(0, failures - 1)] ?? retryDelaysMs.at(-1);
      await sleep(delayMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  function invocableBy(target: LocalFunction, service: string, sourceArn: string): LocalFunction {
    const { definition } = target;
    if (permits(definition, service, sourceArn)) return target;
    const errorMessage = `The resource policy of ${definition.name} does not allow ${service} to invoke it for ${sourceArn}`;
    const error = { errorType: "AccessDeniedException", errorMessage };
    return {
      ...target,
      async invoke() {
        onLog({
          functionId: definition.id,
          source: "platform",
          text: `${JSON.stringify({ level: "ERROR", ...error })}\n`,
        });
        return { status: "failed", error };
      },
    };
  }

  return {
    invocableBy,
    find: (nameOrArn) => byName.get(nameOrArn) ?? byArn.get(nameOrArn),
    invokeLater: (target, event) => void attempt(target, event),
    variables: () =>
      Object.fromEntries(
        definitions.map((definition) => [definition.logicalId, environmentVariables(definition)]),
      ),
    async kill(functionId) {
      const targets = functions.filter(({ definition }) => (functionId ?? definition.id) === definition.id);
      await Promise.all(targets.map((target) => target.kill()));
    },
    metrics: () => Object.fromEntries(functions.map((local) => [local.definition.id, local.metrics()])),
    resetMetrics: () => functions.forEach((local) => void local.resetMetrics()),
    async close() {
      closing.abort();
      clearInterval(reaper);
      await Promise.all(functions.map((local) => local.close()));
    },
  };
}
