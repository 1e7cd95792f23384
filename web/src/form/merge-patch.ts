/** The JSON Merge Patch (RFC 7396) that turns one object into another. */
export function mergePatch(before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return after;
  const removed = Object.keys(before).filter((name) => after[name] === undefined);
  const changed = Object.entries(after).filter(
    ([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(before[name]),
  );
  return Object.fromEntries([
    ...changed.map(([name, value]) => [name, mergePatch(before[name], value)]),
    ...removed.map((name) => [name, null]),
  ]);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
