import { createHash, randomBytes } from "node:crypto";
import { Refusal } from "./refusal.ts";

/** What a user granted to a public client. */
export interface Grant {
  readonly clientId: string;
  readonly username: string;
  /** As in a token. */
  readonly scope: string;
  readonly nonce?: string;
  readonly signedInAtMs: number;
}

/** An authorization request, as the code that answers it is bound to it. */
export interface CodeRequest {
  readonly grant: Grant;
  readonly redirectUri: string;
  /** BASE64URL(SHA-256(code_verifier)), RFC 7636 §4.2 */
  readonly codeChallenge: string;
}

export interface Redemption {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
}

interface Code extends CodeRequest {
  readonly expiresAtMs: number;
  /** The refresh token that was issued for the code. */
  refreshToken?: string;
}

interface RefreshToken {
  readonly grant: Grant;
  /** The first refresh token of the sign-in: all that replaced it are revoked together. */
  readonly family: string;
  expiresAtMs: number;
}

/** As Cognito's codes. https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html */
const CODE_SECONDS = 5 * 60;

const opaque = () => randomBytes(32).toString("base64url");

export interface Issued {
  readonly grant: Grant;
  /** Undefined where the refresh token of the request stays valid. */
  readonly refreshToken: string | undefined;
}

/** Authorization codes and refresh tokens of the local issuer, in memory. */
export class Grants {
  readonly #now: () => number;
  readonly #codes = new Map<string, Code>();
  readonly #refreshTokens = new Map<string, RefreshToken>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns the authorization code */
  issueCode(request: CodeRequest): string {
    this.#forgetExpired();
    const code = opaque();
    this.#codes.set(code, { ...request, expiresAtMs: this.#now() + CODE_SECONDS * 1000 });
    return code;
  }

  /**
   * Exchanges a code, once. A code that comes again may have been stolen, so the tokens that were issued for it end
   * (RFC 6749 §4.1.2).
   *
   * @throws Refusal `invalid_grant`
   */
  redeem(code: string, { clientId, redirectUri, codeVerifier }: Redemption, refreshSeconds: number): Issued {
    const known = this.#codes.get(code);
    if (known === undefined || known.expiresAtMs <= this.#now()) throw new Refusal("invalid_grant");
    if (known.refreshToken !== undefined) {
      this.#revoke(known.refreshToken);
      throw new Refusal("invalid_grant");
    }
    if (known.grant.clientId !== clientId) throw new Refusal("invalid_grant");
    const refreshToken = opaque();
    // Also where the check below fails: a second guess of the verifier needs a second code.
    known.refreshToken = refreshToken;
    if (known.redirectUri !== redirectUri || known.codeChallenge !== challengeOf(codeVerifier))
      throw new Refusal("invalid_grant");
    const expiresAtMs = this.#now() + refreshSeconds * 1000;
    this.#refreshTokens.set(refreshToken, { grant: known.grant, family: refreshToken, expiresAtMs });
    return { grant: known.grant, refreshToken };
  }

  /**
   * With rotation a refresh token is replaced by one that expires with it, and stays valid for the grace period: the
   * answer with the new token may have been lost.
   *
   * @throws Refusal `invalid_grant`
   */
  refresh(refreshToken: string, clientId: string, rotationGraceSeconds: number | undefined): Issued {
    const known = this.#refreshTokens.get(refreshToken);
    if (known === undefined || known.expiresAtMs <= this.#now() || known.grant.clientId !== clientId)
      throw new Refusal("invalid_grant");
    const { grant } = known;
    if (rotationGraceSeconds === undefined) return { grant, refreshToken: undefined };
    const next = opaque();
    this.#refreshTokens.set(next, { ...known });
    known.expiresAtMs = Math.min(known.expiresAtMs, this.#now() + rotationGraceSeconds * 1000);
    return { grant, refreshToken: next };
  }

  #revoke(family: string): void {
    for (const [token, known] of this.#refreshTokens)
      if (known.family === family) this.#refreshTokens.delete(token);
  }

  #forgetExpired(): void {
    for (const kept of [this.#codes, this.#refreshTokens] as const)
      for (const [key, { expiresAtMs }] of kept) if (expiresAtMs <= this.#now()) kept.delete(key);
  }
}

const challengeOf = (verifier: string) => createHash("sha256").update(verifier).digest("base64url");
