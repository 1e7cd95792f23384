/** An HTTP API's CORS: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
import type { IncomingMessage } from "node:http";

export interface CorsConfiguration {
  readonly AllowOrigins?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowHeaders?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly AllowCredentials?: boolean;
  readonly MaxAge?: number;
}

export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers.origin !== undefined && "access-control-request-method" in headers;
}

/** The headers that a response to this origin carries; a preflight's has more of them. */
export function corsHeaders(
  cors: CorsConfiguration,
  origin: string | undefined,
  preflight: boolean,
): Record<string, string> {
  const { AllowOrigins: origins = [], AllowCredentials: credentials = false } = cors;
  if (origin === undefined || !(origins.includes(origin) || origins.includes("*"))) return {};
  const headers: Record<string, string> = {
    "access-control-allow-origin": origins.includes(origin) ? origin : "*",
    vary: "origin",
  };
  const list = (name: string, values: readonly string[] | undefined) => {
    if (values !== undefined) headers[name] = values.join(",").toLowerCase();
  };
  if (credentials) headers["access-control-allow-credentials"] = "true";
  list("access-control-expose-headers", cors.ExposeHeaders);
  if (!preflight) return headers;
  list("access-control-allow-headers", cors.AllowHeaders);
  headers["access-control-allow-methods"] = (cors.AllowMethods ?? []).join(",");
  if (cors.MaxAge !== undefined) headers["access-control-max-age"] = String(cors.MaxAge);
  return headers;
}
