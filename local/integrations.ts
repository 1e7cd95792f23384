/** What the APIs of a template lead to. */

import type { Outcome } from "./lambda/environment.ts";
import type { LocalFunction } from "./lambda/function.ts";
import type { Lambda } from "./lambda/service.ts";
import { type Resource, type Template, UnservableTemplate } from "./template.ts";

/** The one API of the protocol; the runner has one endpoint for each. */
export function apiOf(template: Template, protocol: "HTTP" | "WEBSOCKET"): Resource | undefined {
  const apis = template
    .ofType("AWS::ApiGatewayV2::Api")
    .filter((api) => template.property(api, "ProtocolType") === protocol);
  if (apis.length > 1) {
    const names = apis.map(({ constructId }) => constructId).join(", ");
    throw new UnservableTemplate(`One API of each protocol can be served; ${protocol} has ${names}`);
  }
  return apis[0];
}

/** The API's resources of a type: its routes, stages, authorizers… */
export function partsOf(template: Template, api: Resource, type: string): Resource[] {
  const id = template.ref(api);
  return template.ofType(type).filter((part) => template.property(part, "ApiId") === id);
}

const functionArn = /arn:[^:]*:lambda:[^:]*:[^:]*:function:[^/:]+/;

/**
 * The function that an integration or authorizer URI names, in either of its forms, as API Gateway may invoke it.
 *
 * @param source what of the API invokes it, behind the API's id: `stage/GET/path`, `authorizers/id`
 */
export function functionBehind(
  template: Template,
  api: Resource,
  lambda: Lambda,
  uri: string | undefined,
  usedBy: Resource,
  source: string,
): LocalFunction {
  const arn = functionArn.exec(uri ?? "")?.[0] ?? "";
  const found = lambda.find(arn);
  if (found === undefined) {
    throw new UnservableTemplate(`${usedBy.type} ${usedBy.constructId} leads to no function of the template`);
  }
  const { region, accountId } = template;
  const sourceArn = `arn:aws:execute-api:${region}:${accountId}:${template.ref(api)}/${source}`;
  return lambda.invocableBy(found, "apigateway.amazonaws.com", sourceArn);
}

/** The stage of an API, `$default` where there is none. */
export function stageOf(template: Template, api: Resource): string {
  const [stage] = partsOf(template, api, "AWS::ApiGatewayV2::Stage");
  return stage === undefined ? "$default" : template.ref(stage);
}

/** The Lambda integration that a route's `Target` names. */
export function integrationOf(template: Template, api: Resource, route: Resource): Resource {
  const target = template.property<string>(route, "Target") ?? "";
  const found = partsOf(template, api, "AWS::ApiGatewayV2::Integration").find(
    (integration) => target === `integrations/${template.ref(integration)}`,
  );
  if (found === undefined || template.property(found, "IntegrationType") !== "AWS_PROXY") {
    throw new UnservableTemplate(`Route ${route.constructId} has no integration with a function`);
  }
  return found;
}

/** API Gateway does not wait for ever: the time an integration has is its own limit, beside the function's. */
export type IntegrationOutcome = Outcome | { readonly status: "timedOut" };

export async function invokeWithin(
  limitMs: number,
  fn: LocalFunction,
  event: string,
  traceId: string,
): Promise<IntegrationOutcome> {
  const outcome = fn.invoke(event, traceId);
  if (fn.definition.timeoutMs < limitMs) return outcome;
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<IntegrationOutcome>((resolve) => {
    timer = setTimeout(resolve, limitMs, { status: "timedOut" } satisfies IntegrationOutcome);
  });
  return await Promise.race([outcome, timeUp]).finally(() => clearTimeout(timer));
}
