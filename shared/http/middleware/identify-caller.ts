import type { ExistingNetworks, NetworksOf } from "../../networks/membership.ts";
import { Problem } from "../../problems.ts";
import { type Bearer, createCaller } from "../caller.ts";
import type { ApiMiddleware, HttpEvent } from "../event.ts";
import { isGranted, networksNamedBy } from "../roles.ts";
import type { Scope } from "../scopes.ts";

/** The scope that reads the commands and attempts of all clients of a network. */
const READS_COMMANDS: Scope = "read:ocpp";

export interface CallerOptions {
  readonly networksOf: NetworksOf;
  readonly existingNetworks: ExistingNetworks;
  /** What stands before each scope in a token. */
  readonly scopePrefix: string;
  /** Called with the station that the request is about. */
  readonly onResolved: (cpId: string) => void;
}

/**
 * Adds the caller to the event, by the token that API Gateway has checked. The caller's networks are read when a
 * handler asks for them: those of the client, or where a user signed in, those that the user's groups name.
 */
export function identifyCaller(options: CallerOptions): ApiMiddleware {
  const { networksOf, existingNetworks, scopePrefix, onResolved } = options;

  const identifyCallerBefore: ApiMiddleware["before"] = ({ event }) => {
    const groups = groupsOf(event);
    event.caller = createCaller(
      bearerOf(event, scopePrefix),
      groups === undefined ? networksOf : () => existingNetworks(networksNamedBy(groups)),
      onResolved,
    );
  };

  return { before: identifyCallerBefore };
}

/**
 * Refuses a user whose roles do not grant a scope of the route. All users of one client can ask for the same
 * scopes, so API Gateway's check of the token's scopes does not distinguish them.
 */
export function requireRole(scopePrefix: string): ApiMiddleware {
  const requireRoleBefore: ApiMiddleware["before"] = ({ event }) => {
    const { scopes } = event.route;
    const isUser = groupsOf(event) !== undefined;
    if (isUser && scopes.length > 0 && !scopes.some((scope) => hasScope(event, scopePrefix, scope)))
      throw new Problem("forbidden", `The roles of this user do not grant ${scopes.join(" or ")}.`);
  };

  return { before: requireRoleBefore };
}

/** Cognito names the client `client_id`, OpenID Connect `azp`; `sub` is the client in RFC 9068 §2.2 tokens. */
export function clientIdOf({ requestContext }: HttpEvent): string {
  const { client_id, azp, sub } = requestContext.authorizer?.jwt.claims ?? {};
  return String(client_id ?? azp ?? sub ?? "");
}

function bearerOf(event: HttpEvent, scopePrefix: string): Bearer {
  const { username } = claimsOf(event);
  return {
    clientId: clientIdOf(event),
    ...(typeof username === "string" && { user: username }),
    readsCommands: hasScope(event, scopePrefix, READS_COMMANDS),
  };
}

/** Whether the token has the scope, and where a user signed in, a role grants it, too. */
function hasScope(event: HttpEvent, scopePrefix: string, scope: Scope): boolean {
  const { scp, scope: scopeText } = claimsOf(event);
  const groups = groupsOf(event);
  return (
    wordsOf(scp ?? scopeText).includes(scopePrefix + scope) &&
    (groups === undefined || isGranted(groups, scope))
  );
}

/**
 * The groups of the user who signed in; undefined for the token of a client alone. Cognito's access tokens have
 * `username` if a user signed in, and `cognito:groups` if the user is in one.
 */
function groupsOf(event: HttpEvent): readonly string[] | undefined {
  const { username, "cognito:groups": groups } = claimsOf(event);
  return username === undefined && groups === undefined ? undefined : wordsOf(groups);
}

const claimsOf = ({ requestContext }: HttpEvent) => requestContext.authorizer?.jwt.claims ?? {};

/** An HTTP API hands a list over as one text: `[read:ocpp write:ocpp]`. */
const wordsOf = (claim: unknown): readonly string[] =>
  String(claim ?? "")
    .replace(/^\[(.*)\]$/s, "$1")
    .split(/\s+/);
