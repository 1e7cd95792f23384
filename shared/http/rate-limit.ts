import type { JSONSchema } from "json-schema-to-ts";
import { rateLimitOf } from "../commands/rate-limit.ts";
import type { CommandRequest } from "../commands/request.ts";

/** The names of the headers, which hold for one response only and are not stored for repeats. */
export const RATE_LIMIT_HEADERS = ["RateLimit", "RateLimit-Policy"] as const;

/** The headers of a command's response, as a route promises them. */
export const rateLimitHeaders = {
  RateLimit: {
    type: "string",
    description:
      'How many more commands the network may run at once, such as `"parallel";r=9` (draft-ietf-httpapi-ratelimit-headers). Absent where the response did not wait for the command.',
  },
  "RateLimit-Policy": {
    type: "string",
    description: 'The limit of the network, such as `"parallel";q=10;qu="concurrent-requests"`.',
  },
} as const satisfies Readonly<Record<string, JSONSchema>>;

/** Sends a request and adds the headers for the network's limit, which the admission of the command returns. */
export async function withRateLimit<Result>(
  run: (onAdmitted: NonNullable<CommandRequest["onAdmitted"]>) => Promise<Result>,
): Promise<{ readonly result: Result; readonly headers: Readonly<Record<string, string>> }> {
  let headers = {};
  const result = await run((use) => {
    headers = rateLimitOf(use);
  });
  return { result, headers };
}
