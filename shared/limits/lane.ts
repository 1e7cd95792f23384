/**
 * At most one CALL of ours is outstanding per connection (OCPP-J 1.6 §4.1.1; 2.0.1 part 4 §4.1.1), so the
 * commands for a station queue in its lane, a short list on the station's item. The head is the CALL on the
 * wire:
 *
 *     enter ─► [A]            A is head: send                     one write, which also returns the station
 *     enter ─► [A, B]         B waits, looks now and then
 *              [B]            the answer to A came: the message function removed A
 *     B promotes itself       refreshes its expiry, and only then sends
 *              [B, C]  B dies ··· expiresAtMs: C removes B and promotes itself
 *     connect ─► []           a new connection has nothing outstanding: B and C enter again
 *
 * Entering appends, leaving removes one's own entry at its own index and only if it is still one's own.
 * A caller that gives up waiting for an *answer* leaves its entry: the CALL is outstanding until it is
 * answered or 30 s have passed. CALLs from the station never look here.
 */

import type { LaneEntry, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { ConditionFailed, type Table, type Update } from "../store/table.ts";

/** How long a CALL holds the lane without an answer, in milliseconds. */
export const CALL_EXPIRES_MS = 30_000;

/** As many CALLs may queue for one station, the one on the wire included. */
const LANE_LENGTH = 10;

export type Entered =
  | { readonly outcome: "entered"; readonly station: StationItem }
  | { readonly outcome: "full" | "notConnected"; readonly station: StationItem }
  | { readonly outcome: "unknown" };

function enterUpdate(cpId: string, networks: readonly string[], entry: LaneEntry): Update {
  const isConnected = "attribute_exists(#connection)";
  const hasRoom = "size(lane) < :length";
  const isTheirs = `networkId IN (${networks.map((_, i) => `:network${i}`).join(", ")})`;
  return {
    key: stationKey(cpId),
    update: "SET lane = list_append(lane, :entry)",
    condition: `${isTheirs} AND ${isConnected} AND ${hasRoom}`,
    names: { "#connection": "connection" },
    values: {
      ":entry": [entry],
      ":length": LANE_LENGTH,
      ...Object.fromEntries(networks.map((networkId, i) => [`:network${i}`, networkId])),
    },
    returning: "ALL_NEW",
  };
}

/** Removes the entry at an index, only if it is this CALL's. */
function leaveUpdate(cpId: string, messageId: string, index: number): Update {
  return {
    key: stationKey(cpId),
    update: `REMOVE lane[${index}]`,
    condition: `lane[${index}].messageId = :messageId`,
    values: { ":messageId": messageId },
  };
}

/** Takes the head's place for sending: its expiry counts from now. */
function promoteUpdate(cpId: string, messageId: string, expiresAtMs: number): Update {
  return {
    key: stationKey(cpId),
    update: "SET lane[0].expiresAtMs = :expiresAtMs",
    condition: "lane[0].messageId = :messageId",
    values: { ":messageId": messageId, ":expiresAtMs": expiresAtMs },
    returning: "ALL_NEW",
  };
}

/**
 * Appends to the lane; the answer is the whole station, whatever the outcome. One write. (Where the SDK
 * repeated a write that had gone through, the entry stands twice, and the second one is taken out again.)
 *
 * @param networks the networks of the caller: a station of another one is unknown to them
 */
export async function enterLane(
  table: Table,
  cpId: string,
  networks: readonly string[],
  entry: LaneEntry,
): Promise<Entered> {
  try {
    const station = (await table.update<StationItem>(enterUpdate(cpId, networks, entry))) as StationItem;
    const last = station.lane.length - 1;
    const first = station.lane.findIndex(({ messageId }) => messageId === entry.messageId);
    if (first !== last) await leaveLaneAt(table, cpId, entry.messageId, last);
    return { outcome: "entered", station };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const station = error.item as unknown as StationItem | undefined;
    if (!station || !networks.includes(station.networkId)) return { outcome: "unknown" };
    return { outcome: station.connection ? "full" : "notConnected", station };
  }
}

/** Removes the entry at this index if it is this CALL's; otherwise nothing. @returns whether it did */
export async function leaveLaneAt(
  table: Table,
  cpId: string,
  messageId: string,
  index: number,
): Promise<boolean> {
  return succeeded(table.update(leaveUpdate(cpId, messageId, index)));
}

/**
 * Removes the CALL on the wire, because the station answered it. In the same write the station counts as
 * one that answers, see {@link countTimeout}.
 */
export const leaveLaneAnswered = (table: Table, cpId: string, messageId: string): Promise<boolean> =>
  succeeded(table.update({ ...leaveUpdate(cpId, messageId, 0), update: "REMOVE lane[0], timeoutsInRow" }));

/**
 * Counts a CALL that was not answered in time. There are stations that send Heartbeats on and on and answer
 * nothing until they reconnect; after some timeouts in a row the station's resource says so.
 */
export async function countTimeout(table: Table, cpId: string): Promise<void> {
  await succeeded(
    table.update({
      key: stationKey(cpId),
      update: "ADD timeoutsInRow :one",
      condition: "attribute_exists(pk)",
      values: { ":one": 1 },
    }),
  );
}

/** Removes the CALL's entry wherever it stands. */
export async function leaveLane(table: Table, cpId: string, messageId: string): Promise<void> {
  let index = 0;
  while (index >= 0 && !(await leaveLaneAt(table, cpId, messageId, index))) {
    const station = await table.get<StationItem>(stationKey(cpId));
    index = station?.lane.findIndex((entry) => entry.messageId === messageId) ?? -1;
  }
}

/** The station, if this CALL is at the head of its lane and may be sent now; otherwise undefined. */
export async function promote(
  table: Table,
  cpId: string,
  messageId: string,
  expiresAtMs: number,
): Promise<StationItem | undefined> {
  try {
    return await table.update<StationItem>(promoteUpdate(cpId, messageId, expiresAtMs));
  } catch (error) {
    if (error instanceof ConditionFailed) return undefined;
    throw error;
  }
}

async function succeeded(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
