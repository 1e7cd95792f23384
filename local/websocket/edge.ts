/**
 * CloudFront distributions in front of an API: their viewer-request functions, and what they send on to the origin.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
import { createContext, Script } from "node:vm";
import { splitOnce } from "../http/event.ts";
import { type Template, UnservableTemplate } from "../template.ts";
import type { HeaderList, Refusal } from "./handshake.ts";

/** What reaches the origin, or what CloudFront answers itself. */
export type EdgeResult =
  | { readonly status: "forwarded"; readonly url: string; readonly headers: HeaderList }
  | { readonly status: "answered"; readonly answer: Refusal };

export interface ViewerRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderList;
  readonly ip: string;
  /** The headers in which CloudFront describes the client certificate, if it requests one. */
  readonly certificate?: HeaderList;
}

export interface Edge {
  /** Whether viewers must show a client certificate. */
  readonly wantsCertificate: boolean;
  handle(request: ViewerRequest): Promise<EdgeResult>;
}

interface DistributionConfig {
  readonly ViewerMtlsConfig?: { readonly Mode?: string };
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors?: readonly Behavior[];
  readonly Origins: readonly Origin[];
}
interface Behavior {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly OriginRequestPolicyId?: string;
  readonly FunctionAssociations?: readonly { readonly EventType: string; readonly FunctionARN: string }[];
}
interface Origin {
  readonly Id: string;
  readonly DomainName: string;
  readonly OriginPath?: string;
  readonly OriginCustomHeaders?: readonly { readonly HeaderName: string; readonly HeaderValue: string }[];
}

interface Value {
  value: string;
  multiValue?: { value: string }[];
}
type Values = Record<string, Value>;
interface EdgeRequest {
  method: string;
  uri: string;
  querystring: Values;
  headers: Values;
  cookies: Values;
}
interface EdgeResponse {
  statusCode: number;
  statusDescription?: string;
  headers?: Values;
  body?: string | { encoding?: string; data: string };
}
type EdgeHandler = (event: object) => unknown;

/** Whether a viewer's header, by its name in lower case, goes on to the origin. */
type Policy = (name: string) => boolean;

/** AllViewerExceptHostHeader, by which alone Authorization is passed on. */
const allViewerExceptHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

/**
 * What functions neither see nor may add; an upgrade is CloudFront's own to make.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
 */
const hiddenHeader =
  /^(connection|expect|keep-alive|proxy-(authenticate|authorization|connection)|trailer|upgrade|x-(accel|amz-cf|amzn|edge)-.*|x-cache|x-forwarded-proto|x-real-ip)$/i;
const upgradeHeader = /^(connection|upgrade)$/i;

/** Headers that only CloudFront may set if it requests certificates. */
const certificateHeader = /^cloudfront-viewer-cert-/i;

/** The template's distributions in front of the domain. */
export function edgesOf(template: Template, originDomain: string): Edge[] {
  return template.ofType("AWS::CloudFront::Distribution").flatMap((resource) => {
    const config = template.property<DistributionConfig>(resource, "DistributionConfig");
    const origin = config?.Origins.find(({ DomainName }) => DomainName === originDomain);
    if (config === undefined || origin === undefined) return [];
    const behaviors = [...(config.CacheBehaviors ?? []), config.DefaultCacheBehavior].map((behavior) => ({
      ...behavior,
      policy: policyOf(template, behavior),
      handler: viewerRequestHandler(template, behavior),
      matches: pathPattern(behavior.PathPattern),
    }));
    const context = {
      eventType: "viewer-request",
      distributionDomainName: template.attribute(resource, "DomainName"),
      distributionId: template.ref(resource),
    };
    const handle = async (request: ViewerRequest): Promise<EdgeResult> => {
      const [uri] = splitOnce(request.url, "?");
      const behavior = behaviors.find(({ matches }) => matches.test(uri));
      if (behavior?.TargetOriginId !== origin.Id) return { status: "answered", answer: { status: 404 } };
      return await forward(withCertificate(request), behavior, origin, context);
    };
    return [{ wantsCertificate: config.ViewerMtlsConfig?.Mode === "required", handle }];
  });
}

function withCertificate(viewer: ViewerRequest): ViewerRequest {
  if (viewer.certificate === undefined) return viewer;
  const headers = viewer.headers.filter(([name]) => !certificateHeader.test(name));
  return { ...viewer, headers: [...headers, ...viewer.certificate] };
}

interface PolicyConfig {
  readonly HeadersConfig: { readonly HeaderBehavior: string; readonly Headers?: readonly string[] };
  readonly QueryStringsConfig: { readonly QueryStringBehavior: string };
}

/** The managed policy, or one of the template's that lists headers and passes all of the query on. */
function policyOf(template: Template, { OriginRequestPolicyId: id }: Behavior): Policy {
  if (id === allViewerExceptHost) return (name) => name !== "host";
  const resource = template
    .ofType("AWS::CloudFront::OriginRequestPolicy")
    .find((policy) => template.ref(policy) === id);
  const config = resource && template.property<PolicyConfig>(resource, "OriginRequestPolicyConfig");
  const { HeaderBehavior, Headers = [] } = config?.HeadersConfig ?? {};
  if (HeaderBehavior !== "whitelist" || config?.QueryStringsConfig.QueryStringBehavior !== "all") {
    throw new UnservableTemplate(
      "A distribution's origin request policy must be AllViewerExceptHostHeader, or list headers and take all queries",
    );
  }
  const listed = new Set(Headers.map((name) => name.toLowerCase()));
  return (name) => listed.has(name);
}

function viewerRequestHandler(template: Template, behavior: Behavior): EdgeHandler | undefined {
  const association = behavior.FunctionAssociations?.find(({ EventType }) => EventType === "viewer-request");
  if (association === undefined) return undefined;
  const found = template
    .ofType("AWS::CloudFront::Function")
    .find((edgeFunction) => template.attribute(edgeFunction, "FunctionARN") === association.FunctionARN);
  const code = found && template.property<string>(found, "FunctionCode");
  // A realm without Node's globals: what CloudFront's runtime does not have is not there either.
  return new Script(`${code};\nhandler`).runInContext(createContext({ console })) as EdgeHandler;
}

async function forward(
  viewer: ViewerRequest,
  { handler, policy }: { readonly handler: EdgeHandler | undefined; readonly policy: Policy },
  origin: Origin,
  context: object,
): Promise<EdgeResult> {
  const [uri, query = ""] = splitOnce(viewer.url, "?");
  let request: EdgeRequest = {
    method: viewer.method,
    uri,
    querystring: valuesOf(query.split("&").filter(Boolean).map(pair)),
    headers: valuesOf(
      viewer.headers
        .filter(([name]) => name.toLowerCase() !== "cookie" && !hiddenHeader.test(name))
        .map(([name, value]) => [name.toLowerCase(), value] as const),
    ),
    cookies: valuesOf(
      viewer.headers
        .filter(([name]) => name.toLowerCase() === "cookie")
        .flatMap(([, value]) => value.split(/; */).map(pair)),
    ),
  };
  if (handler !== undefined) {
    try {
      const event = { version: "1.0", context, viewer: { ip: viewer.ip }, request };
      const result = (await handler(event)) as EdgeRequest | EdgeResponse;
      if ("statusCode" in result) return { status: "answered", answer: answerOf(result) };
      if (Object.keys(result.headers).some((name) => hiddenHeader.test(name))) {
        return { status: "answered", answer: { status: 502 } };
      }
      request = result;
    } catch (error) {
      const body = `The CloudFront function failed: ${String(error)}`;
      return { status: "answered", answer: { status: 503, body } };
    }
  }
  const asSent = new Map(viewer.headers.map(([name]) => [name.toLowerCase(), name]));
  const cookies = pairsOf(request.cookies).map((cookie) => cookie.join("="));
  const added = origin.OriginCustomHeaders ?? [];
  // The origin's own headers replace what a viewer sends under their names.
  const replaced = new Set(added.map(({ HeaderName }) => HeaderName.toLowerCase()));
  const headers = [
    ...viewer.headers.filter(([name]) => upgradeHeader.test(name)),
    ...pairsOf(request.headers)
      .filter(([name]) => policy(name) && !replaced.has(name))
      .map(([name, value]) => [asSent.get(name) ?? name, value] as const),
    ...(cookies.length > 0 && policy("cookie") ? [["Cookie", cookies.join("; ")] as const] : []),
    ...added.map(({ HeaderName, HeaderValue }) => [HeaderName, HeaderValue] as const),
    ["Host", origin.DomainName] as const,
  ];
  const search = pairsOf(request.querystring).map(([name, value]) =>
    value === "" ? name : `${name}=${value}`,
  );
  const path = `${origin.OriginPath ?? ""}${request.uri}`;
  return { status: "forwarded", url: search.length === 0 ? path : `${path}?${search.join("&")}`, headers };
}

const pair = (text: string): [string, string] => {
  const [name, value = ""] = splitOnce(text, "=");
  return [name, value];
};

/** Of those that come more than once the first is the value, and all are its `multiValue`. */
function valuesOf(pairs: Iterable<readonly [string, string]>): Values {
  // Without a prototype: viewers choose the names, and `constructor` is one like any other.
  const values: Values = Object.create(null);
  for (const [name, value] of pairs) {
    const known = values[name];
    if (known === undefined) values[name] = { value };
    else known.multiValue = [...(known.multiValue ?? [{ value: known.value }]), { value }];
  }
  return values;
}

function pairsOf(values: Values): [string, string][] {
  return Object.entries(values).flatMap(([name, { value, multiValue }]) =>
    (multiValue ?? [{ value }]).map((one): [string, string] => [name, one.value]),
  );
}

function answerOf({ statusCode, statusDescription, headers = {}, body }: EdgeResponse): Refusal {
  const { data, encoding } = typeof body === "object" ? body : { data: body ?? "", encoding: "text" };
  return {
    status: statusCode,
    ...(statusDescription === undefined ? {} : { reason: statusDescription }),
    headers: Object.fromEntries(pairsOf(headers)),
    body: encoding === "base64" ? Buffer.from(data, "base64").toString() : data,
  };
}

function pathPattern(pattern = "*"): RegExp {
  const escaped = pattern.replace(/^\//, "").replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^/${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
