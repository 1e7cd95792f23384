import { PROBLEM_BASE, type ProblemSlug, problems } from "./problems.ts";

const text = { type: "string" } as const;

/** The types of all problems, so that generated clients compare with names instead of texts. */
export const ProblemType = {
  type: "string",
  enum: (Object.keys(problems) as ProblemSlug[]).map((slug) => `${PROBLEM_BASE}${slug}` as const),
  description: "Identifies the kind of problem. Later versions of the API may add types.",
} as const;

/** The JSON schema of a problem (RFC 9457). */
export const ProblemDetails = {
  type: "object",
  description: "RFC 9457 problem details.",
  properties: {
    type: ProblemType,
    title: text,
    status: { type: "integer" },
    detail: text,
    instance: { type: "string", description: "The path of the request." },
  },
  required: ["type", "title", "status", "detail"],
} as const;
