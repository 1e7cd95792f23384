import type { Speaker } from "../handshake/authenticate.ts";
import { isRemotelyStarted } from "../stations/raw-starts.ts";
import type { NetworkItem, StationItem } from "../store/items.ts";
import { networkKey, stationKey } from "../store/keys.ts";
import type { Table } from "../store/table.ts";
import {
  ACCEPTED,
  type Authorization,
  listedAuthorization,
  type PresentedToken,
} from "../tokens/authorization.ts";
import { findToken } from "../tokens/tokens.ts";

/**
 * Authorizes a token by the network's policy. With `remoteStartOnly`, the token must belong to a start that is open and
 * still valid, or to the charge that the start began. With `listed`, such a token is accepted, too; the station is
 * read only if the list does not accept it, so that a listed token costs one read.
 */
export async function authorize(
  table: Table,
  { cpId, networkId }: Speaker,
  token: PresentedToken,
  now: number,
): Promise<Authorization> {
  const network = await table.get<NetworkItem>(networkKey(networkId));
  const policy = network?.authorization ?? "acceptAll";
  if (policy === "acceptAll") return ACCEPTED;
  const listed: Authorization =
    policy === "listed"
      ? listedAuthorization(await findToken(table, networkId, token.idTag), token, now)
      : { status: "Invalid" };
  if (listed.status === "Accepted") return listed;
  const station = await table.get<StationItem>(stationKey(cpId));
  if (!station || !isRemotelyStarted(station, token.idTag, now)) return listed;
  const { groupId } = listed;
  return { ...ACCEPTED, ...(groupId !== undefined && { groupId }) };
}
