/**
 * JWT authorizers of an HTTP API.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */

export interface JwtConfiguration {
  readonly Issuer?: string;
  readonly Audience?: readonly string[];
}

/** Goes into the event as `requestContext.authorizer.jwt`. */
export interface Authorized {
  readonly claims: Readonly<Record<string, string>>;
  /** The token's scopes; null where the route names none. */
  readonly scopes: readonly string[] | null;
}

export type Decision =
  | { readonly status: "authorized"; readonly authorized: Authorized }
  | { readonly status: "unauthorized"; readonly challenge: string }
  | { readonly status: "forbidden"; readonly challenge: string };

/** Checks the signature alone; rejects where it is wrong. */
export type VerifySignature = (token: string) => Promise<Readonly<Record<string, unknown>>>;

interface Known {
  readonly claims: Readonly<Record<string, string>>;
  readonly scopes: readonly string[];
  readonly notBefore: number;
  readonly expires: number;
}

/** Tokens whose signature and claims were seen to be good: a caller sends the same one many times. */
const maxKnown = 1000;

/**
 * Tokens are the identity provider's, and age by its clock: moving the runner's clock leaves them as they are.
 */
export function createJwtAuthorizer(
  { Issuer: issuer, Audience: audience = [] }: JwtConfiguration,
  verify: VerifySignature,
): (authorization: string | undefined, routeScopes: readonly string[]) => Promise<Decision> {
  const known = new Map<string, Known>();

  async function check(token: string): Promise<Known | string> {
    const payload = await verify(token).catch(() => undefined);
    if (payload === undefined) return "signature method or signature invalid";
    const { iss, aud, client_id: clientId, exp, nbf, iat, scope, scp } = payload;
    if (iss !== issuer) return "invalid issuer";
    // An access token of Cognito has no `aud`; its `client_id` is what the audience is compared with.
    const meantFor = aud === undefined ? [clientId] : Array.isArray(aud) ? aud : [aud];
    if (!meantFor.some((one) => audience.includes(String(one))))
      return "the token does not have a valid audience";
    if (typeof exp !== "number") return "the token has no expiry";
    return {
      claims: claimTexts(payload),
      scopes: scopesOf(scp ?? scope),
      notBefore: Math.max(Number(nbf ?? 0), Number(iat ?? 0)) * 1000,
      expires: exp * 1000,
    };
  }

  return async (authorization, routeScopes) => {
    const token = authorization?.replace(/^Bearer +/i, "");
    if (token === undefined || token === "") return { status: "unauthorized", challenge: "Bearer" };
    let found = known.get(token);
    if (found === undefined) {
      const checked = await check(token);
      if (typeof checked === "string") return unauthorized(checked);
      found = checked;
      if (known.size >= maxKnown) known.clear();
      known.set(token, found);
    }
    const now = Date.now();
    if (now >= found.expires) return unauthorized("the token has expired");
    if (now < found.notBefore) return unauthorized("the token is not valid yet");
    const { claims, scopes } = found;
    if (routeScopes.length === 0) return { status: "authorized", authorized: { claims, scopes: null } };
    if (routeScopes.some((scope) => scopes.includes(scope))) {
      return { status: "authorized", authorized: { claims, scopes } };
    }
    const challenge = `Bearer scope="${routeScopes.join(" ")}" error="insufficient_scope"`;
    return { status: "forbidden", challenge };
  };
}

function unauthorized(reason: string): Decision {
  return {
    status: "unauthorized",
    challenge: `Bearer error="invalid_token" error_description="${reason}"`,
  };
}

function scopesOf(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.map(String);
  return typeof claim === "string" ? claim.split(" ").filter((scope) => scope !== "") : [];
}

/** Claims are texts in the event: lists in brackets, objects as JSON, nulls left out. */
function claimTexts(payload: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) texts[name] = `[${value.join(" ")}]`;
    else texts[name] = typeof value === "object" ? JSON.stringify(value) : String(value);
  }
  return texts;
}
