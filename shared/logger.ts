import { Logger } from "@aws-lambda-powertools/logger";

/** Structured logs of the functions that serve no API route; service and level come from the environment. */
export const logger = new Logger();
