import { atOnce } from "../at-once.ts";
import { cpIdOf } from "../ids.ts";
import { Problem, type ProblemDetails } from "../problems.ts";
import { type RegisterDeps, type Registration, registerStation, renewPassword } from "./register.ts";

/** How many registrations are under way at once. Each is two writes; DynamoDB answers in some 5 ms. */
const AT_ONCE = 25;

/** The outcome of one station of an import. */
export interface Imported {
  readonly identity: string;
  readonly outcome: "created" | "exists" | "problem";
  readonly cpId?: string;
  /** The generated password. It is returned only once. */
  readonly password?: string;
  readonly problem?: ProblemDetails;
}

/** A station of an import: what it is called there, and what is to be registered. */
export interface ImportedStation {
  readonly identity: string;
  /** @throws Problem if it cannot be registered */
  readonly registration: () => Promise<Registration>;
}

/**
 * Registers stations, each by itself. A repeated identity is registered once, by the first row that can be.
 *
 * @param importId the same for the repeats of a request, see {@link registerStation}
 */
export async function importStations(
  deps: RegisterDeps,
  stations: readonly ImportedStation[],
  importId?: string,
): Promise<Imported[]> {
  const checked = await atOnce(AT_ONCE, stations, async ({ identity, registration }) => {
    try {
      return { identity, registration: await registration() };
    } catch (error) {
      return { identity, failed: outcomeOf(identity, error) };
    }
  });
  const results: Imported[] = [];
  const groups = new Map<string, { readonly place: number; readonly registration: Registration }[]>();
  for (const [place, { failed, registration }] of checked.entries()) {
    if (failed) results[place] = failed;
    if (!registration) continue;
    const cpId = cpIdOf(registration.networkId, registration.identity);
    groups.set(cpId, [...(groups.get(cpId) ?? []), { place, registration }]);
  }
  await atOnce(AT_ONCE, [...groups], async ([cpId, rows]) => {
    let isThere = false;
    for (const { place, registration } of rows) {
      const { identity } = registration;
      const outcome: Imported = isThere
        ? { identity, outcome: "exists", cpId }
        : await register(deps, registration, importId);
      results[place] = outcome;
      isThere ||= outcome.outcome !== "problem";
    }
  });
  return results;
}

async function register(
  deps: RegisterDeps,
  registration: Registration,
  importId: string | undefined,
): Promise<Imported> {
  const { identity, networkId } = registration;
  try {
    const { station, password } = await registerStation(deps, registration, importId);
    return { identity, outcome: "created", cpId: station.cpId, ...(password && { password }) };
  } catch (error) {
    if (error instanceof Problem && error.slug === "already-exists")
      return { identity, outcome: "exists", cpId: cpIdOf(networkId, identity) };
    return outcomeOf(identity, error);
  }
}

/** @throws whatever is no Problem: the outcome of the whole request is unknown then, and it can be repeated */
function outcomeOf(identity: string, error: unknown): Imported {
  if (!(error instanceof Problem)) throw error;
  return { identity, outcome: "problem", problem: error.toDetails() };
}

/** The results of an import with new passwords for the stations that have not connected yet. */
export const renewImported = (
  deps: RegisterDeps,
  importId: string,
  results: readonly Imported[],
): Promise<Imported[]> =>
  atOnce(AT_ONCE, results, async (result) => {
    if (result.outcome !== "created" || result.cpId === undefined) return result;
    const password = await renewPassword(deps, result.cpId, importId);
    return { ...result, ...(password !== undefined && { password }) };
  });
