import type { Clock } from "../clock.ts";
import { generatePassword, hashGenerated, hashPassword } from "../handshake/password-hash.ts";
import {
  addHash,
  type PasswordDeps,
  passwordIdsOf,
  removeHash,
  removeUnused,
} from "../handshake/stored-hashes.ts";
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
 * Registers a station, offline. The hash of its password is written before its item: a process that dies in between
 * has registered nothing.
 *
 * @param registrationId the same for the repeats of a request: a repeat that finds its own station, because the first
 *   response was lost, gets a new password as `renewPassword` gives it
 * @throws Problem `invalid-request`, `already-exists`
 */
export async function registerStation(
  deps: RegisterDeps,
  registration: Registration,
  registrationId?: string,
): Promise<Registered> {
  const { table, clock } = deps;
  const { identity, networkId, link, lock, defaultProtocol, connectors = [], rateId } = registration;
  if (!isIdentity(identity)) throw invalid("/identity", "must not look like a UUID");
  const { name, tags, location } = registration;
  const cpId = cpIdOf(networkId, identity);
  const { auth, password } = await authOf(deps, { ...registration, cpId }, registrationId);
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
  if (!applied) await withdraw(deps, auth, there, cpId);
  if (!applied && there && registrationId !== undefined && registeredBy(there) === registrationId) {
    const renewed = await renewPassword(deps, cpId, registrationId);
    return { station: there, ...(renewed && { password: renewed }) };
  }
  if (!applied)
    throw new Problem("already-exists", "A station with this identity is already registered in the network.");
  return { station, ...(password && { password }) };
}

export interface RegisterDeps extends PasswordDeps {
  readonly table: Table;
  readonly clock: Clock;
}

/** Removes the hash of a registration that was refused, unless the station names it: then the SDK lost the response. */
async function withdraw(
  deps: RegisterDeps,
  auth: StationAuth,
  there: StationItem | undefined,
  cpId: string,
): Promise<void> {
  const used = there ? passwordIdsOf(there.auth) : [];
  const [added] = passwordIdsOf(auth);
  if (added === undefined || used.includes(added)) return;
  if (used.length > 0) await removeHash(deps.passwords, cpId, added);
  else await removeUnused(deps, cpId, { used, dropped: [added] });
}

const registeredBy = ({ auth }: StationItem): string | undefined =>
  auth.type === "basic" ? auth.registrationId : undefined;

/**
 * Replaces the generated password of a station that has not connected yet. The former password is no longer valid.
 *
 * @returns undefined if the station has connected, or has another registration or authentication by now
 */
export async function renewPassword(
  deps: RegisterDeps,
  cpId: string,
  registrationId: string,
): Promise<string | undefined> {
  const password = generatePassword();
  const passwordId = await addHash(deps, cpId, await hashGenerated(password));
  const { applied, item: before } = await tryWrite<StationItem>(
    deps.table.update({
      key: stationKey(cpId),
      update: "SET #auth.passwordId = :id",
      condition:
        "#auth.registrationId = :registration AND attribute_not_exists(#connection) AND attribute_not_exists(lastSeenAtMs)",
      names: { "#auth": "auth", "#connection": "connection" },
      values: { ":id": passwordId, ":registration": registrationId },
      returning: "ALL_OLD",
    }),
  );
  const former = passwordIdsOf(before?.auth ?? { type: "none" });
  await removeUnused(
    deps,
    cpId,
    applied ? { used: [passwordId], dropped: former } : { used: former, dropped: [passwordId] },
  );
  return applied ? password : undefined;
}

/**
 * The stored form of an authentication, with the password if one is generated. The hash is stored; it is valid once
 * the station's item names it.
 *
 * @throws Problem `invalid-request`
 */
export async function authOf(
  deps: RegisterDeps,
  {
    auth = { type: "basic" },
    networkId,
    cpId,
  }: Pick<Registration, "auth" | "networkId"> & { readonly cpId: string },
  registrationId?: string,
): Promise<{ auth: StationAuth; password?: string }> {
  const { type, password } = auth;
  if (type === "basic") {
    const generated = password === undefined ? generatePassword() : undefined;
    const hash = await (generated === undefined ? hashPassword(password ?? "") : hashGenerated(generated));
    const isRenewable = generated !== undefined && registrationId !== undefined;
    return {
      auth: { type, passwordId: await addHash(deps, cpId, hash), ...(isRenewable && { registrationId }) },
      ...(generated && { password: generated }),
    };
  }
  if (password !== undefined) throw invalid("/auth/password", "is allowed only with Basic authentication");
  if (type === "none") {
    const network = await deps.table.get<NetworkItem>(networkKey(networkId));
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
