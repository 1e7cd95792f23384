import { type ConnectionDeps, endConnection } from "../calls/connection.ts";
import { passwordIdsOf, removeUnused } from "../handshake/stored-hashes.ts";
import type { StationAuth, StationItem } from "../store/items.ts";
import { authOf, type RegisterDeps, type WantedAuth } from "./register.ts";

/**
 * The authentication that a change leads to, with the password if one is generated.
 *
 * @returns nothing where nothing changes: a client that sends back the `auth` that it has read must not replace the
 *   password
 * @throws Problem `invalid-request`
 */
export async function changedAuth(
  deps: RegisterDeps,
  { cpId, networkId, auth: { type } }: StationItem,
  auth: WantedAuth,
): Promise<{ readonly auth?: StationAuth; readonly password?: string }> {
  if (auth.type === type && auth.password === undefined) return {};
  return authOf(deps, { auth, networkId, cpId });
}

/** Removes the hashes of the passwords that a station had before its authentication was changed. */
export const removeFormer = (deps: RegisterDeps, { cpId, auth: former }: StationItem, auth: StationAuth) =>
  removeUnused(deps, cpId, { used: passwordIdsOf(auth), dropped: passwordIdsOf(former) });

/**
 * Closes the connection of a station whose authentication was changed: the former credentials opened it. A CALL that
 * is out on it fails at once, so a password in it does not become valid beside the new one.
 *
 * @returns the station as it is then
 */
export async function disconnected(
  { table, connections, clock }: ConnectionDeps,
  station: StationItem,
): Promise<StationItem> {
  const { cpId, connection } = station;
  if (!connection) return station;
  await connections.close(connection.connectionId);
  await endConnection({ table, clock }, cpId, connection.connectionId);
  const { connection: _, ...offline } = station;
  return { ...offline, lane: [], lastSeenAtMs: clock.now() };
}
