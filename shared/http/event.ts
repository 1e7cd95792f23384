import type middy from "@middy/core";
import type {
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from "aws-lambda";
import type { Caller } from "./caller.ts";
import type { Route } from "./route.ts";

/** A request as the HTTP API hands it over: payload format 2.0, with the claims where a JWT was asked for. */
export type HttpEvent = Omit<APIGatewayProxyEventV2, "requestContext"> & {
  readonly requestContext: APIGatewayEventRequestContextV2 & {
    readonly authorizer?: { readonly jwt: { readonly claims: Readonly<Record<string, unknown>> } };
  };
};

export type HttpResult = APIGatewayProxyStructuredResultV2;

/** What a request holds once it is known to be valid. */
export interface Input {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** The event on its way through the middlewares; each adds its part before the next one needs it. */
export interface ApiEvent extends HttpEvent {
  route: Route;
  /** The parsed body; undefined where there is none. */
  json: unknown;
  input: Input;
  caller: Caller;
}

export type ApiMiddleware = middy.MiddlewareObj<ApiEvent, HttpResult, Error, Context>;
