import { domainOf, type EndpointDomain } from "./endpoint-settings.ts";
import { WrongContext } from "./wrong-context.ts";

/** Where users of an issuer that is not the stack's own sign in. */
export interface ConsoleIssuer {
  /** `consoleClientId`: a public client with the authorization code grant and PKCE. */
  readonly clientId: string;
  /** `consoleAuthorizeUrl` */
  readonly authorizeUrl: string;
  /** `tokenUrl` */
  readonly tokenUrl: string;
  /** `consoleLogoutUrl`. @default signing out ends the session of the console alone */
  readonly logoutUrl?: string;
}

/** What a deployment may choose about the console. */
export interface ConsoleSettings {
  /** `consoleDomain`, `consoleCertificateArn`. @default its *.cloudfront.net name */
  readonly domain?: EndpointDomain;
  /** With `issuer`. @default the stack's user pool */
  readonly issuer?: ConsoleIssuer;
}

const OF_ISSUER = ["consoleClientId", "consoleAuthorizeUrl", "consoleLogoutUrl"] as const;

/**
 * @returns undefined with `console=false`, and for an issuer whose endpoints are not named
 * @throws WrongContext naming the context key that makes no sense
 */
export function readConsoleSettings(text: (key: string) => string | undefined): ConsoleSettings | undefined {
  const wanted = text("console");
  if (wanted !== undefined && wanted !== "true" && wanted !== "false")
    throw new WrongContext(`console=${wanted}: true or false`);
  if (wanted === "false") return undefined;
  const domain = domainOf(text, "consoleDomain", "consoleCertificateArn");
  const named = OF_ISSUER.filter((key) => text(key) !== undefined);
  if (text("issuer") === undefined) {
    if (named[0] !== undefined)
      throw new WrongContext(`${named[0]} needs issuer: without one users sign in to the stack's user pool`);
    return { ...(domain && { domain }) };
  }
  const isAsked = wanted === "true" || domain !== undefined || named.length > 0;
  if (!isAsked) return undefined;
  return { ...(domain && { domain }), issuer: consoleIssuer(text) };
}

function consoleIssuer(text: (key: string) => string | undefined): ConsoleIssuer {
  const required = (key: string) => {
    const value = text(key);
    if (value === undefined)
      throw new WrongContext(`${key} is missing: the console of an issuer needs it (docs/console.md)`);
    return value;
  };
  const url = (key: string, value: string) => {
    // Without a quote, a space or a semicolon: the origin goes into the content security policy.
    if (!/^https:\/\/[\w.-]+(:\d+)?\/[^\s"';,]*$/.test(value))
      throw new WrongContext(`${key}=${value}: https://host/path`);
    return value;
  };
  const logoutUrl = text("consoleLogoutUrl");
  return {
    clientId: required("consoleClientId"),
    authorizeUrl: url("consoleAuthorizeUrl", required("consoleAuthorizeUrl")),
    tokenUrl: url("tokenUrl", required("tokenUrl")),
    ...(logoutUrl !== undefined && { logoutUrl: url("consoleLogoutUrl", logoutUrl) }),
  };
}
