import type { Throttle } from "./settings.ts";

/** Defaults; docs/operations.md has the reasons. */
export const API_THROTTLE: Throttle = { rateLimit: 1000, burstLimit: 500 };
export const STATION_THROTTLE: Throttle = { rateLimit: 5000, burstLimit: 2500 };

/**
 * Regions in which an account has 2,500 requests a second with a burst of 1,250 for all its APIs, instead of 10,000.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
export const REGIONS_OF_LOW_RATE = [
  "af-south-1",
  "ap-south-2",
  "ap-southeast-3",
  "ap-southeast-4",
  "ap-southeast-5",
  "ap-southeast-7",
  "ca-west-1",
  "eu-central-2",
  "eu-south-1",
  "eu-south-2",
  "il-central-1",
  "me-central-1",
  "mx-central-1",
] as const;

/** The default there: with the API's throttle no more than the account's rate. */
export const STATION_THROTTLE_OF_LOW_RATE: Throttle = { rateLimit: 1500, burstLimit: 750 };

/** Concurrent executions of an account in a region, where it is not new. */
export const LAMBDA_CONCURRENCY = 1000;

/**
 * Audiences of a JWT authorizer; not to be raised.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
export const MAX_AUDIENCES = 50;
