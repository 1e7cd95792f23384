import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { ConfidentialClient, PublicClient, User } from "./identity/clients.ts";
import { type Grant, Grants, type Issued } from "./identity/grants.ts";
import { Refusal } from "./identity/refusal.ts";
import { createSignIn, type SignIn } from "./identity/sign-in.ts";

export interface IdentityOptions {
  readonly issuer: string;
  /** What a token's `client_id` may be: API Gateway compares it with its audience where there is no `aud`. */
  readonly audiences: readonly string[];
  /** What stands before each scope in a token, `ocpp-relay/`. */
  readonly scopePrefix: string;
  /** All scopes there are, without the prefix. */
  readonly scopes: readonly string[];
  /** By client id. A client is granted `scopes`, all of them where it names none. */
  readonly clients: Readonly<Record<string, ConfidentialClient>>;
  /** By client id. @default none */
  readonly publicClients?: Readonly<Record<string, PublicClient>>;
  /** Who may sign in to a public client, by name. @default none */
  readonly users?: Readonly<Record<string, User>>;
  /** @default the wall clock */
  readonly now?: () => number;
}

export interface TokenRequest {
  readonly authorization?: string;
  readonly contentType?: string;
  readonly body: string;
}

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Identity extends SignIn {
  /** `POST /oauth2/token` */
  token(request: TokenRequest): Promise<TokenAnswer>;
  /** The claims of an access token of ours; rejects for any other, an expired one, or an unknown audience. */
  verify(jwt: string): Promise<JWTPayload>;
}

const LIFE_SECONDS = 3600;

/**
 * OAuth 2.0 as Cognito's token endpoint serves it: client credentials for API clients, authorization code with PKCE
 * and refresh tokens for pages; RS256 access tokens that carry `client_id` and no `aud`
 * (https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html). The key lives as long as
 * the process.
 */
export async function createIdentity(options: IdentityOptions): Promise<Identity> {
  const { issuer, audiences, scopePrefix, scopes, clients, now = Date.now } = options;
  const { publicClients = {}, users = {} } = options;
  const grants = new Grants(now);
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const keyId = randomUUID();

  async function token(request: TokenRequest): Promise<TokenAnswer> {
    try {
      return answer(200, await grant(request));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return answer(error.code === "invalid_client" ? 401 : 400, { error: error.code });
    }
  }

  async function grant({ authorization, contentType, body }: TokenRequest) {
    if (contentType?.split(";")[0]?.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
      throw new Refusal("invalid_request");
    }
    const form = new URLSearchParams(body);
    const { clientId, secret } = credentials(authorization, form);
    const page = Object.hasOwn(publicClients, clientId) ? publicClients[clientId] : undefined;
    if (page !== undefined && secret === "") return await grantToPage(clientId, page, form);
    const client = Object.hasOwn(clients, clientId) ? clients[clientId] : undefined;
    if (!client || !sameSecret(client.secret, secret)) throw new Refusal("invalid_client");

    const grantType = form.get("grant_type");
    if (!grantType) throw new Refusal("invalid_request");
    if (pageGrants.includes(grantType)) throw new Refusal("unauthorized_client");
    if (grantType !== "client_credentials") throw new Refusal("unsupported_grant_type");

    const scope = granted(client.scopes ?? scopes, form.get("scope"));
    const claims = { sub: clientId, token_use: "access", scope, version: 2, client_id: clientId };
    return {
      access_token: await sign(claims, LIFE_SECONDS),
      expires_in: LIFE_SECONDS,
      token_type: "Bearer",
    };
  }

  async function grantToPage(clientId: string, client: PublicClient, form: URLSearchParams) {
    const required = (name: string) => {
      const value = form.get(name);
      if (!value) throw new Refusal("invalid_request");
      return value;
    };
    const grantType = required("grant_type");
    if (grantType === "client_credentials") throw new Refusal("unauthorized_client");
    if (grantType === "authorization_code") {
      const code = required("code");
      const redemption = {
        clientId,
        redirectUri: required("redirect_uri"),
        codeVerifier: required("code_verifier"),
      };
      return await tokensOf(grants.redeem(code, redemption, client.refreshTokenSeconds), client);
    }
    if (grantType !== "refresh_token") throw new Refusal("unsupported_grant_type");
    const refreshToken = required("refresh_token");
    return await tokensOf(grants.refresh(refreshToken, clientId, client.rotationGraceSeconds), client);
  }

  async function tokensOf({ grant, refreshToken }: Issued, { accessTokenSeconds }: PublicClient) {
    const { scope, clientId, username, nonce } = grant;
    const isOpenId = scope.split(" ").includes("openid");
    const user = userClaims(grant);
    const access = { ...user, token_use: "access", scope, version: 2, client_id: clientId, username };
    const id = { ...user, token_use: "id", aud: clientId, "cognito:username": username, nonce };
    return {
      access_token: await sign(access, accessTokenSeconds),
      ...(isOpenId && { id_token: await sign(id, accessTokenSeconds) }),
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      expires_in: accessTokenSeconds,
      token_type: "Bearer",
    };
  }

  /** What both tokens of a user carry. Cognito leaves the groups out where the user is in none. */
  function userClaims({ username, signedInAtMs }: Grant) {
    const groups = users[username]?.groups ?? [];
    return {
      sub: subjectOf(username),
      ...(groups.length > 0 && { "cognito:groups": groups }),
      auth_time: Math.floor(signedInAtMs / 1000),
    };
  }

  /** All the client may have, or what it asks for of that; with the prefix, as Cognito names its custom scopes. */
  function granted(allowed: readonly string[], asked: string | null): string {
    const wanted = asked?.split(" ").filter(Boolean) ?? [];
    const all = allowed.map((scope) => scopePrefix + scope);
    if (!wanted.every((scope) => all.includes(scope))) throw new Refusal("invalid_scope");
    return (wanted.length > 0 ? [...new Set(wanted)] : all).join(" ");
  }

  function sign(claims: JWTPayload, seconds: number): Promise<string> {
    const issuedAt = Math.floor(now() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", kid: keyId })
      .setIssuer(issuer)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + seconds)
      .setJti(randomUUID())
      .sign(privateKey);
  }

  async function verify(jwt: string): Promise<JWTPayload> {
    const { payload } = await jwtVerify(jwt, publicKey, {
      issuer,
      algorithms: ["RS256"],
      currentDate: new Date(now()),
      requiredClaims: ["exp"],
    });
    if (!audiences.includes(String(payload.client_id))) throw new Error("the token is for another audience");
    return payload;
  }

  return { token, verify, ...createSignIn({ clients: publicClients, users, grants, now }) };
}

const pageGrants: readonly string[] = ["authorization_code", "refresh_token"];

/** A UUID, as Cognito's `sub`, the same in every run. */
const subjectOf = (username: string) =>
  createHash("sha256")
    .update(username)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");

/** HTTP Basic, else the form's own members (RFC 6749 §2.3.1). */
function credentials(authorization: string | undefined, form: URLSearchParams) {
  const basic = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization ?? "")?.[1];
  if (basic === undefined) {
    return { clientId: form.get("client_id") ?? "", secret: form.get("client_secret") ?? "" };
  }
  const [clientId = "", ...secret] = Buffer.from(basic, "base64").toString().split(":");
  return { clientId, secret: secret.join(":") };
}

const sameSecret = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));

const digest = (secret: string) => createHash("sha256").update(secret).digest();

const answer = (status: number, body: object): TokenAnswer => ({
  status,
  headers: {
    "content-type": "application/json;charset=UTF-8",
    "cache-control": "no-store",
    pragma: "no-cache",
    ...(status === 401 ? { "www-authenticate": "Basic" } : {}),
  },
  body: JSON.stringify(body),
});
