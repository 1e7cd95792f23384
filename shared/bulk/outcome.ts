import { isAccepted } from "../commands/answers.ts";
import type { Execution } from "../commands/outcome.ts";
import { Problem, type ProblemDetails } from "../problems.ts";
import type { BulkOutcome } from "../store/bulk.ts";

/** What a row shows of one station. */
export interface StationOutcome {
  readonly outcome: BulkOutcome;
  readonly status?: string;
  readonly problem?: ProblemDetails;
}

/** Words of stations for "done" or "will be done" besides Accepted and RebootRequired. */
const ALSO_ACCEPTED: ReadonlySet<string> = new Set(["Scheduled", "Unlocked", "AcceptedCanceled"]);

/**
 * What a run of the command came to.
 *
 * @returns undefined where the station was not connected: nothing was sent
 * @throws errors other than Problem: the run is repeated
 */
export function outcomeOf(execution: Execution<object>): StationOutcome | undefined {
  if ("output" in execution) {
    const { output, ended } = execution;
    // no answer is awaited of a legacy station
    if (ended === "sent" || ended === "handedOver") return { outcome: "unknown" };
    return "results" in output ? ofResults(output.results as readonly Result[]) : ofStatus(output);
  }
  const { error } = execution;
  if (!(error instanceof Problem)) throw error;
  if (error.slug === "station-not-connected") return undefined;
  const outcome = error.slug === "connection-lost" ? "unknown" : "failed";
  return { outcome, problem: error.toDetails() };
}

/** An answer without a status is one that holds what was asked for. */
function ofStatus({ status }: { readonly status?: string }): StationOutcome {
  if (status === undefined) return { outcome: "accepted" };
  return { outcome: isAccepted(status) || ALSO_ACCEPTED.has(status) ? "accepted" : "refused", status };
}

interface Result {
  readonly status?: string;
  readonly error?: ProblemDetails;
}

/** Of several changes, the first that did not succeed counts. */
function ofResults(results: readonly Result[]): StationOutcome {
  const failed = results.find(({ error }) => error !== undefined)?.error;
  if (failed) return { outcome: "failed", problem: failed };
  const outcomes = results.map(ofStatus);
  return outcomes.find(({ outcome }) => outcome === "refused") ?? outcomes[0] ?? { outcome: "accepted" };
}
