import type { Clock } from "../clock.ts";
import { cpIdOf } from "../ids.ts";
import { chooseProtocol, type Protocol } from "../ocpp/protocols.ts";
import type { FailedHandshakesItem, NetworkItem, StationItem, StoredHash } from "../store/items.ts";
import { type Key, networkKey, passwordsKey, stationKey } from "../store/keys.ts";
import type { Table } from "../store/table.ts";
import { commonNameOf } from "./distinguished-name.ts";
import { matchPassword, verifyNothing } from "./password-hash.ts";
import { afterHandshake, validPasswords } from "./password-rotation.ts";
import { changePassword } from "./store-password.ts";
import { hashesIn, type PasswordsItem } from "./stored-hashes.ts";
import { type Attempt, type Counted, countersOf, countFailure, heldBackBy, sourceOf } from "./throttle.ts";

/** What a station shows when it connects. */
export interface Handshake {
  readonly networkId: string;
  readonly identity: string;
  /** The address that it comes from, as the station endpoint saw it: IPv4 or IPv6. */
  readonly source: string;
  /** The Authorization header. */
  readonly authorization?: string | undefined;
  /** The Sec-WebSocket-Protocol header. */
  readonly subprotocols?: string | undefined;
  /** The subject of its client certificate (RFC 2253), where CloudFront has verified one on the certificate endpoint. */
  readonly certificateSubject?: string | undefined;
}

/** Who speaks on a connection: the authorizer's context, which every event of the connection repeats. */
export interface Speaker {
  readonly cpId: string;
  readonly networkId: string;
  readonly identity: string;
  readonly protocol: Protocol;
  /** Only in a network that refuses messages which break their schema. */
  readonly stationMessages?: "strict";
  /** What its network has in `publish`, separated by commas; absent: nothing. */
  readonly publish?: string;
  /** Seconds between Heartbeats, only in a network that sets them. */
  readonly heartbeatInterval?: string;
}

/** The context as API Gateway carries it: strings only; no version that both sides speak is "". */
export type SpeakerContext = Omit<Speaker, "protocol"> & { readonly protocol: Protocol | "" };

/** Why a handshake is refused: for the log and the metrics, never for who asks. */
export type Refusal =
  | "unknownStation"
  | "noPassword"
  | "wrongPassword"
  | "wrongCertificate"
  /** A station that is to show a certificate showed none, or the other way round. */
  | "otherEndpoint"
  /** A station without authentication in a network that wants one. */
  | "notAllowed"
  /** Refused unchecked, after too many failures. */
  | "heldBack";

export type Authentication =
  | { readonly context: SpeakerContext; readonly refusal?: never }
  | { readonly context?: never; readonly refusal: Refusal; readonly heldBackBy?: Counted };

/**
 * Authenticates a station: by its certificate on the certificate endpoint, by its password or the network's policy on
 * the other. An unknown station costs the same scrypt as a wrong password and gets the same answer, and both count as
 * failures. One read if all is well; the first connection with a new password also writes.
 *
 * @param random from 0 to 1, for the lot of `throttle.ts`
 */
export async function authenticate(
  { table, passwords, clock, random = Math.random }: AuthenticateDeps,
  handshake: Handshake,
): Promise<Authentication> {
  const cpId = cpIdOf(handshake.networkId, handshake.identity);
  // There is nothing to guess about a certificate, and who has none is not to keep out who has one.
  if (handshake.certificateSubject !== undefined) {
    const keys = { station: stationKey(cpId), network: networkKey(handshake.networkId) };
    const find = finder(await table.getMany<Key>(Object.values(keys)));
    const items = { station: find<StationItem>(keys.station), network: find<NetworkItem>(keys.network) };
    return prove(table, { ...items, hashes: hashesIn(undefined) }, handshake);
  }
  const attempt = { cpId, source: sourceOf(handshake.source), now: clock.now() };
  const { failures, ...seen } = await lookAt(table, passwords, attempt, handshake.networkId);
  const isKnown = seen.station?.lastSource === attempt.source;
  const limit = heldBackBy(failures, isKnown, random());
  if (limit) return { refusal: "heldBack", heldBackBy: limit };
  const outcome = await prove(table, seen, handshake);
  if (outcome.refusal) await countFailure(table, attempt, isKnown);
  return outcome;
}

interface AuthenticateDeps {
  readonly table: Table;
  /** The table of password hashes. */
  readonly passwords: Table;
  readonly clock: Clock;
  readonly random?: () => number;
}

/** What is known of a station that tries to connect. */
interface Seen {
  readonly station: StationItem | undefined;
  readonly network: NetworkItem | undefined;
  /** Of its passwords, by their ids. */
  readonly hashes: ReadonlyMap<string, StoredHash>;
}

/** On success the context carries the identity as registered, not as sent. */
async function prove(table: Table, seen: Seen, handshake: Handshake): Promise<Authentication> {
  const { station, network } = seen;
  if (!station) {
    await verifyNothing();
    return { refusal: "unknownStation" };
  }
  const refusal = await refusalOf(table, { ...seen, station }, handshake);
  if (refusal) return { refusal };
  const { cpId, networkId, identity, defaultProtocol } = station;
  const protocol = chooseProtocol(handshake.subprotocols, defaultProtocol) ?? "";
  const stationMessages = network?.stationMessages === "strict" ? { stationMessages: "strict" as const } : {};
  const publish = network?.publish?.length ? { publish: network.publish.join() } : {};
  const { heartbeatIntervalSeconds: seconds } = network ?? {};
  const interval = seconds === undefined ? {} : { heartbeatInterval: String(seconds) };
  return { context: { cpId, networkId, identity, protocol, ...stationMessages, ...publish, ...interval } };
}

const finder =
  (items: readonly Key[]) =>
  <Item>({ pk, sk }: Key) =>
    items.find((item) => item.pk === pk && item.sk === sk) as Item | undefined;

/** The station, its network, its password hashes and what has failed before: one request. */
async function lookAt(table: Table, passwords: Table, attempt: Attempt, networkId: string) {
  const keys = { station: stationKey(attempt.cpId), network: networkKey(networkId) };
  const counters = countersOf(attempt);
  const secretKey = passwordsKey(attempt.cpId);
  const find = finder(
    await table.getManyWith<Key>([...Object.values(keys), ...Object.values(counters)], passwords, [
      secretKey,
    ]),
  );
  const failuresOf = (counter: Key) => find<FailedHandshakesItem>(counter)?.failures ?? 0;
  return {
    station: find<StationItem>(keys.station),
    network: find<NetworkItem>(keys.network),
    hashes: hashesIn(find<PasswordsItem>(secretKey)),
    failures: {
      pair: failuresOf(counters.pair),
      source: failuresOf(counters.source),
      identity: failuresOf(counters.identity),
    },
  };
}

async function refusalOf(
  table: Table,
  { station, network, hashes }: Seen & { readonly station: StationItem },
  { authorization, certificateSubject }: Handshake,
): Promise<Refusal | undefined> {
  const refuse = async (refusal: Refusal) => {
    await verifyNothing();
    return refusal;
  };
  const { identity, auth } = station;
  const isCertificateEndpoint = certificateSubject !== undefined;
  if (isCertificateEndpoint !== (auth.type === "certificate")) return refuse("otherEndpoint");
  switch (auth.type) {
    case "certificate":
      if (commonNameOf(certificateSubject ?? "") === identity) return undefined;
      return refuse("wrongCertificate");
    case "none":
      return network?.allowUnauthenticatedStations ? undefined : refuse("notAllowed");
    case "basic": {
      const credentials = basicCredentials(authorization);
      if (credentials?.user !== identity) return refuse("noPassword");
      const valid = validPasswords(auth).filter((id) => hashes.has(id));
      const stored = valid.map((id) => hashes.get(id)?.hash ?? "");
      const shown = valid[await matchPassword(credentials.password, stored)];
      if (shown === undefined) return "wrongPassword";
      await changePassword(table, station, (now) => afterHandshake(now, shown));
      return undefined;
    }
  }
}

/**
 * User name and password of Basic authentication (RFC 7617); the user name ends at the first colon. OCPP 1.6 allows
 * passwords of any bytes (security white paper §4, AuthorizationKey), which are no text.
 */
function basicCredentials(authorization: string | undefined): { user: string; password: Buffer } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? "") ?? [];
  if (!encoded) return undefined;
  const bytes = Buffer.from(encoded, "base64");
  const colon = bytes.indexOf(":");
  if (colon < 0) return undefined;
  return { user: bytes.subarray(0, colon).toString(), password: bytes.subarray(colon + 1) };
}
