import { PROBLEM_BASE, type ProblemSlug, problems } from "../../problems.ts";
import { problemMembers } from "../problem-members.ts";
import { rateLimitHeaders } from "../rate-limit.ts";
import { ProblemDetails } from "../schemas.ts";
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
  const { detail, instance } = ProblemDetails.properties;
  return {
    type: "object",
    description: when,
    properties: {
      type: { type: "string", enum: [PROBLEM_BASE + slug] },
      title: { type: "string", examples: [title] },
      status: { type: "integer", examples: [status] },
      detail,
      instance,
      ...(definitionOf(members) as object),
    },
    required: ProblemDetails.required,
  };
}

const headers = {
  ...Object.fromEntries(
    Object.entries(rateLimitHeaders).map(([name, { description, type }]) => [
      name,
      { description, schema: { type } },
    ]),
  ),
  "Retry-After": {
    description: "The number of seconds to wait before the next try.",
    schema: { type: "integer" },
  },
  Allow: { description: "The methods that the path supports.", schema: { type: "string" } },
  Location: {
    description: "The address of the command. A late answer still completes the command.",
    schema: { type: "string" },
  },
};

/** The error that API Gateway itself answers with, before or instead of the relay. */
export const GatewayError = {
  type: "object",
  description: "An error of API Gateway, in API Gateway's own format.",
  properties: { message: { type: "string", examples: ["Unauthorized"] } },
  required: ["message"],
} as const;

/** When API Gateway answers, by status. */
const gatewayErrors: Readonly<Record<number, string>> = {
  401: "Without a problem type, by API Gateway: the token is missing, expired or invalid.",
  403: "Without a problem type, by API Gateway: the token lacks the scope.",
  413: "Without a problem type, by API Gateway: the body exceeds 10 MB.",
  429: "Without a problem type, by API Gateway: the deployment's request rate is exceeded. Nothing was sent.",
  500: "Without a problem type, by API Gateway: it could not run the function.",
  503: "Without a problem type, by API Gateway: the function is throttled or did not answer in 30 s. Whether a command was sent is unknown.",
};

/** Statuses by which API Gateway refuses a token. */
const TOKEN_STATUSES = [401, 403];

/** The error responses of a route, by status: its problems, and what API Gateway itself can answer. */
export function errorResponses(
  wanted: readonly ProblemSlug[],
  { needsToken, hasBody }: { readonly needsToken: boolean; readonly hasBody: boolean },
): Record<string, unknown> {
  const byStatus = Map.groupBy(wanted, (slug) => problems[slug].status as number);
  const gateway = Object.keys(gatewayErrors)
    .map(Number)
    .filter((status) => (needsToken || !TOKEN_STATUSES.includes(status)) && (hasBody || status !== 413));
  const statuses = [...new Set([...byStatus.keys(), ...gateway])].sort((one, other) => one - other);
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      errorResponse(byStatus.get(status) ?? [], gateway.includes(status) ? gatewayErrors[status] : undefined),
    ]),
  );
}

function errorResponse(some: readonly ProblemSlug[], gateway: string | undefined): unknown {
  const [only, ...others] = some.map((slug) => referenceTo(nameOf(slug)));
  const named = some.flatMap((slug) => problemMembers[slug].headers ?? []);
  const texts = some.map((slug) => `\`${slug}\`: ${problemMembers[slug].when}`);
  return {
    description: [...texts, ...(gateway ? [gateway] : [])].join("\n\n"),
    ...(named.length > 0 && {
      headers: Object.fromEntries(named.map((name) => [name, headers[name as keyof typeof headers]])),
    }),
    content: {
      ...(only && {
        "application/problem+json": { schema: others.length === 0 ? only : { oneOf: [only, ...others] } },
      }),
      ...(gateway && { "application/json": { schema: referenceTo("GatewayError") } }),
    },
  };
}
