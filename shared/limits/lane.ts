/**
 * At most one CALL of ours is outstanding per connection (OCPP-J 1.6 §4.1.1; 2.0.1 part 4 §4.1.1), so the commands
 * for a station queue in its lane, a short list on the station's item. The head is the CALL on the wire:
 *
 *     enter ─► [A]            A is head: send                     one write, which also returns the station
 *     enter ─► [A, B]         B waits, looks now and then
 *              [B]            the answer to A came: the message function removed A
 *     B promotes itself       refreshes its expiry, and only then sends
 *              [B, C]  B dies ··· expiresAtMs: C removes B and promotes itself
 *     connect ─► []           a new connection has nothing outstanding: B and C enter again
 *
 * Entering appends an entry. Leaving removes an entry by index, only if it still has the message id. Runs with one
 * message id (requests of one Idempotency-Key, a job that Lambda runs again) share one entry, which counts them: a
 * run that leaves without having sent does not remove the entry of the others.
 *
 * A caller that stops waiting for an *answer* leaves its entry: the CALL is outstanding until it is answered or 30 s
 * have passed. CALLs from the station do not use the lane.
 */

import { randomBytes } from "node:crypto";
import type { LaneEntry, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { ConditionFailed, type Table, tryWrite, type Update } from "../store/table.ts";

/** How long a CALL holds the lane without an answer, in milliseconds. */
export const CALL_EXPIRES_MS = 30_000;

/** When a CALL came to the head of the lane, which is just before it goes out. */
export const enteredAtMs = ({ expiresAtMs }: LaneEntry): number => expiresAtMs - CALL_EXPIRES_MS;

/** The attributes of the round trips, newest first. */
const ROUND_TRIPS = ["roundTrip0", "roundTrip1", "roundTrip2", "roundTrip3"] as const;

/**
 * How long the station's last answers took, newest first, in milliseconds from when the CALL came to the head of the
 * lane until its answer arrived.
 */
export const roundTripsOf = (station: StationItem): readonly number[] =>
  ROUND_TRIPS.flatMap((name) => station[name] ?? []).map((ms) => Math.max(ms, 0));

/**
 * Remembers a round trip in the place of the oldest one. DynamoDB subtracts, so that the write needs no read before
 * it: the entry at the head has its time, and each attribute takes the value that the one before it had.
 */
const rememberRoundTrip = ROUND_TRIPS.map((name, i) =>
  i === 0
    ? `${name} = :answered - lane[0].expiresAtMs`
    : `${name} = if_not_exists(${ROUND_TRIPS[i - 1]}, :none)`,
).join(", ");

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

const isAt = (index: number): string => `lane[${index}].messageId = :messageId`;

/** Removes the entry at an index, only if it belongs to this CALL alone. */
const leaveUpdate = (cpId: string, messageId: string, index: number): Update => ({
  key: stationKey(cpId),
  update: `REMOVE lane[${index}]`,
  condition: `${isAt(index)} AND attribute_not_exists(lane[${index}].#users)`,
  names: { "#users": "users" },
  values: { ":messageId": messageId },
});

/** Leaves an entry at an index to those who share it; the last of them has it alone. */
const leaveToOthers = (cpId: string, messageId: string, index: number, users: number): Update => ({
  key: stationKey(cpId),
  update: users === 2 ? `REMOVE lane[${index}].#users` : `SET lane[${index}].#users = :others`,
  condition: `${isAt(index)} AND lane[${index}].#users = :users`,
  names: { "#users": "users" },
  values: { ":messageId": messageId, ":users": users, ...(users !== 2 && { ":others": users - 1 }) },
});

/**
 * What a write leaves on the entry that it changes. The SDK may send a write again whose response was lost: the mark
 * is how the second one is known for the first.
 */
type Marked = Pick<LaneEntry, "messageId"> & { readonly mark: string };

const newMark = (): string => randomBytes(6).toString("base64url");

/** Removes the second of two entries that one write appended, because the SDK sent it twice. */
const removeTwin = (cpId: string, { messageId, mark }: Marked, index: number): Update => ({
  key: stationKey(cpId),
  update: `REMOVE lane[${index}]`,
  condition: `${isAt(index)} AND lane[${index}].mark = :mark`,
  values: { ":messageId": messageId, ":mark": mark },
  returning: "ALL_NEW",
});

/**
 * Takes a share of the entry at an index, which from now on stands as long as a new one would.
 *
 * @param spare where one's own stands, which goes for it
 */
function shareUpdate(
  cpId: string,
  entry: LaneEntry & Marked,
  { index, users: seen, spare }: { index: number; users?: number | undefined; spare?: number },
): Update {
  const users = `lane[${index}].#users`;
  const asSeen = seen === undefined ? `attribute_not_exists(${users})` : `${users} = :seen`;
  return {
    key: stationKey(cpId),
    update: [
      `SET lane[${index}].expiresAtMs = :expiresAtMs, lane[${index}].mark = :mark, ${users} = if_not_exists(${users}, :one) + :one`,
      ...(spare === undefined ? [] : [`REMOVE lane[${spare}]`]),
    ].join(" "),
    condition: [...[index, ...(spare === undefined ? [] : [spare])].map(isAt), asSeen].join(" AND "),
    names: { "#users": "users" },
    values: {
      ":messageId": entry.messageId,
      ":expiresAtMs": entry.expiresAtMs,
      ":mark": entry.mark,
      ":one": 1,
      ...(seen !== undefined && { ":seen": seen }),
    },
    returning: "ALL_NEW",
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
 * Appends to the lane, or shares the entry that is there for the same message id; the answer is the whole station,
 * whatever the outcome. One write where there is none.
 *
 * @param networks the networks of the caller: a station of another one is unknown to them
 */
export async function enterLane(
  table: Table,
  cpId: string,
  networks: readonly string[],
  wanted: Pick<LaneEntry, "messageId" | "expiresAtMs">,
): Promise<Entered> {
  const entry = { ...wanted, mark: newMark() };
  const { applied, item: station } = await tryWrite<StationItem>(
    table.update(enterUpdate(cpId, networks, entry)),
    ({ lane, connection }) => connection !== undefined && lane.some(({ mark }) => mark === entry.mark),
  );
  if (!station || !networks.includes(station.networkId)) return { outcome: "unknown" };
  if (!station.connection) return { outcome: "notConnected", station };
  const entered = applied ? await withoutSpare(table, station, entry) : await share(table, station, entry);
  return entered ? { outcome: "entered", station: entered } : { outcome: "full", station };
}

const placesOf = ({ lane }: StationItem, entry: LaneEntry): number[] =>
  lane.flatMap(({ messageId }, place) => (messageId === entry.messageId ? [place] : []));

/** Shares the entry that is there for the message id. @returns undefined where none is, or another run was faster */
async function share(
  table: Table,
  station: StationItem,
  entry: LaneEntry & Marked,
  spare?: number,
): Promise<StationItem | undefined> {
  const [index] = placesOf(station, entry);
  if (index === undefined) return undefined;
  const { users } = station.lane[index] as LaneEntry;
  const write = shareUpdate(station.cpId, entry, { index, users, ...(spare !== undefined && { spare }) });
  const isShared = ({ lane }: StationItem) => lane[index]?.mark === entry.mark;
  const { applied, item } = await tryWrite<StationItem>(table.update(write), isShared);
  return applied ? item : undefined;
}

/** Of several entries of one message id makes one. @returns the station as it stands then */
async function withoutSpare(
  table: Table,
  entered: StationItem,
  entry: LaneEntry & Marked,
): Promise<StationItem> {
  const { cpId } = entered;
  let station = entered;
  for (;;) {
    const [first, ...others] = placesOf(station, entry);
    const spare = others.at(-1);
    if (first === undefined || spare === undefined) return station;
    const isTwin = station.lane.filter(({ mark }) => mark === entry.mark).length > 1;
    station = (isTwin
      ? await updated(table, removeTwin(cpId, entry, spare))
      : await share(table, station, entry, spare)) ??
      (await table.get<StationItem>(stationKey(cpId))) ?? { ...entered, lane: [] };
  }
}

/** Removes the head, whose CALL was not answered in time, if it still is what it was. */
export async function removeExpired(
  table: Table,
  cpId: string,
  { messageId, expiresAtMs }: LaneEntry,
): Promise<boolean> {
  const { applied } = await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: "REMOVE lane[0]",
      condition: `${isAt(0)} AND lane[0].expiresAtMs = :expiresAtMs`,
      values: { ":messageId": messageId, ":expiresAtMs": expiresAtMs },
    }),
  );
  return applied;
}

/**
 * Removes the CALL on the wire, because the station answered it. In the same write the station counts as
 * one that answers, see {@link countTimeout}, and its round trip is remembered.
 */
export async function leaveLaneAnswered(
  table: Table,
  cpId: string,
  messageId: string,
  answeredAtMs: number,
): Promise<boolean> {
  const { applied } = await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: `SET ${rememberRoundTrip} REMOVE lane[0], timeoutsInRow`,
      condition: isAt(0),
      values: { ":messageId": messageId, ":answered": answeredAtMs + CALL_EXPIRES_MS, ":none": null },
    }),
  );
  return applied;
}

/**
 * Counts a CALL that was not answered in time. Some stations send Heartbeats but answer nothing until they reconnect;
 * after several consecutive timeouts the station's resource shows it as unresponsive.
 */
export async function countTimeout(table: Table, cpId: string): Promise<void> {
  await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: "ADD timeoutsInRow :one",
      condition: "attribute_exists(pk)",
      values: { ":one": 1 },
    }),
  );
}

/** Leaves without having sent: the entry goes, wherever it stands, unless others share it. */
export async function leaveLane(table: Table, cpId: string, messageId: string): Promise<void> {
  let isShared = false;
  let write = leaveUpdate(cpId, messageId, 0);
  for (;;) {
    try {
      await table.update(write);
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      // A retry may have met its own write. Were the count lowered twice, the entry would be taken from another run
      // whose CALL is out; were it not lowered at all, the entry would stand until it expires.
      if (isShared && error.isRetried) return;
    }
    const { lane = [] } = (await table.get<StationItem>(stationKey(cpId))) ?? {};
    const index = lane.findIndex((entry) => entry.messageId === messageId);
    if (index < 0) return;
    const { users = 1 } = lane[index] as LaneEntry;
    isShared = users > 1;
    write = isShared ? leaveToOthers(cpId, messageId, index, users) : leaveUpdate(cpId, messageId, index);
  }
}

/** The station, if this CALL is at the head of its lane and may be sent now; otherwise undefined. */
export const promote = (
  table: Table,
  cpId: string,
  messageId: string,
  expiresAtMs: number,
): Promise<StationItem | undefined> => updated(table, promoteUpdate(cpId, messageId, expiresAtMs));

/** @returns the station after a write; undefined where its condition did not hold */
async function updated(table: Table, write: Update): Promise<StationItem | undefined> {
  const { applied, item } = await tryWrite<StationItem>(table.update(write));
  return applied ? item : undefined;
}
