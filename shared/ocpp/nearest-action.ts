import { distance } from "fastest-levenshtein";

/** How many names are offered at most. */
const MAX_NEAREST = 3;

/** The names that are spelled most like a name, the nearest first; none where no name is near. */
export function nearestTo(name: string, names: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  return [...names]
    .map((candidate) => ({ candidate, far: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, far }) => far <= Math.max(candidate.length, name.length) / 3)
    .sort((one, other) => one.far - other.far)
    .slice(0, MAX_NEAREST)
    .map(({ candidate }) => candidate);
}
