import ipaddr from "ipaddr.js";

/** Global unicast (RFC 4291 §2.4): everything else in IPv6 is special, or not assigned. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Whether an address is on the public internet. Only plain unicast addresses are: none that is private, shared
 * (100.64.0.0/10), link-local (the metadata service of AWS is 169.254.169.254), loopback, reserved, or that carries
 * another address (mapped, 6to4, NAT64, Teredo).
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4" || (address as ipaddr.IPv6).match(GLOBAL_UNICAST);
}

/** Whether an address is of this machine. */
export const isLoopbackAddress = (text: string): boolean =>
  ipaddr.isValid(text) && ipaddr.parse(text).range() === "loopback";

/** Whether a text is an IP address, and no name. */
export const isAddress = (text: string): boolean => ipaddr.isValid(text);
