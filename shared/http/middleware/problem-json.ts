import { Problem } from "../../problems.ts";
import type { ApiEvent, ApiMiddleware, HttpResult } from "../event.ts";

/** Turns what a handler throws into problem details (RFC 9457). What is no Problem shows nothing of itself. */
export function problemJson(): ApiMiddleware {
  const problemJsonOnError: ApiMiddleware["onError"] = (request) => {
    const { requestId } = request.event.requestContext;
    request.response = problemResult(asProblem(request.error, requestId), request.event);
  };

  return { onError: problemJsonOnError };
}

export const problemResult = (problem: Problem, { rawPath }: ApiEvent): HttpResult => ({
  statusCode: problem.status,
  headers: { "content-type": "application/problem+json", ...problem.headers },
  // an HTTP API hands the path over decoded, and an instance is a URI reference
  body: JSON.stringify({ ...problem.toDetails(), instance: encodeURI(rawPath.toWellFormed()) }),
});

const asProblem = (error: unknown, requestId: string): Problem =>
  error instanceof Problem
    ? error
    : new Problem("internal", "Something went wrong here. Name the requestId when you report it.", {
        requestId,
      });
