import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from "jose";

export interface IdentityOptions {
  readonly issuer: string;
  /** What a token's `client_id` may be: API Gateway compares it with its audience where there is no `aud`. */
  readonly audiences: readonly string[];
  /** What stands before each scope in a token, `ocpp-relay/`. */
  readonly scopePrefix: string;
  /** All scopes there are, without the prefix. */
  readonly scopes: readonly string[];
  /** By client id. A client is granted `scopes`, all of them where it names none. */
  readonly clients: Readonly<
    Record<string, { readonly secret: string; readonly scopes?: readonly string[] }>
  >;
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

export interface Identity {
  /** `POST /oauth2/token` */
  token(request: TokenRequest): Promise<TokenAnswer>;
  /** The claims of an access token of ours; rejects for any other, an expired one, or an unknown audience. */
  verify(jwt: string): Promise<JWTPayload>;
}

const LIFE_SECONDS = 3600;

/** A refusal of RFC 6749 §5.2. */
class Refusal extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/**
 * OAuth 2.0 client credentials (RFC 6749 §4.4) as Cognito's token endpoint gives them: RS256 access tokens
 * that carry `client_id` and no `aud`
 * (https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html). The key lives as long as
 * the process.
 */
export async function createIdentity(options: IdentityOptions): Promise<Identity> {
  const { issuer, audiences, scopePrefix, scopes, clients, now = Date.now } = options;
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
    const client = Object.hasOwn(clients, clientId) ? clients[clientId] : undefined;
    if (!client || !sameSecret(client.secret, secret)) throw new Refusal("invalid_client");

    const grantType = form.get("grant_type");
    if (!grantType) throw new Refusal("invalid_request");
    if (grantType !== "client_credentials") throw new Refusal("unsupported_grant_type");

    const scope = granted(client.scopes ?? scopes, form.get("scope"));
    return {
      access_token: await sign(clientId, scope),
      expires_in: LIFE_SECONDS,
      token_type: "Bearer",
    };
  }

  /** All the client may have, or what it asks for of that; with the prefix, as Cognito names its custom scopes. */
  function granted(allowed: readonly string[], asked: string | null): string {
    const wanted = asked?.split(" ").filter(Boolean) ?? [];
    const all = allowed.map((scope) => scopePrefix + scope);
    if (!wanted.every((scope) => all.includes(scope))) throw new Refusal("invalid_scope");
    return (wanted.length > 0 ? [...new Set(wanted)] : all).join(" ");
  }

  function sign(clientId: string, scope: string): Promise<string> {
    const issuedAt = Math.floor(now() / 1000);
    return new SignJWT({ token_use: "access", scope, version: 2, client_id: clientId })
      .setProtectedHeader({ alg: "RS256", kid: keyId })
      .setSubject(clientId)
      .setIssuer(issuer)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFE_SECONDS)
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

  return { token, verify };
}

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
