/** Who may ask the local issuer for tokens. */

/** An API client with a secret: client credentials (RFC 6749 §4.4). */
export interface ConfidentialClient {
  readonly secret: string;
  /** Without the prefix. @default all scopes */
  readonly scopes?: readonly string[];
}

/** A page without a secret: authorization code with PKCE (RFC 6749 §4.1, RFC 7636). */
export interface PublicClient {
  /** As in a token, the prefix included. */
  readonly scopes: readonly string[];
  /** Where the browser may be sent back to after signing in: paths of the page's own origin. */
  readonly callbackPaths: readonly string[];
  /** Where the browser may be sent back to after signing out. */
  readonly logoutPaths: readonly string[];
  readonly accessTokenSeconds: number;
  readonly refreshTokenSeconds: number;
  /** Seconds for which a refresh token that was used stays valid; undefined: it is not replaced. */
  readonly rotationGraceSeconds?: number;
}

/** A user of the sign-in page, by name. */
export interface User {
  readonly groups: readonly string[];
  /** What the user may do, for the sign-in page. */
  readonly about: string;
}
