import type { NetworksOf } from "../../networks/membership.ts";
import { type Bearer, createCaller } from "../caller.ts";
import type { ApiMiddleware, HttpEvent } from "../event.ts";
import type { Scope } from "../scopes.ts";

/** The scope that reads the commands and attempts of all clients of a network. */
const READS_COMMANDS: Scope = "read:ocpp";

export interface CallerOptions {
  readonly networksOf: NetworksOf;
  /** What stands before each scope in a token. */
  readonly scopePrefix: string;
  /** Called with the station that the request is about. */
  readonly onResolved: (cpId: string) => void;
}

/**
 * Adds the caller to the event, by the token that API Gateway has checked. The caller's networks are read when a
 * handler asks for them.
 */
export function identifyCaller({ networksOf, scopePrefix, onResolved }: CallerOptions): ApiMiddleware {
  const identifyCallerBefore: ApiMiddleware["before"] = ({ event }) => {
    event.caller = createCaller(bearerOf(event, scopePrefix), networksOf, onResolved);
  };

  return { before: identifyCallerBefore };
}

/** Cognito names the client `client_id`, OpenID Connect `azp`; `sub` is the client in RFC 9068 §2.2 tokens. */
export function clientIdOf({ requestContext }: HttpEvent): string {
  const { client_id, azp, sub } = requestContext.authorizer?.jwt.claims ?? {};
  return String(client_id ?? azp ?? sub ?? "");
}

function bearerOf(event: HttpEvent, scopePrefix: string): Bearer {
  const { username, scp, scope } = event.requestContext.authorizer?.jwt.claims ?? {};
  // an HTTP API hands a list over as one text: [read:ocpp write:ocpp]
  const scopes = String(scp ?? scope ?? "").split(/[\s[\]]+/);
  return {
    clientId: clientIdOf(event),
    // Cognito's access tokens have it if a user signed in
    ...(typeof username === "string" && { user: username }),
    readsCommands: scopes.includes(`${scopePrefix}${READS_COMMANDS}`),
  };
}
