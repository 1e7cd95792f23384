import { UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { Config } from "../config.ts";
import { createStore, type Store } from "../store.ts";

export type Role = "viewer" | "operator" | "admin";

/** The signed-in user, by the claims of the access token. */
export interface User {
  readonly name: string;
  readonly role: Role | undefined;
  /** The networks that the user's groups name. Empty: `default`. */
  readonly networks: readonly string[];
}

export interface Session {
  readonly user: User;
  /** The access token, renewed where it is about to expire. */
  token(): Promise<string>;
  /** Whether the API refuses the token, or the token has expired and cannot be renewed. */
  readonly expired: Store<boolean>;
  /** Leaves the page for the sign-in page, and comes back to the same address. */
  signIn(): Promise<void>;
  signOut(): Promise<void>;
}

/** The part of the address that names the page: the router reads it from the fragment. */
const currentPage = () => location.hash;

/** Where the console is: the page that the identity provider sends users back to. */
const home = () => `${location.origin}${location.pathname}`;

const RENEW_BEFORE_SECONDS = 60;

/**
 * Opens the user's session. Without one, the browser goes to the sign-in page, and nothing is returned.
 *
 * The tokens are kept for the tab (`sessionStorage`): a reload keeps the user signed in, a closed tab leaves nothing.
 */
export async function openSession(config: Config): Promise<Session | undefined> {
  const manager = new UserManager({
    authority: config.authority,
    client_id: config.clientId,
    redirect_uri: home(),
    post_logout_redirect_uri: home(),
    response_type: "code",
    scope: config.scopes.map((scope) => (scope.includes(":") ? config.scopePrefix + scope : scope)).join(" "),
    // The endpoints are known, so that no discovery is needed.
    metadata: {
      issuer: config.authority,
      authorization_endpoint: config.authorizeUrl,
      token_endpoint: config.tokenUrl,
    },
    loadUserInfo: false,
    automaticSilentRenew: false,
    monitorSession: false,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
  });
  const signIn = () => manager.signinRedirect({ state: currentPage() });

  const arrived = new URLSearchParams(location.search);
  if (arrived.has("state") && (arrived.has("code") || arrived.has("error"))) {
    const page = await finish(manager);
    history.replaceState(null, "", home() + page);
  }
  const user = await manager.getUser();
  if (user === null || (user.expired && user.refresh_token === undefined)) {
    await signIn();
    return undefined;
  }

  const expired = createStore(false);
  let renewal: Promise<unknown> | undefined;
  return {
    user: userOf(user.access_token),
    expired,
    signIn,
    async token() {
      const current = await manager.getUser();
      const isDue = (current?.expires_in ?? 0) < RENEW_BEFORE_SECONDS;
      if (isDue && current?.refresh_token !== undefined) {
        renewal ??= manager.signinSilent().finally(() => {
          renewal = undefined;
        });
        await renewal.catch(() => undefined);
      }
      const latest = await manager.getUser();
      if (latest === null || latest.expired) expired.set(true);
      return latest?.access_token ?? "";
    },
    async signOut() {
      await manager.removeUser();
      const { logoutUrl } = config;
      if (logoutUrl === undefined || logoutUrl === "") return location.assign(home());
      const url = new URL(logoutUrl, home());
      // Cognito's logout endpoint takes these two: https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
      url.searchParams.set("client_id", config.clientId);
      url.searchParams.set("logout_uri", home());
      location.assign(url);
    },
  };
}

/** Exchanges the code for tokens. @returns the page that the user came from */
async function finish(manager: UserManager): Promise<string> {
  try {
    const { state } = await manager.signinCallback().then((user) => user ?? { state: undefined });
    return typeof state === "string" && state.startsWith("#/") ? state : "";
  } catch (error) {
    // A reload of the address with a code that was used: the session, or a new sign-in, goes on from here.
    console.warn(error);
    return "";
  }
}

function userOf(accessToken: string): User {
  const claims = claimsOf(accessToken);
  const groups = Array.isArray(claims["cognito:groups"]) ? claims["cognito:groups"].map(String) : [];
  const named = (prefix: string) =>
    groups.filter((group) => group.startsWith(prefix)).map((group) => group.slice(prefix.length));
  const roles = named("role:");
  return {
    name: String(claims.username ?? claims.sub ?? ""),
    role: (["admin", "operator", "viewer"] as const).find((role) => roles.includes(role)),
    networks: named("network:"),
  };
}

/** Reads the claims of a JWT. The API checks the token; here it only decides what is shown. */
function claimsOf(jwt: string): Record<string, unknown> {
  try {
    const [, payload = ""] = jwt.split(".");
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (c) =>
      c.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return {};
  }
}
