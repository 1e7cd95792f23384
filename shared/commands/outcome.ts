import { AlreadySent } from "../calls/call.ts";
import { addLogKeys } from "../logger.ts";
import { count, type Outcome } from "../metrics.ts";
import { Problem, type ProblemSlug } from "../problems.ts";
import { type CommandName, commands } from "./commands.ts";

const outcomeOfProblem: Partial<Record<ProblemSlug, Outcome>> = {
  "station-call-error": "callError",
  "invalid-station-answer": "invalidAnswer",
  "station-timeout": "timedOut",
  "connection-lost": "connectionLost",
  "station-busy": "busy",
};

/** What is due was found not to be: nothing is sent, and nothing has failed. */
export class NotToBeSent extends Error {
  override readonly name = "NotToBeSent";
}

function outcomeOf(error: unknown): Outcome | undefined {
  if (error instanceof AlreadySent || error instanceof NotToBeSent) return undefined;
  if (!(error instanceof Problem)) return "failed";
  return outcomeOfProblem[error.slug] ?? (error.status < 500 ? "refused" : "failed");
}

/** What is thrown in a function that nobody waits for, and is no end: Lambda runs the function again. */
export const isRunAgain = (error: unknown): boolean => !(error instanceof Problem);

export interface Ends<Result> {
  /** How it ended where nothing was thrown; undefined where it goes on. @default it goes on */
  readonly ended?: (result: Result) => Outcome | undefined;
  /** Whether it goes on although this was thrown. @default it does not */
  readonly goesOn?: (error: unknown) => boolean;
}

/** Does work in which a command may come to its end, and counts that end. */
export async function counted<Result>(
  name: CommandName,
  work: () => Promise<Result>,
  { ended = () => undefined, goesOn = () => false }: Ends<Result> = {},
): Promise<Result> {
  try {
    const result = await work();
    note(name, ended(result));
    return result;
  } catch (error) {
    if (!goesOn(error)) note(name, outcomeOf(error));
    throw error;
  }
}

function note(name: CommandName, outcome: Outcome | undefined): void {
  if (outcome === undefined) return;
  const { name: command } = commands[name];
  count("commands", { command, outcome });
  addLogKeys({ command, outcome });
}
