/** Which route of an HTTP API serves a request. */

export interface RouteMatch<Target> {
  readonly target: Target;
  readonly routeKey: string;
  /** Percent-decoded, as API Gateway hands them over. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface Pattern<Target> {
  readonly routeKey: string;
  readonly method: string;
  readonly segments: readonly Segment[];
  readonly target: Target;
}
interface Segment {
  readonly kind: "literal" | "parameter" | "greedy";
  readonly name: string;
}

const specificity = { literal: 0, parameter: 1, greedy: 2 };

/**
 * The most specific route wins: literal segments before parameters before `{proxy+}`, a named method before ANY,
 * `$default` last. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function createRouter<Target>(
  routes: Iterable<readonly [routeKey: string, target: Target]>,
): (method: string, path: string) => RouteMatch<Target> | undefined {
  const patterns: Pattern<Target>[] = [];
  let fallback: RouteMatch<Target> | undefined;
  for (const [routeKey, target] of routes) {
    if (routeKey === "$default") fallback = { routeKey, target, pathParameters: {} };
    else patterns.push(parse(routeKey, target));
  }
  patterns.sort(bySpecificity);

  return (method, path) => {
    const segments = path.split("/").slice(1);
    for (const pattern of patterns) {
      if (pattern.method !== method && pattern.method !== "ANY") continue;
      const pathParameters = match(pattern.segments, segments);
      if (pathParameters !== undefined) {
        return { target: pattern.target, routeKey: pattern.routeKey, pathParameters };
      }
    }
    return fallback;
  };
}

function parse<Target>(routeKey: string, target: Target): Pattern<Target> {
  const [method = "", path = ""] = routeKey.split(" ");
  const segments = path.split("/").slice(1);
  return { routeKey, method, target, segments: segments.map(parseSegment) };
}

function parseSegment(text: string): Segment {
  if (text.startsWith("{") && text.endsWith("+}")) return { kind: "greedy", name: text.slice(1, -2) };
  if (text.startsWith("{") && text.endsWith("}")) return { kind: "parameter", name: text.slice(1, -1) };
  return { kind: "literal", name: text };
}

function bySpecificity(one: Pattern<unknown>, other: Pattern<unknown>): number {
  const length = Math.min(one.segments.length, other.segments.length);
  for (let index = 0; index < length; index += 1) {
    const difference =
      specificity[one.segments[index]?.kind ?? "greedy"] -
      specificity[other.segments[index]?.kind ?? "greedy"];
    if (difference !== 0) return difference;
  }
  return Number(one.method === "ANY") - Number(other.method === "ANY");
}

function match(pattern: readonly Segment[], segments: readonly string[]): Record<string, string> | undefined {
  const last = pattern.at(-1);
  if (last?.kind === "greedy" ? segments.length < pattern.length : segments.length !== pattern.length) {
    return undefined;
  }
  const parameters: Record<string, string> = {};
  for (const [index, { kind, name }] of pattern.entries()) {
    const segment = segments[index] ?? "";
    if (kind === "literal" ? segment !== name : segment === "") return undefined;
    if (kind === "parameter") parameters[name] = decoded(segment);
    if (kind === "greedy") parameters[name] = decoded(segments.slice(index).join("/"));
  }
  return parameters;
}

/** Percent-decoded; as it is where that makes no sense. */
export function decoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
