import { isAccepted } from "../commands/answers.ts";
import type { Execution } from "../commands/outcome.ts";
import { PROBLEM_BASE, Problem, type ProblemDetails } from "../problems.ts";
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
 * @param isLegacy whether the station's answer is not awaited
 * @returns undefined where the station was not connected: nothing was sent
 * @throws errors other than Problem: the run is repeated
 */
export function outcomeOf(execution: Execution<object>, isLegacy = false): StationOutcome | undefined {
  if ("output" in execution) {
    const { output, ended } = execution;
    if (isLegacy || ended === "sent" || ended === "handedOver") return { outcome: "unknown" };
    return "results" in output ? ofResults(output.results as readonly Result[]) : ofStatus(output);
  }
  const { error, ended } = execution;
  if (!(error instanceof Problem)) throw error;
  const isLost = error.slug === "station-not-connected";
  if (isLost && ended === "notSent") return undefined;
  // the connection was lost between two CALLs of the command
  const outcome = isLost || error.slug === "connection-lost" ? "unknown" : "failed";
  return { outcome, problem: error.toDetails() };
}

/** An answer without a status is one that holds what was asked for. */
function ofStatus({ status }: { readonly status?: string }): StationOutcome {
  if (status === undefined) return { outcome: "accepted" };
  return { outcome: isAccepted(status) || ALSO_ACCEPTED.has(status) ? "accepted" : "refused", status };
}

/** The station was sent a change, and its connection was lost before all of them were answered. */
const isLoss = ({ type }: ProblemDetails): boolean =>
  type === `${PROBLEM_BASE}connection-lost` || type === `${PROBLEM_BASE}station-not-connected`;

interface Result {
  readonly status?: string;
  readonly error?: ProblemDetails;
}

/** Of several changes, the first that did not succeed counts. */
function ofResults(results: readonly Result[]): StationOutcome {
  const failed = results.find(({ error }) => error !== undefined)?.error;
  if (failed) return { outcome: isLoss(failed) ? "unknown" : "failed", problem: failed };
  const outcomes = results.map(ofStatus);
  return outcomes.find(({ outcome }) => outcome === "refused") ?? outcomes[0] ?? { outcome: "accepted" };
}
