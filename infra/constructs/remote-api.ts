import { Duration, type RemovalPolicy, Stack } from "aws-cdk-lib";
import {
  ApiMapping,
  type CfnRoute,
  type CfnStage,
  CorsHttpMethod,
  type CorsPreflightOptions,
  DomainName,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  SecurityPolicy,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Family, Route } from "../../shared/http/route.ts";
import type { Throttle } from "../settings.ts";
import { AccessLog } from "./access-log.ts";
import { acknowledge } from "./acknowledge.ts";
import type { TokenIssuer } from "./identity.ts";

/** What the gateway needs of a route. */
export type ApiRoute = Pick<Route, "operationId" | "method" | "path" | "scopes"> & {
  readonly family: Family;
};

export interface RemoteApiProps {
  readonly routes: readonly ApiRoute[];
  /** The function of each family. */
  readonly handlers: Readonly<Record<Family, IFunction>>;
  readonly tokens: TokenIssuer;
  /** A host name of one's own and the ARN of its certificate in this region. @default API Gateway's host name */
  readonly domain?: { readonly name: string; readonly certificate: string };
  /** Origins whose pages may call it from a browser; none: no CORS. */
  readonly corsOrigins: readonly string[];
  /** What the stage lets through of all routes together. */
  readonly throttle: Throttle;
  /** Of the access log. @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** Whether a route asks for no token. */
const isPublic = ({ scopes }: ApiRoute) => scopes.length === 0;

/** Throttle of routes without authorization: anonymous clients must not use up the rate of the API consumers. */
const PUBLIC_ROUTE = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 };

/** Throttles one route below its stage, which names it and so must come after it. */
function throttleRoute(stage: HttpStage, route: HttpRoute): void {
  const settings = stage.node.defaultChild as CfnStage;
  settings.routeSettings = {
    ...(settings.routeSettings as object),
    [(route.node.defaultChild as CfnRoute).routeKey]: PUBLIC_ROUTE,
  };
  stage.node.addDependency(route);
}

/** A route without a token: with a share of the rate of its own, and a reason. */
function open(stage: HttpStage, route: HttpRoute): void {
  acknowledge(route, {
    "AwsSolutions-APIG4": "Public by contract: it describes the API and nothing of any network.",
  });
  throttleRoute(stage, route);
}

/** What pages of these origins may send and read. Tokens come in a header, so that no credentials are needed. */
const corsFor = (allowOrigins: readonly string[]): CorsPreflightOptions => ({
  allowOrigins: [...allowOrigins],
  allowMethods: (["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const).map(
    (method) => CorsHttpMethod[method],
  ),
  allowHeaders: ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "prefer"],
  exposeHeaders: [
    "allow",
    "etag",
    "idempotent-replayed",
    "location",
    "preference-applied",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
  ],
  maxAge: Duration.hours(1),
});

/** HEAD is served wherever GET is. */
const methodsOf = ({ method }: Pick<ApiRoute, "method">) =>
  method === "GET" ? ([method, "HEAD"] as const) : ([method] as const);

const keysOf = (method: ApiRoute["method"], path: string): string[] =>
  methodsOf({ method }).map((one) => `${one} ${path}`);

/** The HTTPS API of the route table: a route there is a route here, guarded by the scopes it names. */
export class RemoteApi extends Construct {
  readonly apiId: string;
  readonly accessLog: ILogGroup;
  readonly url: string;
  /** With a host name of one's own: what its DNS record points to. */
  readonly aliasTarget?: string;

  constructor(scope: Construct, id: string, props: RemoteApiProps) {
    super(scope, id);
    const api = new HttpApi(this, "Api", {
      apiName: `${Stack.of(this).stackName}-remote`,
      description: "Remote commands to OCPP stations",
      createDefaultStage: false,
      ...(props.corsOrigins.length > 0 && { corsPreflight: corsFor(props.corsOrigins) }),
      // One endpoint: what is asked of API Gateway's own host name would pass whatever stands before the other.
      disableExecuteApiEndpoint: props.domain !== undefined,
    });
    const accessLog = new AccessLog(this, "AccessLog", {
      api: "remote",
      // Anonymous requests have a small share; exceeding it is no alarm.
      uncounted: [
        ...props.routes.filter(isPublic).flatMap(({ method, path }) => keysOf(method, path)),
        HttpRouteKey.DEFAULT.key,
      ],
      fields: {
        route: "$context.routeKey",
        path: "$context.path",
        // Who calls, as the functions take it from a token: its first one of these.
        clientId: "$context.authorizer.claims.client_id",
        azp: "$context.authorizer.claims.azp",
        sub: "$context.authorizer.claims.sub",
        sourceIp: "$context.identity.sourceIp",
        status: "$context.status",
        integrationStatus: "$context.integration.status",
        functionRequestId: "$context.integration.requestId",
        responseMs: "$context.responseLatency",
        authorizerError: "$context.authorizer.error",
        error: "$context.error.message",
      },
      ...(props.removalPolicy && { removalPolicy: props.removalPolicy }),
    });
    const stage = new HttpStage(this, "Stage", {
      httpApi: api,
      stageName: "$default",
      autoDeploy: true,
      throttle: props.throttle,
      accessLogSettings: accessLog.settings,
    });
    this.accessLog = accessLog.logGroup;
    this.url = stage.url;
    this.apiId = api.apiId;
    if (props.domain) {
      const domainName = new DomainName(this, "Domain", {
        domainName: props.domain.name,
        certificate: Certificate.fromCertificateArn(this, "Certificate", props.domain.certificate),
        securityPolicy: SecurityPolicy.TLS_1_2,
      });
      new ApiMapping(this, "Mapping", { api, domainName, stage });
      this.url = `https://${props.domain.name}/`;
      this.aliasTarget = domainName.regionalDomainName;
    }

    const { issuer, audience, scopePrefix } = props.tokens;
    const authorizer = new HttpJwtAuthorizer("Tokens", issuer, { jwtAudience: [...audience] });
    const integrations = new Map<Family, HttpLambdaIntegration>();
    for (const route of props.routes) {
      const integration =
        integrations.get(route.family) ??
        // One permission for the whole API: one for each route would outgrow a function's policy (20 KB).
        new HttpLambdaIntegration(route.family, props.handlers[route.family], {
          scopePermissionToRoute: false,
        });
      integrations.set(route.family, integration);
      for (const method of methodsOf(route)) {
        const id = method === route.method ? route.operationId : `${route.operationId}Head`;
        const httpRoute = new HttpRoute(this, id, {
          httpApi: api,
          routeKey: HttpRouteKey.with(route.path, HttpMethod[method]),
          integration,
          ...(!isPublic(route) && {
            authorizer,
            authorizationScopes: route.scopes.map((scope) => `${scopePrefix}${scope}`),
          }),
        });
        if (isPublic(route)) open(stage, httpRoute);
      }
    }
    // What no route matches is answered with a problem, too: 404, or 405 with the methods of the path.
    // Its integration is its own: the permission for `*/*/*` (stage, method, path) does not match `$default/$default`.
    const integration = new HttpLambdaIntegration("unmatched", props.handlers.openapi);
    open(
      stage,
      new HttpRoute(this, "Unmatched", { httpApi: api, routeKey: HttpRouteKey.DEFAULT, integration }),
    );
  }
}
