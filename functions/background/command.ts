import { type QueuedCommand, runQueued } from "../../shared/commands/run.ts";
import { commandDeps } from "../command-deps.ts";

const deps = commandDeps();

/** Runs a command that was accepted and whose response has gone out. */
export const handler = (queued: QueuedCommand): Promise<void> => runQueued(deps, queued);
