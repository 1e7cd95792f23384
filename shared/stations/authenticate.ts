import { cpIdOf } from "../ids.ts";
import { chooseProtocol, type Protocol } from "../ocpp/protocols.ts";
import type { NetworkItem, StationItem } from "../store/items.ts";
import { networkKey, stationKey } from "../store/keys.ts";
import type { Table } from "../store/table.ts";
import { commonNameOf } from "./distinguished-name.ts";
import { verifyNothing, verifyPassword } from "./password.ts";

/** What a station shows when it connects. */
export interface Handshake {
  readonly networkId: string;
  readonly identity: string;
  /** The address that it comes from, as the station door saw it: IPv4 or IPv6. */
  readonly source: string;
  /** The Authorization header. */
  readonly authorization?: string | undefined;
  /** The Sec-WebSocket-Protocol header. */
  readonly subprotocols?: string | undefined;
  /** The subject of its client certificate (RFC 2253), where CloudFront has verified one on the certificate door. */
  readonly certificateSubject?: string | undefined;
}

/** Who speaks on a connection: the authorizer's context, which every event of the connection repeats. */
export interface Speaker {
  readonly cpId: string;
  readonly networkId: string;
  readonly identity: string;
  readonly protocol: Protocol;
}

/** The context as API Gateway carries it: strings only; no version that both sides speak is "". */
export type SpeakerContext = Omit<Speaker, "protocol"> & { readonly protocol: Protocol | "" };

/**
 * Proves that a station is who it says: by its certificate on the certificate door, without one on the other. An
 * unknown station costs the same scrypt as a wrong password and gets the same answer.
 *
 * @returns undefined where it is not proven
 */
export async function authenticate(table: Table, handshake: Handshake): Promise<SpeakerContext | undefined> {
  const { networkId, identity, subprotocols } = handshake;
  const cpId = cpIdOf(networkId, identity);
  const station = await table.get<StationItem>(stationKey(cpId));
  if (!(await isProven(table, station, handshake))) return undefined;
  const protocol = chooseProtocol(subprotocols, station?.defaultProtocol) ?? "";
  return { cpId, networkId, identity, protocol };
}

async function isProven(
  table: Table,
  station: StationItem | undefined,
  { identity, authorization, certificateSubject }: Handshake,
): Promise<boolean> {
  if (certificateSubject !== undefined) {
    const isIts = station?.auth.type === "certificate" && commonNameOf(certificateSubject) === identity;
    return isIts || verifyNothing();
  }
  switch (station?.auth.type) {
    case "basic": {
      const credentials = basicCredentials(authorization);
      if (credentials?.user !== identity) return verifyNothing();
      return verifyPassword(credentials.password, station.auth.passwordHash);
    }
    case "none": {
      const network = await table.get<NetworkItem>(networkKey(station.networkId));
      return network?.allowUnauthenticatedStations ?? false;
    }
    default:
      return verifyNothing();
  }
}

/** User name and password of Basic authentication (RFC 7617); the user name ends at the first colon. */
function basicCredentials(authorization: string | undefined): { user: string; password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? "") ?? [];
  if (!encoded) return undefined;
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
