/** The OCPP versions the relay speaks, as WebSocket subprotocols (IANA registry), best first. */
export const PROTOCOLS = ["ocpp2.1", "ocpp2.0.1", "ocpp1.6"] as const;

export type Protocol = (typeof PROTOCOLS)[number];

const isSpoken = (name: string): name is Protocol => (PROTOCOLS as readonly string[]).includes(name);

/**
 * The version for a new connection: the first of the station's list that we speak (RFC 6455 §4.1: the
 * client lists in order of preference; OCPP's own example has a space after each comma).
 *
 * @param offered the Sec-WebSocket-Protocol header, where the station sent one
 * @param fallback the version of a station that offers none, as some chargers do
 */
export function chooseProtocol(offered: string | undefined, fallback?: Protocol): Protocol | undefined {
  const names = (offered ?? "").split(",").map((name) => name.trim());
  if (names.every((name) => name === "")) return fallback;
  return names.find(isSpoken);
}
