import { PROBLEM_BASE, Problem } from "../../problems.ts";
import type { ApiEvent, ApiMiddleware, HttpResult } from "../event.ts";

/** Turns what a handler throws into problem details (RFC 9457). What is no Problem shows nothing of itself. */
export function problemJson(): ApiMiddleware {
  const problemJsonOnError: ApiMiddleware["onError"] = (request) => {
    const { requestId } = request.event.requestContext;
    request.response = problemResult(asProblem(request.error, requestId), request.event);
  };

  return { onError: problemJsonOnError };
}

const PROBLEM_JSON = "application/problem+json";

export const problemResult = (problem: Problem, { rawPath }: ApiEvent): HttpResult => ({
  statusCode: problem.status,
  headers: { "content-type": PROBLEM_JSON, ...problem.headers },
  // an HTTP API hands the path over decoded, and an instance is a URI reference
  body: JSON.stringify({ ...problem.toDetails(), instance: encodeURI(rawPath.toWellFormed()) }),
});

/** The slug of the problem in a response; undefined if the response is not a problem. */
export function problemSlugOf({ headers, body }: HttpResult): string | undefined {
  if (headers?.["content-type"] !== PROBLEM_JSON || body === undefined) return undefined;
  return (JSON.parse(body) as { readonly type: string }).type.slice(PROBLEM_BASE.length);
}

const asProblem = (error: unknown, requestId: string): Problem =>
  error instanceof Problem
    ? error
    : new Problem("internal", "An unexpected error occurred. Include the requestId when you report it.", {
        requestId,
      });
