import type { Logger } from "@aws-lambda-powertools/logger";
import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { Problem } from "../../problems.ts";
import type { ApiEvent, ApiMiddleware, HttpResult } from "../event.ts";
import { clientIdOf } from "./identify-caller.ts";

/**
 * One structured line and one metric record (CloudWatch embedded metric format) per request. Every line that
 * is logged meanwhile carries the request's id. Neither bodies nor tokens are in any of them.
 */
export function accessLog(logger: Logger, metrics: Metrics): ApiMiddleware {
  let startedAt = 0;

  const accessLogBefore: ApiMiddleware["before"] = ({ event }) => {
    startedAt = performance.now();
    logger.resetKeys();
    logger.appendKeys({ requestId: event.requestContext.requestId, clientId: clientIdOf(event) });
  };

  const accessLogAfter: ApiMiddleware["after"] = ({ event, response }) => write(event, response, "none");

  const accessLogOnError: ApiMiddleware["onError"] = ({ event, error, response }) => {
    const problem = error instanceof Problem ? error.slug : "internal";
    if (error && problem === "internal") logger.error("internal", error);
    write(event, response, problem);
  };

  const write = ({ route }: ApiEvent, response: HttpResult | null | undefined, problem: string) => {
    const operation = route?.operationId ?? "unknown";
    const durationMs = Math.round(performance.now() - startedAt);
    logger.info("request", { operation, status: response?.statusCode, problem, durationMs });
    metrics
      .singleMetric()
      .addDimensions({ operation, problem })
      .addMetric("requestDuration", MetricUnit.Milliseconds, durationMs);
  };

  return { before: accessLogBefore, after: accessLogAfter, onError: accessLogOnError };
}
