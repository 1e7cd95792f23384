import { AsyncLocalStorage } from "node:async_hooks";
import { Logger } from "@aws-lambda-powertools/logger";

/**
 * The ids by which log lines are found. Each id finds every line about it in all functions: the API, the function
 * that received the station's answer, the timers.
 */
export interface LogKeys {
  /** API Gateway's, of a request to the API; the caller sees it in the response's `apigw-requestid`. */
  readonly requestId?: string | undefined;
  readonly clientId?: string | undefined;
  /** An attempt's start has the attempt's id. */
  readonly commandId?: string | undefined;
  readonly attemptId?: string | undefined;
  readonly bulkId?: string | undefined;
  readonly webhookId?: string | undefined;
  readonly deliveryId?: string | undefined;
  readonly ocppMessageId?: string | undefined;
  readonly cpId?: string | undefined;
  readonly connectionId?: string | undefined;
  /** How a command ended, as the metric `commands` has it. */
  readonly command?: string | undefined;
  readonly outcome?: string | undefined;
}

const scope = new AsyncLocalStorage<LogKeys>();

/** Runs something whose log lines, and those of all that it does, carry these keys. */
export const withLogKeys = <T>(keys: LogKeys, run: () => T): T =>
  scope.run({ ...scope.getStore(), ...keys }, run);

/** Adds to the lines of the innermost `withLogKeys`, from now on. */
export function addLogKeys(keys: LogKeys): void {
  const known = scope.getStore();
  if (known) Object.assign(known, keys);
}

type About = Error | Readonly<Record<string, unknown>>;

/** The service comes from the environment. */
const powertools = new Logger();

/**
 * The level is compared here: Powertools takes Lambda's own level instead of LOG_LEVEL, and that one lets INFO pass for
 * the sake of the metrics (infra/constructs/relay-function.ts).
 */
const levels = ["INFO", "WARN", "ERROR"] as const;
const lowest = (levels as readonly unknown[]).indexOf(process.env.LOG_LEVEL);

const write = (level: (typeof levels)[number]) => {
  if (levels.indexOf(level) < lowest) return () => {};
  const method = level.toLowerCase() as Lowercase<typeof level>;
  return (message: string, about: About = {}): void =>
    powertools[method](message, {
      ...scope.getStore(),
      ...(about instanceof Error ? { error: about } : about),
    });
};

/** Structured logs, one JSON object a line. */
export const logger = { info: write("INFO"), warn: write("WARN"), error: write("ERROR") };
