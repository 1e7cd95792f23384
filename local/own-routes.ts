/** What the API's endpoint serves besides the API itself, on one machine only: tokens, status, metrics. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Identity } from "./identity.ts";
import { type RequestHandler, readBody, sendJson } from "./listen.ts";

export interface OwnRoutes {
  readonly identity: Identity;
  readonly status: () => object;
  readonly metrics: () => object;
  readonly resetMetrics: () => void;
  readonly rights: () => object;
  /** @returns how to end it */
  readonly watchEvents: (listener: (event: object) => void) => () => void;
}

/** A handler that passes on to `next` what is not its own. */
export function withOwnRoutes(routes: OwnRoutes, next: RequestHandler): RequestHandler {
  const handlers: Readonly<Record<string, RequestHandler>> = {
    "GET /_local/status": async (_request, response) => sendJson(response, 200, routes.status()),
    "GET /_local/metrics": async (_request, response) => sendJson(response, 200, routes.metrics()),
    "GET /_local/rights": async (_request, response) => sendJson(response, 200, routes.rights()),
    "GET /_local/events": async (_request, response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson" }).flushHeaders();
      const end = routes.watchEvents((event) => response.write(`${JSON.stringify(event)}\n`));
      response.once("close", end);
    },
    "POST /_local/metrics/reset": async (_request, response) => {
      routes.resetMetrics();
      response.writeHead(204).end();
    },
    "POST /oauth2/token": (request, response) => token(routes.identity, request, response),
  };
  return (request, response) => {
    const url = request.url ?? "";
    if (!url.startsWith("/_local/") && !url.startsWith("/oauth2/")) return next(request, response);
    const handler = handlers[`${request.method} ${url.split("?")[0]}`] ?? next;
    return handler(request, response);
  };
}

async function token(identity: Identity, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { authorization, "content-type": contentType } = request.headers;
  const answer = await identity.token({
    ...(authorization === undefined ? {} : { authorization }),
    ...(contentType === undefined ? {} : { contentType }),
    body: (await readBody(request)).toString(),
  });
  response.writeHead(answer.status, answer.headers).end(answer.body);
}
