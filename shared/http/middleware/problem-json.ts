import { Problem } from "../../problems.ts";
import type { ApiMiddleware } from "../event.ts";

/** Turns what a handler throws into problem details (RFC 9457). What is no Problem shows nothing of itself. */
export function problemJson(): ApiMiddleware {
  const problemJsonOnError: ApiMiddleware["onError"] = (request) => {
    const { requestId } = request.event.requestContext;
    const problem = asProblem(request.error, requestId);
    // an HTTP API hands the path over decoded, and an instance is a URI reference
    request.response = {
      statusCode: problem.status,
      headers: { "content-type": "application/problem+json", ...problem.headers },
      body: JSON.stringify({
        ...problem.toDetails(),
        instance: encodeURI(request.event.rawPath.toWellFormed()),
      }),
    };
  };

  return { onError: problemJsonOnError };
}

const asProblem = (error: unknown, requestId: string): Problem =>
  error instanceof Problem
    ? error
    : new Problem("internal", "Something went wrong here. Name the requestId when you report it.", {
        requestId,
      });
