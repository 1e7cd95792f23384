import type { Clock } from "../clock.ts";
import { generatePassword, hashPassword } from "../handshake/password-hash.ts";
import { cpIdOf, isIdentity } from "../ids.ts";
import type { Protocol } from "../ocpp/protocols.ts";
import { Problem } from "../problems.ts";
import type { Link, Lock, NetworkItem, StationAuth, StationItem } from "../store/items.ts";
import { networkKey, stationKey, stationListKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { iso } from "../time.ts";
import { type ConnectorName, connectorKey, connectorNamed } from "./connectors.ts";

export interface Registration {
  readonly identity: string;
  readonly networkId: string;
  readonly link: Link;
  readonly lock: Lock;
  /** @default Basic authentication with a generated password */
  readonly auth?: { readonly type: StationAuth["type"]; readonly password?: string } | undefined;
  readonly defaultProtocol?: Protocol | undefined;
  readonly connectors?: readonly ConnectorName[] | undefined;
  readonly rateId?: string | undefined;
}

export interface Registered {
  readonly station: StationItem;
  /** The generated password. It is returned only once. */
  readonly password?: string;
}

/**
 * Registers a station, offline.
 *
 * @throws Problem `invalid-request`, `already-exists`
 */
export async function registerStation(
  { table, clock }: { readonly table: Table; readonly clock: Clock },
  registration: Registration,
): Promise<Registered> {
  const { identity, networkId, link, lock, defaultProtocol, connectors = [], rateId } = registration;
  if (!isIdentity(identity)) throw invalid("/identity", "must not look like a UUID");
  const { auth, password } = await authOf(table, registration);
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
  const { applied } = await tryWrite(table.put({ ...keys, ...station }, "attribute_not_exists(pk)"));
  if (!applied)
    throw new Problem("already-exists", "A station with this identity is already registered in the network.");
  return { station, ...(password && { password }) };
}

async function authOf(
  table: Table,
  { auth = { type: "basic" }, networkId }: Registration,
): Promise<{ auth: StationAuth; password?: string }> {
  const { type, password } = auth;
  if (type === "basic") {
    const generated = password === undefined ? generatePassword() : undefined;
    const passwordHash = await hashPassword(password ?? generated ?? "");
    return { auth: { type, passwordHash }, ...(generated && { password: generated }) };
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
  new Problem("invalid-request", "The station cannot be registered with this authentication; see `errors`.", {
    errors: [{ pointer, detail }],
  });
