import type { Throttle } from "./settings.ts";

/** Defaults; docs/operations.md has the reasons. */
export const API_THROTTLE: Throttle = { rateLimit: 1000, burstLimit: 500 };
export const STATION_THROTTLE: Throttle = { rateLimit: 5000, burstLimit: 2500 };

/** Concurrent executions of an account in a region, where it is not new. */
export const LAMBDA_CONCURRENCY = 1000;

/**
 * Audiences of a JWT authorizer; not to be raised.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
export const MAX_AUDIENCES = 50;
