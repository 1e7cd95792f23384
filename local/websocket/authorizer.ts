/**
 * The REQUEST authorizer of a WebSocket API's $connect.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
 */
import type { LocalFunction } from "../lambda/function.ts";
import type { HandshakeRequest } from "./handshake.ts";

export type AuthorizerDecision =
  | { readonly status: "allowed"; readonly context: Readonly<Record<string, string>> }
  | { readonly status: "refused"; readonly code: 401 | 403 | 500; readonly message: string };

export interface RequestAuthorizer {
  readonly fn: LocalFunction;
  /** `route.request.header.X` or `route.request.querystring.X`. */
  readonly identitySources: readonly string[];
}

interface AuthorizerResult {
  readonly principalId?: unknown;
  readonly policyDocument?: { readonly Statement?: Statement | readonly Statement[] };
  readonly context?: Readonly<Record<string, unknown>>;
}
interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

const maxResultBytes = 8 * 1024;
const unauthorized = { status: "refused", code: 401, message: "Unauthorized" } as const;
const denied = { status: "refused", code: 403, message: "Forbidden" } as const;
const failed = { status: "refused", code: 500, message: "Internal server error" } as const;

export async function askAuthorizer(
  { fn, identitySources }: RequestAuthorizer,
  request: HandshakeRequest,
  methodArn: string,
  requestContext: object,
  traceId: string,
): Promise<AuthorizerDecision> {
  if (!identitySources.every((source) => isThere(request, source))) return unauthorized;
  const { headers, multiValueHeaders, queryStringParameters, multiValueQueryStringParameters } = request;
  const event = {
    type: "REQUEST",
    methodArn,
    headers,
    multiValueHeaders,
    queryStringParameters,
    multiValueQueryStringParameters,
    stageVariables: {},
    requestContext,
  };
  const outcome = await fn.invoke(JSON.stringify(event), traceId);
  if (outcome.status === "failed" && outcome.error.errorMessage === "Unauthorized") return unauthorized;
  if (outcome.status !== "ok" || outcome.payload.length > maxResultBytes) return failed;
  return decide(JSON.parse(outcome.payload) as AuthorizerResult | null, methodArn);
}

function isThere(request: HandshakeRequest, source: string): boolean {
  const [, , kind, ...rest] = source.split(".");
  const name = rest.join(".");
  if (kind === "querystring") return (request.queryStringParameters[name] ?? "") !== "";
  const header = Object.entries(request.headers).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return kind === "header" && (header?.[1] ?? "") !== "";
}

function decide(result: AuthorizerResult | null, methodArn: string): AuthorizerDecision {
  const { principalId, policyDocument, context = {} } = result ?? {};
  if (typeof principalId !== "string" || policyDocument?.Statement === undefined) return failed;
  const texts: Record<string, string> = { principalId };
  for (const [name, value] of Object.entries(context)) {
    if (value === null || value === undefined) continue;
    if (typeof value === "object") return failed;
    texts[name] = String(value);
  }
  const statements = [policyDocument.Statement].flat() as Statement[];
  const effects = statements.filter((statement) => applies(statement, methodArn)).map(({ Effect }) => Effect);
  if (effects.includes("Deny") || !effects.includes("Allow")) return denied;
  return { status: "allowed", context: texts };
}

function applies({ Action = [], Resource = [] }: Statement, methodArn: string): boolean {
  const matches = (patterns: string | readonly string[], text: string) =>
    [patterns].flat().some((pattern) => wildcard(pattern).test(text));
  return matches(Action, "execute-api:Invoke") && matches(Resource, methodArn);
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "i");
}
