/** A WebSocket API's routes, and which of them a message takes. */
import { functionBehind, integrationOf, partsOf, stageOf } from "../integrations.ts";
import type { LocalFunction } from "../lambda/function.ts";
import type { Lambda } from "../lambda/service.ts";
import { type Resource, type Template, UnservableTemplate } from "../template.ts";
import type { RequestAuthorizer } from "./authorizer.ts";

export interface WebSocketRoute {
  readonly key: string;
  readonly fn: LocalFunction;
  /** Whether the body of the function's response goes back on the connection. */
  readonly twoWay: boolean;
  readonly authorizer?: RequestAuthorizer;
}

export function websocketRoutes(
  template: Template,
  api: Resource,
  lambda: Lambda,
): Map<string, WebSocketRoute> {
  const routes = new Map<string, WebSocketRoute>();
  const answered = new Set(
    partsOf(template, api, "AWS::ApiGatewayV2::RouteResponse").map((response) =>
      template.property<string>(response, "RouteId"),
    ),
  );
  for (const route of partsOf(template, api, "AWS::ApiGatewayV2::Route")) {
    const key = template.property<string>(route, "RouteKey") ?? "";
    const integration = integrationOf(template, api, route);
    const authorizer = authorizerOf(template, api, lambda, route);
    routes.set(key, {
      key,
      fn: functionBehind(
        template,
        api,
        lambda,
        template.property<string>(integration, "IntegrationUri"),
        route,
        `${stageOf(template, api)}/${key}`,
      ),
      twoWay:
        template.property(route, "RouteResponseSelectionExpression") !== undefined &&
        answered.has(template.ref(route)),
      ...(authorizer === undefined ? {} : { authorizer }),
    });
  }
  return routes;
}

function authorizerOf(
  template: Template,
  api: Resource,
  lambda: Lambda,
  route: Resource,
): RequestAuthorizer | undefined {
  const type = template.property<string>(route, "AuthorizationType") ?? "NONE";
  if (type === "NONE") return undefined;
  const id = template.property<string>(route, "AuthorizerId");
  const authorizer = partsOf(template, api, "AWS::ApiGatewayV2::Authorizer").find(
    (candidate) => template.ref(candidate) === id,
  );
  if (authorizer === undefined || template.property(authorizer, "AuthorizerType") !== "REQUEST") {
    throw new UnservableTemplate(`Route ${route.constructId}: authorization ${type} is not served`);
  }
  return {
    fn: functionBehind(
      template,
      api,
      lambda,
      template.property<string>(authorizer, "AuthorizerUri"),
      authorizer,
      `authorizers/${id}`,
    ),
    identitySources: template.property<string[]>(authorizer, "IdentitySource") ?? [],
  };
}

/**
 * The route key of a message. An expression that finds nothing in it leads to `$default`, and so does a constant.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html
 */
export function routeSelector(
  expression: string,
  routes: ReadonlyMap<string, WebSocketRoute>,
): (body: string) => WebSocketRoute | undefined {
  const fallback = routes.get("$default");
  const [, path] = /^\$\{?request\.body\.([\w.]+)\}?$/.exec(expression) ?? [];
  if (path === undefined) {
    const constant = routes.get(expression.replaceAll("\\$", "$")) ?? fallback;
    return () => constant;
  }
  const members = path.split(".");
  return (body) => {
    try {
      const key = members.reduce<unknown>(
        (value, member) => (value as Record<string, unknown> | undefined)?.[member],
        JSON.parse(body),
      );
      return routes.get(String(key)) ?? fallback;
    } catch {
      return fallback;
    }
  };
}
