import type { Clock } from "../clock.ts";
import { count } from "../metrics.ts";
import type { Connection, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { ConditionFailed, type Table } from "../store/table.ts";
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
 * @param source where it comes from, as `guessing.ts` writes it
 * @returns the station as it was before; undefined where it is not registered any more
 */
export async function beginConnection(
  { table, connections, clock }: ConnectionDeps,
  cpId: string,
  connection: Connection,
  source?: string,
): Promise<StationItem | undefined> {
  let before: StationItem | undefined;
  try {
    before = await table.update<StationItem>({
      key: stationKey(cpId),
      update: `SET #connection = :connection, lane = :empty${source ? ", lastSource = :source" : ""} REMOVE timeoutsInRow, violationKinds`,
      condition: "attribute_exists(pk)",
      names: { "#connection": "connection" },
      values: { ":connection": connection, ":empty": [], ...(source && { ":source": source }) },
      returning: "ALL_OLD",
    });
  } catch (error) {
    if (error instanceof ConditionFailed) return undefined;
    throw error;
  }
  count("connects");
  if (before?.connection) {
    count("replacedConnections");
    await connections.close(before.connection.connectionId);
    await giveUpOutstanding({ table, clock }, before);
  }
  return before;
}

/**
 * Ends a connection, if it is still the station's: API Gateway reports disconnects late, out of order or
 * never, and an old one's end must not touch the new one.
 */
export async function endConnection(
  { table, clock }: Pick<ConnectionDeps, "table" | "clock">,
  cpId: string,
  connectionId: string,
): Promise<void> {
  const isStillTheirs = "#connection.connectionId = :connectionId";
  let before: StationItem | undefined;
  try {
    before = await table.update<StationItem>({
      key: stationKey(cpId),
      update: "SET lane = :empty, lastSeenAtMs = :now REMOVE #connection",
      condition: isStillTheirs,
      names: { "#connection": "connection" },
      values: { ":connectionId": connectionId, ":empty": [], ":now": clock.now() },
      returning: "ALL_OLD",
    });
  } catch (error) {
    if (error instanceof ConditionFailed) return;
    throw error;
  }
  count("disconnects");
  if (before) await giveUpOutstanding({ table, clock }, before);
}

/** Fails the CALL that was on the wire of a connection that is no more: the head of the lane, as it was then. */
export async function giveUpOutstanding(
  { table, clock }: Pick<ConnectionDeps, "table" | "clock">,
  { cpId, lane, connection }: StationItem,
): Promise<void> {
  const head = lane[0];
  if (!head || !connection) return;
  await endExchange(
    table,
    { cpId, messageId: head.messageId },
    { from: "sent", to: "connectionLost", atMs: clock.now(), connectionId: connection.connectionId },
  );
}
