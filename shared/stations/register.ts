import type { Clock } from "../clock.ts";
import { generatePassword, hashGenerated, hashPassword } from "../handshake/password-hash.ts";
import { cpIdOf, isIdentity } from "../ids.ts";
import type { Protocol } from "../ocpp/protocols.ts";
import { Problem } from "../problems.ts";
import type { Link, Location, Lock, NetworkItem, StationAuth, StationItem } from "../store/items.ts";
import { networkKey, stationKey, stationListKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { iso } from "../time.ts";
import { type ConnectorName, connectorKey, connectorNamed } from "./connectors.ts";
import { storedTags } from "./tags.ts";

export interface Registration {
  readonly identity: string;
  readonly networkId: string;
  readonly link: Link;
  readonly lock: Lock;
  /** @default Basic authentication with a generated password */
  readonly auth?: WantedAuth | undefined;
  readonly defaultProtocol?: Protocol | undefined;
  readonly connectors?: readonly ConnectorName[] | undefined;
  readonly rateId?: string | undefined;
  readonly name?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly location?: Location | undefined;
}

/** How a station is to authenticate. Without a password, Basic authentication gets a generated one. */
export interface WantedAuth {
  readonly type: StationAuth["type"];
  readonly password?: string;
}

export interface Registered {
  readonly station: StationItem;
  /** The generated password. It is returned only once. */
  readonly password?: string;
}

/**
 * Registers a station, offline.
 *
 * @param registrationId the same for the repeats of a request: a repeat that finds its own station, because the first
 *   response was lost, gets a new password as `renewPassword` gives it
 * @throws Problem `invalid-request`, `already-exists`
 */
export async function registerStation(
  { table, clock }: { readonly table: Table; readonly clock: Clock },
  registration: Registration,
  registrationId?: string,
): Promise<Registered> {
  const { identity, networkId, link, lock, defaultProtocol, connectors = [], rateId } = registration;
  if (!isIdentity(identity)) throw invalid("/identity", "must not look like a UUID");
  const { name, tags, location } = registration;
  const { auth, password } = await authOf(table, registration, registrationId);
  const cpId = cpIdOf(networkId, identity);
  const station: StationItem = {
    cpId,
    networkId,
    identity,
    link,
    auth,
    lock,
    ...(defaultProtocol && { defaultProtocol }),
    ...(rateId && { rateId }),
    ...(name !== undefined && { name }),
    ...storedTags(tags),
    ...(location && { location }),
    createdAt: iso(clock.now()),
    lane: [],
    connectors: Object.fromEntries(
      connectors
        .map(connectorNamed)
        .map((connector) => [connectorKey(connector), { ...connector, lock: "none" }]),
    ),
    connectorStatus: {},
    openAttempts: {},
    charges: {},
  };
  const keys = { ...stationKey(cpId), ...stationListKey(networkId, identity) };
  const writing = table.put({ ...keys, ...station }, "attribute_not_exists(pk)");
  const { applied, item: there } = await tryWrite<StationItem>(writing);
  if (!applied && there && registrationId !== undefined && registeredBy(there) === registrationId) {
    const renewed = await renewPassword(table, cpId, registrationId);
    return { station: there, ...(renewed && { password: renewed }) };
  }
  if (!applied)
    throw new Problem("already-exists", "A station with this identity is already registered in the network.");
  return { station, ...(password && { password }) };
}

const registeredBy = ({ auth }: StationItem): string | undefined =>
  auth.type === "basic" ? auth.registrationId : undefined;

/**
 * Replaces the generated password of a station that has not connected yet. The former password is no longer valid.
 *
 * @returns undefined if the station has connected, or has another registration or authentication by now
 */
export async function renewPassword(
  table: Table,
  cpId: string,
  registrationId: string,
): Promise<string | undefined> {
  const password = generatePassword();
  const { applied } = await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: "SET #auth.passwordHash = :hash",
      condition:
        "#auth.registrationId = :registration AND attribute_not_exists(#connection) AND attribute_not_exists(lastSeenAtMs)",
      names: { "#auth": "auth", "#connection": "connection" },
      values: { ":hash": await hashGenerated(password), ":registration": registrationId },
    }),
  );
  return applied ? password : undefined;
}

/**
 * The stored form of an authentication, with the password if one is generated.
 *
 * @throws Problem `invalid-request`
 */
export async function authOf(
  table: Table,
  { auth = { type: "basic" }, networkId }: Pick<Registration, "auth" | "networkId">,
  registrationId?: string,
): Promise<{ auth: StationAuth; password?: string }> {
  const { type, password } = auth;
  if (type === "basic") {
    const generated = password === undefined ? generatePassword() : undefined;
    const passwordHash = await (generated === undefined
      ? hashPassword(password ?? "")
      : hashGenerated(generated));
    const isRenewable = generated !== undefined && registrationId !== undefined;
    return {
      auth: { type, passwordHash, ...(isRenewable && { registrationId }) },
      ...(generated && { password: generated }),
    };
  }
  if (password !== undefined) throw invalid("/auth/password", "is allowed only with Basic authentication");
  if (type === "none") {
    const network = await table.get<NetworkItem>(networkKey(networkId));
    if (!network?.allowUnauthenticatedStations) {
      throw invalid("/auth/type", "none is not allowed in this network");
    }
  }
  return { auth: { type } };
}

const invalid = (pointer: string, detail: string): Problem =>
  new Problem("invalid-request", "The station cannot have this identity or authentication; see `errors`.", {
    errors: [{ pointer, detail }],
  });
