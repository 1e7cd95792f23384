import type { ApiMiddleware } from "../event.ts";
import type { Route } from "../route.ts";

/** Finds the route that API Gateway matched: it made its routes from the same list. */
export function findRoute(routes: readonly Route[]): ApiMiddleware {
  const byKey = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));

  const findRouteBefore: ApiMiddleware["before"] = ({ event }) => {
    const route = byKey.get(event.routeKey);
    if (!route) throw new Error(`No route has the key ${event.routeKey}`);
    event.route = route;
  };

  return { before: findRouteBefore };
}
