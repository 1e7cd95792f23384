import { Problem, type ProblemDetails } from "../../problems.ts";
import { isOutOfTime } from "../sized-groups.ts";

export interface ConfigurationChange {
  readonly key: string;
  readonly value: string;
}

export interface ChangeResult {
  readonly key: string;
  readonly ocppMessageId?: string;
  /** The station's word. */
  readonly status?: string;
  /** Why there is no status. */
  readonly error?: ProblemDetails;
}

export interface ChangeConfigurationsOutput {
  /** In the order of the request. */
  readonly results: readonly ChangeResult[];
}

/** Changes that go out as one CALL. */
export type ChangeGroup<Change> = readonly (Change & { readonly key: string })[];

/**
 * Makes changes group by group. One that fails does not stop the rest; the deadline does.
 *
 * @param plan the groups, in the order of the request
 * @param change yields the results of a group, part by part
 * @throws Problem what keeps even the first CALL from going out; `station-timeout` with the results so far
 */
export async function changeInGroups<Change>(
  plan: () => Promise<readonly ChangeGroup<Change>[]>,
  change: (group: ChangeGroup<Change>) => AsyncIterable<readonly ChangeResult[]>,
): Promise<ChangeConfigurationsOutput> {
  const results: ChangeResult[] = [];
  try {
    for (const group of await plan()) await changeGroup(group, change(group), results);
  } catch (error) {
    throw error instanceof Problem && isOutOfTime(error) ? outOfTime(error, results) : error;
  }
  return { results };
}

/** Adds the results of a group to those so far. */
async function changeGroup<Change>(
  group: ChangeGroup<Change>,
  parts: AsyncIterable<readonly ChangeResult[]>,
  results: ChangeResult[],
): Promise<void> {
  const before = results.length;
  try {
    for await (const part of parts) results.push(...part);
  } catch (error) {
    if (!(error instanceof Problem) || isOutOfTime(error)) throw error;
    if (results.length === 0 && error.slug === "station-not-connected") throw error;
    const unsent = group.slice(results.length - before);
    results.push(...unsent.map(({ key }) => ({ key, error: error.toDetails() })));
  }
}

/** Adds the results so far to the problem of a command of many CALLs that timed out. */
function outOfTime(error: Problem, results: readonly ChangeResult[]): Problem {
  if (results.length === 0 && error.slug === "station-busy") return error;
  return new Problem(
    "station-timeout",
    "The deadline passed before every key was changed. `results` holds the results so far; the remaining keys are not sent.",
    { ...error.members, results },
    { cause: error, headers: error.headers },
  );
}
