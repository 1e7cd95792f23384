import type { NetworksOf } from "../../networks/membership.ts";
import { createCaller } from "../caller.ts";
import type { ApiMiddleware, HttpEvent } from "../event.ts";

/**
 * Says who calls, by the token that API Gateway has checked. Which networks that is to see is read when a
 * handler asks.
 *
 * @param onResolved told which station the request is about
 */
export function identifyCaller(networksOf: NetworksOf, onResolved: (cpId: string) => void): ApiMiddleware {
  const identifyCallerBefore: ApiMiddleware["before"] = ({ event }) => {
    event.caller = createCaller(clientIdOf(event), networksOf, onResolved);
  };

  return { before: identifyCallerBefore };
}

/** Cognito names the client `client_id`, OpenID Connect `azp`; `sub` is the client in RFC 9068 §2.2 tokens. */
export function clientIdOf({ requestContext }: HttpEvent): string {
  const { client_id, azp, sub } = requestContext.authorizer?.jwt.claims ?? {};
  return String(client_id ?? azp ?? sub ?? "");
}
