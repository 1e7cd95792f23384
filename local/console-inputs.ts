/** The inputs of the console, read from the template: its client, and the headers of its files. */
import type { PublicClient } from "./identity/clients.ts";
import type { Template } from "./template.ts";

interface TokenUnits {
  readonly AccessToken?: string;
  readonly RefreshToken?: string;
}

const secondsOf: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/**
 * The app client that takes the authorization code grant. Its addresses are those of the deployed console, which is
 * at the root of its host; here it is in a folder.
 *
 * @returns undefined where the template has none: an issuer of its own knows it
 */
export function publicClientOf(template: Template, folder: string): PublicClient | undefined {
  const client = template
    .ofType("AWS::Cognito::UserPoolClient")
    .find((one) => template.property<string[]>(one, "AllowedOAuthFlows")?.includes("code"));
  if (client === undefined) return undefined;
  const property = <T>(name: string) => template.property<T>(client, name);
  const units = property<TokenUnits>("TokenValidityUnits");
  const rotation = property<{ Feature: string; RetryGracePeriodSeconds?: number }>("RefreshTokenRotation");
  const paths = (name: string) =>
    (property<string[]>(name) ?? []).map((url) => folder + new URL(url).pathname.slice(1));
  return {
    scopes: property<string[]>("AllowedOAuthScopes") ?? [],
    callbackPaths: paths("CallbackURLs"),
    logoutPaths: paths("LogoutURLs"),
    accessTokenSeconds:
      (property<number>("AccessTokenValidity") ?? 1) * (secondsOf[units?.AccessToken ?? "hours"] ?? 1),
    refreshTokenSeconds:
      (property<number>("RefreshTokenValidity") ?? 30) * (secondsOf[units?.RefreshToken ?? "days"] ?? 1),
    ...(rotation?.Feature === "ENABLED" && { rotationGraceSeconds: rotation.RetryGracePeriodSeconds ?? 0 }),
  };
}

interface SecurityHeaders {
  readonly ContentSecurityPolicy?: { readonly ContentSecurityPolicy: string };
  readonly ContentTypeOptions?: object;
  readonly FrameOptions?: { readonly FrameOption: string };
  readonly ReferrerPolicy?: { readonly ReferrerPolicy: string };
}

interface HeadersConfig {
  readonly SecurityHeadersConfig?: SecurityHeaders;
  readonly CustomHeadersConfig?: {
    readonly Items: readonly { readonly Header: string; readonly Value: string }[];
  };
}

/**
 * The headers that CloudFront adds to the console's files. Strict-Transport-Security is left out: without TLS it must
 * not be sent (RFC 6797 §7.2).
 *
 * @returns undefined where the template has no console
 */
export function consoleHeadersOf(template: Template): Record<string, string> | undefined {
  const [policy] = template.ofType("AWS::CloudFront::ResponseHeadersPolicy");
  const config = policy && template.property<HeadersConfig>(policy, "ResponseHeadersPolicyConfig");
  if (config === undefined) return undefined;
  const { ContentSecurityPolicy, ContentTypeOptions, FrameOptions, ReferrerPolicy } =
    config.SecurityHeadersConfig ?? {};
  const custom = config.CustomHeadersConfig?.Items ?? [];
  return {
    ...(ContentSecurityPolicy && { "content-security-policy": ContentSecurityPolicy.ContentSecurityPolicy }),
    ...(ContentTypeOptions && { "x-content-type-options": "nosniff" }),
    ...(FrameOptions && { "x-frame-options": FrameOptions.FrameOption }),
    ...(ReferrerPolicy && { "referrer-policy": ReferrerPolicy.ReferrerPolicy }),
    ...Object.fromEntries(custom.map(({ Header, Value }) => [Header, Value])),
  };
}
