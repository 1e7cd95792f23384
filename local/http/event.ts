/**
 * The event of payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import type { IncomingMessage } from "node:http";
import type { Authorized } from "./jwt-authorizer.ts";
import { decoded, type RouteMatch } from "./routes.ts";

export interface EventParts {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly match: RouteMatch<unknown>;
  readonly authorized: Authorized | undefined;
  readonly api: { readonly id: string; readonly accountId: string; readonly stage: string };
  readonly requestId: string;
  readonly traceId: string;
  readonly now: number;
}

/** Not passed on: they concern the connection. */
const hopByHop = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"]);

export function eventOf({
  request,
  body,
  match,
  authorized,
  api,
  requestId,
  traceId,
  now,
}: EventParts): object {
  const [rawPath = "", rawQueryString = ""] = splitOnce(request.url ?? "/", "?");
  const { headers, cookies } = headersOf(request.rawHeaders);
  const sourceIp = request.socket.remoteAddress ?? "127.0.0.1";
  const domainName = headers.host ?? "";
  headers["x-amzn-trace-id"] = traceId;
  headers["x-forwarded-for"] ??= sourceIp;
  headers["x-forwarded-port"] = String(request.socket.localPort ?? 0);
  headers["x-forwarded-proto"] = "http";
  const path = decoded(rawPath);
  return {
    version: "2.0",
    routeKey: match.routeKey,
    rawPath: path,
    rawQueryString,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers,
    ...(rawQueryString === "" ? {} : { queryStringParameters: queryParameters(rawQueryString) }),
    ...(Object.keys(match.pathParameters).length === 0 ? {} : { pathParameters: match.pathParameters }),
    requestContext: {
      accountId: api.accountId,
      apiId: api.id,
      ...(authorized === undefined ? {} : { authorizer: { jwt: authorized } }),
      domainName,
      domainPrefix: domainName.split(".")[0],
      http: {
        method: request.method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: match.routeKey,
      stage: api.stage,
      time: logTime(now),
      timeEpoch: now,
    },
    ...bodyOf(body, headers["content-type"], headers["content-encoding"]),
  };
}

export function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Without a prototype: clients choose the names, and `constructor` is one like any other. */
const record = (): Record<string, string> => Object.create(null);

function headersOf(raw: readonly string[]): { headers: Record<string, string>; cookies: string[] } {
  const headers = record();
  const cookies: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase();
    const value = raw[index + 1] ?? "";
    if (name === "cookie") cookies.push(...value.split(/; */));
    else if (!hopByHop.has(name)) headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  return { headers, cookies };
}

function queryParameters(raw: string): Record<string, string> {
  const parameters = record();
  for (const [name, value] of new URLSearchParams(raw)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  return parameters;
}

/** Bodies of other types, and of none, arrive as base64: form fields too. */
const textTypes = /^(text\/.*|application\/(json|xml|javascript))$/;

function bodyOf(body: Buffer, contentType: string | undefined, contentEncoding: string | undefined): object {
  if (body.length === 0) return { isBase64Encoded: false };
  const mediaType = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const isText = textTypes.test(mediaType) && contentEncoding === undefined;
  return { body: body.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
let lastLogTime: readonly [second: number, text: string] = [0, ""];

/** `21/Nov/2026:10:00:00 +0000`: the format of $context.requestTime. */
export function logTime(now: number): string {
  const second = Math.floor(now / 1000);
  if (second === lastLogTime[0]) return lastLogTime[1];
  const [date = "", time = ""] = new Date(now).toISOString().split("T");
  const [year, month, day] = date.split("-");
  const text = `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
  lastLogTime = [second, text];
  return text;
}
