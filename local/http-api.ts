/** API Gateway's HTTP API on one machine: routes, JWT authorizers and functions, as the template has them. */
import type { Clock } from "./clock.ts";
import { type CorsConfiguration, corsHeaders, isPreflight } from "./http/cors.ts";
import { eventOf, splitOnce } from "./http/event.ts";
import { createJwtAuthorizer, type JwtConfiguration, type VerifySignature } from "./http/jwt-authorizer.ts";
import { type CommonHeaders, sendMessage, sendOutcome } from "./http/response.ts";
import { createRouter } from "./http/routes.ts";
import { gatewayId, traceId as newTraceId } from "./ids.ts";
import { functionBehind, integrationOf, invokeWithin, partsOf, stageOf } from "./integrations.ts";
import type { LocalFunction } from "./lambda/function.ts";
import type { Lambda } from "./lambda/service.ts";
import { type RequestHandler, readBody } from "./listen.ts";
import { type Resource, type Template, UnservableTemplate } from "./template.ts";

export interface HttpApiOptions {
  readonly template: Template;
  readonly api: Resource;
  readonly lambda: Lambda;
  readonly clock: Clock;
  readonly verify: VerifySignature;
  /** The local issuer's clients. Their tokens are for this API as those of the template's audience are. */
  readonly clients: readonly string[];
}

type Authorizer = ReturnType<typeof createJwtAuthorizer>;

interface Target {
  readonly fn: LocalFunction;
  /** Undefined: the route needs no token. */
  readonly authorize: Authorizer | undefined;
  readonly scopes: readonly string[];
  readonly timeoutMs: number;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const maxBodyBytes = 10 * 1024 * 1024;
const maxIntegrationMs = 30_000;

export function createHttpApi(options: HttpApiOptions): RequestHandler {
  const { template, api, lambda, clock } = options;
  const authorizers = jwtAuthorizers(options);
  const routes = partsOf(template, api, "AWS::ApiGatewayV2::Route").map(
    (route) =>
      [
        template.property<string>(route, "RouteKey") ?? "",
        targetOf(template, api, lambda, authorizers, route),
      ] as const,
  );
  const find = createRouter(routes);
  const cors = template.property<CorsConfiguration>(api, "CorsConfiguration");
  const stage = stageOf(template, api);
  const stagePath = stage === "$default" ? "" : `/${stage}`;
  const facts = { id: template.ref(api), accountId: template.accountId, stage };

  return async (request, response) => {
    const requestId = gatewayId();
    const { origin } = request.headers;
    const preflight = cors !== undefined && isPreflight(request);
    const common: CommonHeaders = {
      ...(cors === undefined ? {} : corsHeaders(cors, origin, preflight)),
      "apigw-requestid": requestId,
    };
    if (preflight) return void response.writeHead(204, common).end();

    const [path] = splitOnce(request.url ?? "/", "?");
    const match = path.startsWith(stagePath)
      ? find(request.method ?? "GET", path.slice(stagePath.length) || "/")
      : undefined;
    if (match === undefined) return sendMessage(response, 404, "Not Found", common);

    const { fn, authorize, scopes, timeoutMs } = match.target;
    const decision = await authorize?.(request.headers.authorization, scopes);
    if (decision !== undefined && decision.status !== "authorized") {
      const [status, message] =
        decision.status === "unauthorized" ? ([401, "Unauthorized"] as const) : ([403, "Forbidden"] as const);
      return sendMessage(response, status, message, { ...common, "www-authenticate": decision.challenge });
    }

    const body = await readBody(request, maxBodyBytes);
    if (body === undefined) {
      return sendMessage(response, 413, "Request Entity Too Large", { ...common, connection: "close" });
    }
    const now = clock.now();
    const traceId = newTraceId(now);
    const authorized = decision?.authorized;
    const event = eventOf({ request, body, match, authorized, api: facts, requestId, traceId, now });
    sendOutcome(response, await invokeWithin(timeoutMs, fn, JSON.stringify(event), traceId), common);
  };
}

function jwtAuthorizers({ template, api, verify, clients }: HttpApiOptions): Map<string, Authorizer> {
  const authorizers = new Map<string, Authorizer>();
  for (const authorizer of partsOf(template, api, "AWS::ApiGatewayV2::Authorizer")) {
    if (template.property(authorizer, "AuthorizerType") !== "JWT") {
      throw new UnservableTemplate(`Authorizer ${authorizer.constructId}: an HTTP API's must be of type JWT`);
    }
    const { Issuer = "", Audience = [] } =
      template.property<JwtConfiguration>(authorizer, "JwtConfiguration") ?? {};
    const configuration = { Issuer, Audience: [...Audience, ...clients] };
    authorizers.set(template.ref(authorizer), createJwtAuthorizer(configuration, verify));
  }
  return authorizers;
}

function targetOf(
  template: Template,
  api: Resource,
  lambda: Lambda,
  authorizers: Map<string, Authorizer>,
  route: Resource,
): Target {
  const integration = integrationOf(template, api, route);
  if (template.property(integration, "PayloadFormatVersion") !== "2.0") {
    throw new UnservableTemplate(`Integration ${integration.constructId}: only payload format 2.0 is served`);
  }
  const type = template.property<string>(route, "AuthorizationType") ?? "NONE";
  const authorize = authorizers.get(template.property<string>(route, "AuthorizerId") ?? "");
  if (type !== "NONE" && authorize === undefined) {
    throw new UnservableTemplate(`Route ${route.constructId}: authorization ${type} is not served`);
  }
  const uri = template.property<string>(integration, "IntegrationUri");
  const key = (template.property<string>(route, "RouteKey") ?? "").replace(" ", "");
  const source = `${stageOf(template, api)}/${key}`;
  return {
    fn: functionBehind(template, api, lambda, uri, route, source),
    authorize,
    scopes: template.property<string[]>(route, "AuthorizationScopes") ?? [],
    timeoutMs: template.property<number>(integration, "TimeoutInMillis") ?? maxIntegrationMs,
  };
}
