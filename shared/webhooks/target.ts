import { isAddress, isLoopbackAddress, isPublicAddress } from "./address.ts";

export interface TargetRules {
  /** Whether http and https to this machine are allowed, as on a developer's machine. @default false */
  readonly allowsLoopback?: boolean;
}

const MAX_LENGTH = 2000;
const FIRST_USER_PORT = 1024;

/** Names that never are on the public internet (RFC 6761, RFC 6762, RFC 8375, RFC 9476, and what networks use). */
const SPECIAL_NAMES = [
  ...["localhost", "local", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa", "arpa"],
  ...["test", "invalid", "onion", "alt", "localdomain"],
];

const DNS_NAME =
  /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** The host of a URL as sockets take it: IPv6 without brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, "");

/**
 * Checks the address of a webhook without resolving its name.
 *
 * @returns the URL, or in words what is wrong with it: "must …"
 */
export function checkTarget(text: string, { allowsLoopback = false }: TargetRules = {}): URL | string {
  if (text.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`;
  const url = URL.parse(text);
  if (!url) return "must be a URL";
  if (url.username !== "" || url.password !== "") return "must not contain a user name or password";
  const host = hostOf(url);
  if (allowsLoopback && (host === "localhost" || isLoopbackAddress(host)))
    return url.protocol === "https:" || url.protocol === "http:"
      ? url
      : "must begin with https:// or http://";
  if (url.protocol !== "https:") return "must begin with https://";
  if (url.hash !== "") return "must not contain a fragment";
  if (url.port !== "" && Number(url.port) < FIRST_USER_PORT)
    return `must have the port 443, or one from ${FIRST_USER_PORT}`;
  if (isAddress(host)) return isPublicAddress(host) ? url : "must have a public address";
  return isPublicName(host) ? url : "must have a host name of the public internet";
}

const isPublicName = (host: string): boolean =>
  DNS_NAME.test(host) && !SPECIAL_NAMES.some((name) => host === name || host.endsWith(`.${name}`));
