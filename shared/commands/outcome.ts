import { AlreadySent } from "../calls/call.ts";
import { addLogKeys } from "../logger.ts";
import { count, type Outcome } from "../metrics.ts";
import { Problem, type ProblemSlug } from "../problems.ts";
import { type CommandName, commands } from "./commands.ts";

/**
 * How far a command came in one run:
 * - `answered`, `callError`: the station's answer to the last CALL;
 * - `sent`: the last CALL went out, its answer is not awaited;
 * - `handedOver`: the background function carries the command out;
 * - `byAnother`: another request of the same Idempotency-Key sent the first CALL, and its run counts the end.
 */
export type Ended = "answered" | "callError" | "sent" | "handedOver" | "byAnother";

/** What one run of a command came to: its output, or the error that ended it. */
export type Execution<Output> =
  | { readonly output: Output; readonly ended: Ended }
  | {
      readonly error: unknown;
      /** `notSent`: no CALL went out, so the command may be run again; `failed`: one did. */
      readonly ended: "notSent" | "failed" | "byAnother";
    };

const outcomeOfProblem: Partial<Record<ProblemSlug, Outcome>> = {
  "station-call-error": "callError",
  "invalid-station-answer": "invalidAnswer",
  "station-timeout": "timedOut",
  "connection-lost": "connectionLost",
  "station-busy": "busy",
};

/** Thrown when a queued job turns out to be obsolete. Nothing is sent; this is not a failure. */
export class Obsolete extends Error {
  override readonly name = "Obsolete";
}

function outcomeOfError(error: unknown): Outcome | undefined {
  if (error instanceof AlreadySent || error instanceof Obsolete) return undefined;
  if (!(error instanceof Problem)) return "failed";
  return outcomeOfProblem[error.slug] ?? (error.status < 500 ? "refused" : "failed");
}

/**
 * True for errors other than Problem in an asynchronous function: Lambda retries the invocation, so the command has
 * not ended.
 */
export const isRetriedByLambda = (error: unknown): boolean => !(error instanceof Problem);

type IsRetried = (error: unknown) => boolean;

const never: IsRetried = () => false;

/**
 * Counts the end of a command, if this run was its end, and unwraps the run.
 *
 * @param isRetried whether the command will be retried after an error before which no CALL went out
 * @returns the command's output
 * @throws the error that ended the run
 */
export function settle<Output>(
  name: CommandName,
  execution: Execution<Output>,
  isRetried: IsRetried = never,
): Output {
  const { ended } = execution;
  if ("output" in execution) {
    if (ended === "answered" || ended === "callError" || ended === "sent") countEnd(name, ended);
    return execution.output;
  }
  const { error } = execution;
  const goesOn = ended === "byAnother" || (ended === "notSent" && isRetried(error));
  if (!goesOn) countEnd(name, outcomeOfError(error));
  throw error;
}

/** Does work that comes before any CALL of a command; an error ends the command and is counted. */
export async function countingFailure<Result>(
  name: CommandName,
  work: () => Promise<Result>,
  isRetried: IsRetried = never,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isRetried(error)) countEnd(name, outcomeOfError(error));
    throw error;
  }
}

function countEnd(name: CommandName, outcome: Outcome | undefined): void {
  if (outcome === undefined) return;
  const { name: command } = commands[name];
  count("commands", { command, outcome });
  addLogKeys({ command, outcome });
}
