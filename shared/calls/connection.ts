import type { Clock } from "../clock.ts";
import { count } from "../metrics.ts";
import type { Connection, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { ConditionFailed, isOwnWrite, type Table, tryWrite } from "../store/table.ts";
import { endExchange } from "./exchange.ts";
import type { Connections } from "./post.ts";

export interface ConnectionDeps {
  readonly table: Table;
  readonly connections: Connections;
  readonly clock: Clock;
}

/**
 * The newest connection wins: it takes the station over, with an empty lane, and what was out on the one
 * before fails at once instead of letting its caller wait. The old connection is closed *before* its CALL is
 * given up: a post that still went through had stored its exchange by then and is found here, and a later
 * one meets a closed connection.
 *
 * @param source where it comes from, as `throttle.ts` writes it
 * @returns the station as it was before; undefined where it is not registered any more
 */
export async function beginConnection(
  { table, connections, clock }: ConnectionDeps,
  cpId: string,
  connection: Connection,
  source?: string,
): Promise<StationItem | undefined> {
  const { applied, item: before } = await tryWrite<StationItem>(
    table.update({
      key: stationKey(cpId),
      update: `SET #connection = :connection, lane = :empty, ${REPLACED}${source ? ", lastSource = :source" : ""} REMOVE timeoutsInRow, violationKinds`,
      condition:
        "attribute_exists(pk) AND (attribute_not_exists(#connection) OR #connection.connectionId <> :connectionId)",
      names: { "#connection": "connection" },
      values: {
        ":connection": connection,
        ":connectionId": connection.connectionId,
        ":empty": [],
        ":none": "",
        ...(source && { ":source": source }),
      },
      returning: "ALL_OLD",
    }),
  );
  if (!before) return undefined;
  // refused: this write, retried after its response was lost, found its own connection
  const replaced = applied ? outstandingOf(before) : replacedIn(before);
  count("connects");
  if (replaced.connectionId) {
    count("replacedConnections");
    await connections.close(replaced.connectionId);
    await giveUp({ table, clock }, cpId, replaced);
  }
  return before;
}

/** A connection and the CALL that is out on it: the head of the lane. */
interface Outstanding {
  readonly connectionId?: string | undefined;
  readonly messageId?: string | undefined;
}

/** Keeps on the item what a write replaces, because the response that would return it may be lost. */
const REPLACED =
  "replaced = if_not_exists(#connection.connectionId, :none), replacedCall = if_not_exists(lane[0].messageId, :none)";

const outstandingOf = (station: StationItem | undefined): Outstanding => ({
  connectionId: station?.connection?.connectionId,
  messageId: station?.lane[0]?.messageId,
});

const replacedIn = ({ replaced, replacedCall }: StationItem): Outstanding => ({
  connectionId: replaced,
  messageId: replacedCall,
});

/**
 * Ends a connection, if it is still the station's: API Gateway reports disconnects late, out of order or
 * never, and an old one's end must not touch the new one.
 */
export async function endConnection(
  { table, clock }: Pick<ConnectionDeps, "table" | "clock">,
  cpId: string,
  connectionId: string,
  lastSeenAtMs = clock.now(),
): Promise<void> {
  const isStillTheirs = "#connection.connectionId = :connectionId";
  let ended: Outstanding;
  try {
    const before = await table.update<StationItem>({
      key: stationKey(cpId),
      update: `SET lane = :empty, lastSeenAtMs = :now, ${REPLACED} REMOVE #connection`,
      condition: isStillTheirs,
      names: { "#connection": "connection" },
      values: { ":connectionId": connectionId, ":empty": [], ":now": lastSeenAtMs, ":none": "" },
      returning: "ALL_OLD",
    });
    ended = outstandingOf(before);
  } catch (error) {
    const hasEnded = (stands: StationItem) => !stands.connection && stands.replaced === connectionId;
    if (isOwnWrite(error, hasEnded)) ended = replacedIn(error.item as unknown as StationItem);
    else if (error instanceof ConditionFailed) return;
    else throw error;
  }
  count("disconnects");
  await giveUp({ table, clock }, cpId, ended);
}

/** Fails the CALL that was on the wire of a station's connection that is no more. */
export const giveUpOutstanding = (
  deps: Pick<ConnectionDeps, "table" | "clock">,
  station: StationItem,
): Promise<void> => giveUp(deps, station.cpId, outstandingOf(station));

async function giveUp(
  { table, clock }: Pick<ConnectionDeps, "table" | "clock">,
  cpId: string,
  { connectionId, messageId }: Outstanding,
): Promise<void> {
  if (!connectionId || !messageId) return;
  await endExchange(
    table,
    { cpId, messageId },
    { from: "sent", to: "connectionLost", atMs: clock.now(), connectionId },
  );
}
