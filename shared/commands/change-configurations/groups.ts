import { Problem, type ProblemDetails } from "../../problems.ts";

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
 * @throws Problem what keeps even the first CALL from going out; `station-timeout` with the results so far
 */
export async function changeInGroups<Change>(
  plan: () => Promise<readonly ChangeGroup<Change>[]>,
  change: (group: ChangeGroup<Change>) => Promise<ChangeResult[]>,
): Promise<ChangeConfigurationsOutput> {
  const results: ChangeResult[] = [];
  const told = async <Result>(work: Promise<Result>) => {
    try {
      return await work;
    } catch (error) {
      throw error instanceof Problem && isOutOfTime(error) ? outOfTime(error, results) : error;
    }
  };
  for (const group of await told(plan())) {
    try {
      results.push(...(await told(change(group))));
    } catch (error) {
      if (!(error instanceof Problem) || isOutOfTime(error)) throw error;
      if (results.length === 0 && error.slug === "station-not-connected") throw error;
      results.push(...group.map(({ key }) => ({ key, error: error.toDetails() })));
    }
  }
  return { results };
}

const isOutOfTime = ({ slug }: Problem): boolean => slug === "station-timeout" || slug === "station-busy";

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
