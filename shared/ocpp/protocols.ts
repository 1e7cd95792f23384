import { type Protocol, versions } from "./versions.ts";

export type { Protocol };

/** The subprotocols that the relay speaks, best first. */
export const PROTOCOLS = Object.keys(versions) as readonly Protocol[];

/** Names in a Sec-WebSocket-Protocol header (RFC 6455 §4.1), in the client's order of preference. */
const namesIn = (offered: string | undefined): string[] =>
  (offered ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

/** The version of that name, in whatever case: some stations write `OCPP1.6`. */
const spokenAs = (name: string): Protocol | undefined =>
  PROTOCOLS.find((protocol) => protocol === name.toLowerCase());

/**
 * The version for a new connection: the first of the station's list that we speak (OCPP's own example has a
 * space after each comma).
 *
 * @param offered the Sec-WebSocket-Protocol header, where the station sent one
 * @param fallback the version of a station that offers none, or none that we know (`ocpp1.6j`)
 */
export function chooseProtocol(offered: string | undefined, fallback?: Protocol): Protocol | undefined {
  return (
    namesIn(offered)
      .map(spokenAs)
      .find((protocol) => protocol !== undefined) ?? fallback
  );
}

/**
 * The name by which the handshake's answer selects that version: one of the client's own, spelled as the client
 * spelled it, since clients compare it by the letter. Where the version is the station's `defaultProtocol`, it
 * stands for the first name of the list. Undefined where the client offered none: then the answer names none.
 */
export function subprotocolFor(offered: string | undefined, protocol: Protocol): string | undefined {
  const names = namesIn(offered);
  return names.find((name) => spokenAs(name) === protocol) ?? names[0];
}
