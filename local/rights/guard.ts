/** Evaluates requests against the rights of the caller, who is known by the access key of the signature. */
import type { Statement } from "./statements.ts";

/** A principal with rights: a role, as a function or a service assumes it. */
export interface Principal {
  /** The role's construct id and its owner's; the name in the report. */
  readonly id: string;
  /** As AWS's messages name the caller. */
  readonly arn: string;
  readonly accessKeyId: string;
  readonly statements: readonly Statement[];
}

/** One action on one resource. */
export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  /** Values of condition keys, in lower case. */
  readonly context?: Readonly<Record<string, string>>;
}

/** A right that was used for the first time: an action, and the resource as the policy has it. */
export interface Use {
  readonly id: string;
  readonly action: string;
  readonly resource: string;
}

export interface Guard {
  /** @returns AWS's message where a request is denied; undefined where all are allowed, or the caller is no principal */
  refusal(authorization: string | undefined, requests: readonly AccessRequest[]): string | undefined;
  /** Like `refusal`, for a principal that is known already. */
  refusalOf(principal: Principal, requests: readonly AccessRequest[]): string | undefined;
  /** The principal whose access key signed a request. */
  principalOf(authorization: string | undefined): Principal | undefined;
}

/**
 * A caller with another access key, or without a signature, is a developer at this machine and may do everything.
 *
 * @param onUse called once for each right that was used
 */
export function createGuard(principals: readonly Principal[], onUse: (use: Use) => void): Guard {
  const byKey = new Map(principals.map((principal) => [principal.accessKeyId, principal]));
  const used = new Set<string>();

  const principalOf = (authorization: string | undefined) =>
    byKey.get(/Credential=([^/,]+)/.exec(authorization ?? "")?.[1] ?? "");

  function refusalOf(principal: Principal, requests: readonly AccessRequest[]): string | undefined {
    const uses: Use[] = [];
    for (const { action, resource, context = {} } of requests) {
      const use = rightFor(principal, action, resource, context);
      if (use === undefined) return denial(principal, action, resource);
      uses.push(use);
    }
    for (const use of uses) {
      const name = JSON.stringify(use);
      if (!used.has(name)) onUse(use);
      used.add(name);
    }
    return undefined;
  }

  return {
    principalOf,
    refusalOf,
    refusal(authorization, requests) {
      const principal = principalOf(authorization);
      return principal && refusalOf(principal, requests);
    },
  };
}

function rightFor(
  { id, statements }: Principal,
  action: string,
  resource: string,
  context: Readonly<Record<string, string>>,
): Use | undefined {
  for (const statement of statements) {
    const byAction = statement.actions.find((pattern) =>
      matches(pattern.toLowerCase(), action.toLowerCase()),
    );
    const byResource = statement.resources.find((pattern) => matches(pattern, resource));
    if (byAction !== undefined && byResource !== undefined && holds(statement, context)) {
      return { id, action: byAction, resource: byResource };
    }
  }
  return undefined;
}

/** Whether all conditions hold; a key that the request does not have holds for none. */
export const holds = ({ equals }: Statement, context: Readonly<Record<string, string>>): boolean =>
  Object.entries(equals).every(([key, values]) => values.includes(context[key] ?? ""));

const matches = (pattern: string, text: string): boolean =>
  pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;

/** In AWS's words. */
const denial = ({ arn }: Principal, action: string, resource: string) =>
  `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
