/** What the HTTP API makes of a function's outcome. */
import { type ServerResponse, validateHeaderName, validateHeaderValue } from "node:http";
import type { IntegrationOutcome } from "../integrations.ts";

interface ProxyResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** Headers that every response of this request carries. */
export type CommonHeaders = Readonly<Record<string, string>>;

export function sendOutcome(
  response: ServerResponse,
  outcome: IntegrationOutcome,
  common: CommonHeaders,
): void {
  const proxy = outcome.status === "ok" ? sendable(JSON.parse(outcome.payload)) : undefined;
  if (proxy !== undefined) sendProxyResponse(response, proxy, common);
  else if (outcome.status === "throttled" || outcome.status === "timedOut") {
    sendMessage(response, 503, "Service Unavailable", common);
  } else sendMessage(response, 500, "Internal Server Error", common);
}

/** Undefined also where a header cannot be sent: a name that is no token, a value with a control character. */
function sendable(result: unknown): ProxyResponse | undefined {
  const proxy = proxyResponse(result);
  try {
    for (const [name, value] of Object.entries(proxy === undefined ? {} : headersOf(proxy))) {
      validateHeaderName(name);
      for (const one of [value].flat()) validateHeaderValue(name, one);
    }
    return proxy;
  } catch {
    return undefined;
  }
}

function headersOf({ headers = {}, cookies = [] }: ProxyResponse): Record<string, string | string[]> {
  const own: Record<string, string | string[]> = { "content-type": "text/plain;charset=UTF-8" };
  for (const [name, value] of Object.entries(headers ?? {})) own[name.toLowerCase()] = String(value);
  if (cookies.length > 0) own["set-cookie"] = [...cookies];
  return own;
}

function sendProxyResponse(response: ServerResponse, proxy: ProxyResponse, common: CommonHeaders): void {
  const { statusCode, body = "", isBase64Encoded = false } = proxy;
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  const own = headersOf(proxy);
  response.writeHead(statusCode, { ...common, ...own, "content-length": String(bytes.length) });
  response.end(bytes);
}

/** API Gateway's own words. */
export function sendMessage(
  response: ServerResponse,
  status: number,
  message: string,
  headers: CommonHeaders,
): void {
  response.writeHead(status, { ...headers, "content-type": "application/json" });
  response.end(JSON.stringify({ message }));
}

/**
 * A result without `statusCode` is a body, and its status 200 is inferred. Undefined: it is neither, which is an
 * internal error to the caller.
 */
function proxyResponse(result: unknown): ProxyResponse | undefined {
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    const body = typeof result === "string" ? result : JSON.stringify(result);
    return { statusCode: 200, headers: { "content-type": "application/json" }, body };
  }
  const { statusCode, body } = result as { statusCode: unknown; body?: unknown };
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (body !== undefined && body !== null && typeof body !== "string") return undefined;
  return { ...(result as ProxyResponse), statusCode: status, body: body ?? "" };
}
