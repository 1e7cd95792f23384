import { Problem } from "../../problems.ts";
import type { ApiMiddleware } from "../event.ts";
import type { Page } from "../pages.ts";
import type { Route } from "../route.ts";
import { represented } from "./representation.ts";

/** Where API Gateway sends what none of the routes matches. */
const DEFAULT_ROUTE = "$default";

/**
 * Finds the route that API Gateway matched: its routes come from the same list. HEAD is served as GET.
 *
 * @param all all routes of the API: for the function that serves `$default`
 * @param pages the pages that this function serves besides
 */
export function findRoute(
  routes: readonly Route[],
  all: readonly Route[] = [],
  pages: Readonly<Record<string, Page>> = {},
): ApiMiddleware {
  const byKey = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));

  const findRouteBefore: ApiMiddleware["before"] = async ({ event }) => {
    const { rawPath, rawQueryString, routeKey } = event;
    if (routeKey === DEFAULT_ROUTE) {
      const { method } = event.requestContext.http;
      const path = rawPath.replace(/(?<=.)\/+$/, "");
      const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
      const methods = page ? ["GET", "HEAD"] : methodsOf(path, all);
      if (page && path === rawPath && methods.includes(method)) return represented(event, await page());
      // 308 keeps method and body
      if (path !== rawPath && methods.includes(method))
        return {
          statusCode: 308,
          headers: { Location: encodeURI(path) + (rawQueryString && `?${rawQueryString}`) },
        };
      throw methods.length > 0 ? notAllowed(method, methods) : noSuchRoute();
    }
    const route = byKey.get(routeKey.replace(/^HEAD /, "GET "));
    if (!route) throw new Error(`No route has the key ${routeKey}`);
    event.route = route;
  };

  return { before: findRouteBefore };
}

/** The methods that a path has; none: there is no such path. */
function methodsOf(path: string, routes: readonly Route[]): string[] {
  const segments = path.split("/");
  const methods = routes
    .filter((route) => isPathOf(route.path.split("/"), segments))
    .flatMap(({ method }) => (method === "GET" ? [method, "HEAD"] : [method]));
  return [...new Set(methods)].sort();
}

const isPathOf = (pattern: readonly string[], segments: readonly string[]): boolean =>
  pattern.length === segments.length &&
  pattern.every((one, n) => (one.startsWith("{") ? segments[n] !== "" : one === segments[n]));

const notAllowed = (method: string, methods: readonly string[]): Problem =>
  new Problem(
    "method-not-allowed",
    `This path does not have the method ${method}; it has ${methods.join(", ")}.`,
    {},
    { headers: { Allow: methods.join(", ") } },
  );

const noSuchRoute = (): Problem =>
  new Problem("not-found", "There is no such path. GET /openapi.json lists the paths of this API.");
