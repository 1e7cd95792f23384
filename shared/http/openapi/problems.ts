import { PROBLEM_BASE, type ProblemSlug, problems } from "../../problems.ts";
import { problemMembers } from "../problem-members.ts";
import { definitionOf, referenceTo } from "./references.ts";

const slugs = Object.keys(problems) as ProblemSlug[];

/** `station-timeout` is described as `StationTimeoutProblem`. */
const nameOf = (slug: ProblemSlug): string =>
  `${slug.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Problem`;

/** A schema for each problem of the catalogue. */
export const problemSchemas = (): Record<string, unknown> =>
  Object.fromEntries(slugs.map((slug) => [nameOf(slug), problemSchema(slug)]));

function problemSchema(slug: ProblemSlug): unknown {
  const { status, title } = problems[slug];
  const { when, members = {} } = problemMembers[slug];
  return {
    description: when,
    allOf: [
      referenceTo("ProblemDetails"),
      {
        type: "object",
        properties: {
          type: { const: PROBLEM_BASE + slug },
          title: { const: title },
          status: { const: status },
          ...(definitionOf(members) as object),
        },
      },
    ],
  };
}

const headers = {
  "Retry-After": { description: "After how many seconds to try again.", schema: { type: "integer" } },
  Location: { description: "The command, which a late answer still completes.", schema: { type: "string" } },
};

/** The responses for these problems, by status. */
export function problemResponses(wanted: readonly ProblemSlug[]): Record<string, unknown> {
  const byStatus = Map.groupBy(wanted, (slug) => problems[slug].status);
  return Object.fromEntries([...byStatus].map(([status, some]) => [status, problemResponse(some)]));
}

function problemResponse(some: readonly ProblemSlug[]): unknown {
  const [only, ...others] = some.map((slug) => referenceTo(nameOf(slug)));
  const named = some.flatMap((slug) => problemMembers[slug].headers ?? []);
  return {
    description: some.map((slug) => `\`${slug}\`: ${problemMembers[slug].when}`).join("\n\n"),
    ...(named.length > 0 && { headers: Object.fromEntries(named.map((name) => [name, headers[name]])) }),
    content: {
      "application/problem+json": { schema: others.length === 0 ? only : { anyOf: [only, ...others] } },
    },
  };
}
