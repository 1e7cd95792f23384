import { gzipSync } from "node:zlib";
import type { ApiMiddleware, HttpEvent, HttpResult } from "../event.ts";

/** Bodies below this size gain less than the compression costs. */
const MIN_GZIP_BYTES = 10_000;

/** Sends large bodies gzipped to clients that accept it, and answers HEAD without a body. */
export function representation(): ApiMiddleware {
  const represent: ApiMiddleware["after"] = (request) => {
    if (request.response) request.response = represented(request.event, request.response);
  };

  return { after: represent, onError: represent };
}

/** A result as the client accepts it. */
export function represented({ requestContext, headers }: HttpEvent, result: HttpResult): HttpResult {
  const { body, isBase64Encoded, ...rest } = result;
  if (requestContext.http.method === "HEAD") return rest;
  if (body === undefined || isBase64Encoded || Buffer.byteLength(body) <= MIN_GZIP_BYTES) return result;
  const varying = { ...rest.headers, Vary: "Accept-Encoding" };
  if (!acceptsGzip(headers["accept-encoding"])) return { ...result, headers: varying };
  return {
    ...rest,
    headers: { ...varying, "Content-Encoding": "gzip" },
    body: gzipSync(body).toString("base64"),
    isBase64Encoded: true,
  };
}

/** RFC 9110 §12.5.3; `gzip;q=0` refuses it. */
function acceptsGzip(header = ""): boolean {
  const codings = header.split(",").map((coding) =>
    coding
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/),
  );
  const named = codings.find(([name]) => name === "gzip") ?? codings.find(([name]) => name === "*");
  return named !== undefined && !named.slice(1).some((parameter) => /^q=0(\.0*)?$/.test(parameter));
}
