import { Logger } from "@aws-lambda-powertools/logger";

/** Structured logs; service and level come from the environment. */
export const logger = new Logger();
