import { logger } from "../../logger.ts";
import { count } from "../../metrics.ts";
import { Problem } from "../../problems.ts";
import type { ApiEvent, ApiMiddleware, HttpResult } from "../event.ts";
import { problemSlugOf } from "./problem-json.ts";

/**
 * One structured line per request. Neither bodies nor tokens are in it. How long each operation takes is asked
 * of these lines (docs/operations.md): as a metric, operations by problems would be hundreds to pay for.
 */
export function accessLog(): ApiMiddleware {
  let startedAt = 0;

  const accessLogBefore: ApiMiddleware["before"] = () => {
    startedAt = performance.now();
  };

  // the stored problem of an earlier request with the same Idempotency-Key is returned, not thrown
  const accessLogAfter: ApiMiddleware["after"] = ({ event, response }) =>
    write(event, response, (response && problemSlugOf(response)) ?? "none");

  const accessLogOnError: ApiMiddleware["onError"] = ({ event, error, response }) => {
    const problem = error instanceof Problem ? error.slug : "internal";
    if (problem === "internal") count("internalErrors");
    if (error && problem === "internal") logger.error("internal", error);
    write(event, response, problem);
  };

  const write = ({ route }: ApiEvent, response: HttpResult | null | undefined, problem: string) =>
    logger.info("request", {
      operation: route?.operationId ?? "unknown",
      status: response?.statusCode,
      problem,
      durationMs: Math.round(performance.now() - startedAt),
    });

  return { before: accessLogBefore, after: accessLogAfter, onError: accessLogOnError };
}
