/** What the API's endpoint serves besides the API itself, on one machine only: sign-in, console, status, metrics. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "./identity/page.ts";
import type { Identity } from "./identity.ts";
import { type RequestHandler, readBody, sendJson } from "./listen.ts";

export interface OwnRoutes {
  readonly identity: Identity;
  /** The origin that a browser uses for the request. */
  readonly originOf: (request: IncomingMessage) => string;
  /** Serves `/console` and what is below. @default there is none */
  readonly console?: RequestHandler;
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
    "GET /oauth2/authorize": async (request, response) =>
      send(response, routes.identity.authorize(routes.originOf(request), queryOf(request))),
    "POST /oauth2/authorize": async (request, response) => {
      const form = new URLSearchParams((await readBody(request)).toString());
      send(response, routes.identity.authorize(routes.originOf(request), queryOf(request), form));
    },
    "GET /logout": async (request, response) =>
      send(response, routes.identity.logout(routes.originOf(request), queryOf(request))),
  };
  return (request, response) => {
    const [path = ""] = (request.url ?? "").split("?");
    if (routes.console && /^\/console(\/|$)/.test(path)) return routes.console(request, response);
    // Not looked up by a path that is the API's: it could name something that every object has.
    if (!/^\/(_local\/|oauth2\/|logout$)/.test(path)) return next(request, response);
    const handler = handlers[`${request.method} ${path}`] ?? next;
    return handler(request, response);
  };
}

const queryOf = ({ url = "" }: IncomingMessage) => new URLSearchParams(url.split("?")[1]);

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
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
