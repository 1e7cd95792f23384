import type { PublicClient, User } from "./clients.ts";
import type { Grants } from "./grants.ts";
import { type Answer, messagePage, signInPage } from "./page.ts";
import { Refusal } from "./refusal.ts";

export interface SignInOptions {
  readonly clients: Readonly<Record<string, PublicClient>>;
  readonly users: Readonly<Record<string, User>>;
  readonly grants: Grants;
  readonly now: () => number;
}

export interface SignIn {
  /**
   * `GET /oauth2/authorize`: the page with the users, or where the form of the page was sent, the redirect with a
   * code.
   *
   * @param origin of the request; redirects lead to this origin only
   * @param form of `POST /oauth2/authorize`: the parameters, and the chosen `user`
   */
  authorize(origin: string, query: URLSearchParams, form?: URLSearchParams): Answer;
  /** `GET /logout`. https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html */
  logout(origin: string, query: URLSearchParams): Answer;
}

interface AuthorizationRequest {
  readonly clientId: string;
  readonly client: PublicClient;
  readonly redirectUri: string;
}

/** The authorization endpoint of the local issuer, for users without passwords. */
export function createSignIn({ clients, users, grants, now }: SignInOptions): SignIn {
  function authorize(origin: string, query: URLSearchParams, form?: URLSearchParams): Answer {
    const parameters = form ?? query;
    const request = requestOf(origin, parameters);
    // A redirect to an address that is not the client's would hand the answer to another page (RFC 6749 §4.1.2.1).
    if (typeof request === "string") return messagePage(400, "Sign-in is not possible", request);
    try {
      const granted = check(request, parameters);
      const user = form?.get("user");
      if (typeof user !== "string") return signInPage(parameters, users);
      if (!Object.hasOwn(users, user)) throw new Refusal("access_denied");
      const nonce = parameters.get("nonce");
      const code = grants.issueCode({
        grant: {
          clientId: request.clientId,
          username: user,
          scope: granted.scope,
          ...(nonce !== null && { nonce }),
          signedInAtMs: now(),
        },
        redirectUri: request.redirectUri,
        codeChallenge: granted.codeChallenge,
      });
      return back(request.redirectUri, { code, state: parameters.get("state") });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return back(request.redirectUri, { error: error.code, state: parameters.get("state") });
    }
  }

  /** @returns a text for the user where the request cannot be answered by a redirect */
  function requestOf(origin: string, parameters: URLSearchParams): AuthorizationRequest | string {
    const clientId = parameters.get("client_id") ?? "";
    const client = Object.hasOwn(clients, clientId) ? clients[clientId] : undefined;
    if (client === undefined) return `The client_id ${clientId || "(none)"} is not known.`;
    const redirectUri = parameters.get("redirect_uri") ?? "";
    const allowed = client.callbackPaths.map((path) => origin + path);
    if (!allowed.includes(redirectUri))
      return `The redirect_uri ${redirectUri || "(none)"} is not one of ${clientId}: ${allowed.join(", ")}`;
    return { clientId, client, redirectUri };
  }

  /** @throws Refusal */
  function check({ client }: AuthorizationRequest, parameters: URLSearchParams) {
    if (parameters.get("response_type") !== "code") throw new Refusal("unsupported_response_type");
    const codeChallenge = parameters.get("code_challenge") ?? "";
    if (parameters.get("code_challenge_method") !== "S256" || !CHALLENGE.test(codeChallenge))
      throw new Refusal("invalid_request");
    // The page shows the users each time: there is no session that could answer without it.
    if (parameters.get("prompt") === "none") throw new Refusal("login_required");
    const wanted = parameters.get("scope")?.split(" ").filter(Boolean) ?? [];
    if (!wanted.every((scope) => client.scopes.includes(scope))) throw new Refusal("invalid_scope");
    const scope = (wanted.length > 0 ? [...new Set(wanted)] : client.scopes).join(" ");
    return { scope, codeChallenge };
  }

  function logout(origin: string, query: URLSearchParams): Answer {
    const clientId = query.get("client_id") ?? "";
    const client = Object.hasOwn(clients, clientId) ? clients[clientId] : undefined;
    const target = query.get("logout_uri") ?? "";
    const allowed = client?.logoutPaths.map((path) => origin + path) ?? [];
    if (allowed.includes(target)) return redirect(target);
    return messagePage(
      400,
      "Sign-out is not possible",
      `The logout_uri ${target || "(none)"} is not one of the client ${clientId || "(none)"}.`,
    );
  }

  return { authorize, logout };
}

/** A SHA-256 in base64url. */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

function back(redirectUri: string, answer: Readonly<Record<string, string | null>>): Answer {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) if (value !== null) url.searchParams.set(name, value);
  return redirect(url.href);
}

const redirect = (location: string): Answer => ({
  status: 302,
  headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  body: "",
});
