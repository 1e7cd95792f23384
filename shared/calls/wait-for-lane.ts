import type { Clock } from "../clock.ts";
import {
  CALL_EXPIRES_MS,
  enteredAtMs,
  enterLane,
  leaveLane,
  promote,
  removeExpired,
  roundTripsOf,
} from "../limits/lane.ts";
import { lastSeenAt } from "../log/last-seen.ts";
import { logger } from "../logger.ts";
import { measure } from "../metrics.ts";
import { notFound, Problem } from "../problems.ts";
import type { Connection, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import type { Table } from "../store/table.ts";
import { untilTurn } from "./pace.ts";

/** A station that has a live connection. */
export type ConnectedStation = StationItem & { readonly connection: Connection };

export interface LaneRequest {
  readonly cpId: string;
  /** The caller's networks. A station of another network is answered as unknown. */
  readonly networks: readonly string[];
  readonly messageId: string;
  readonly deadlineMs: number;
  /** Checks the station first; throws the problems that come before `station-not-connected`. */
  readonly verify?: (station: StationItem) => void;
  /** Called once with the connected station, before the CALL waits for its turn. If it throws, the lane is left. */
  readonly admitted?: ((station: ConnectedStation) => Promise<void>) | undefined;
}

/** The problem for a station without a live connection. */
export async function notConnected(table: Table, station: StationItem): Promise<Problem> {
  const seenAt = await lastSeenAt(table, station);
  return new Problem("station-not-connected", "The station is registered, but not connected.", {
    ...(seenAt && { lastSeenAt: seenAt }),
  });
}

/** The problem for a CALL that did not reach the head of the lane before its deadline. */
const busy = (retryAfterMs: number): Problem =>
  new Problem(
    "station-busy",
    "An earlier command for the station was still in progress at the deadline. Nothing was sent.",
    {},
    { headers: { "Retry-After": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) } },
  );

/**
 * Enters the station's lane and waits until the CALL is at its head, in order of arrival. Then the lane belongs to
 * the CALL until it is answered or 30 s have passed. One write if the lane is empty.
 *
 * @returns the station as it is now
 * @throws Problem `not-found`, `station-not-connected`, `station-busy`, or what `verify` and `admitted` throw
 */
export async function waitForLane(
  { table, clock }: { readonly table: Table; readonly clock: Clock },
  { cpId, networks, messageId, deadlineMs, verify, admitted }: LaneRequest,
): Promise<ConnectedStation> {
  const startedAt = clock.now();
  const waited = () => measure("laneWait", clock.now() - startedAt);

  /** The connection whose lane the entry is in; undefined while the lane is full. */
  let standsOn: string | undefined;
  let isAdmitted = false;
  const enter = async (): Promise<StationItem> => {
    const entry = { messageId, expiresAtMs: clock.now() + CALL_EXPIRES_MS };
    const entered = await enterLane(table, cpId, networks, entry);
    if (entered.outcome === "unknown") throw notFound("station");
    try {
      verify?.(entered.station);
      if (entered.outcome === "notConnected") throw await notConnected(table, entered.station);
      if (!isAdmitted) await admitted?.(entered.station as ConnectedStation);
      isAdmitted = true;
    } catch (error) {
      if (entered.outcome === "entered") await abandonLane(table, cpId, messageId);
      throw error;
    }
    standsOn = entered.outcome === "entered" ? entered.station.connection?.connectionId : undefined;
    return entered.station;
  };
  const isHead = ({ lane: [head] }: StationItem) => standsOn !== undefined && head?.messageId === messageId;

  let station = await enter();
  if (isHead(station)) return station as ConnectedStation;

  for (;;) {
    const now = clock.now();
    const head = station.lane[0];
    if (isHead(station)) {
      const promoted = await promote(table, cpId, messageId, now + CALL_EXPIRES_MS);
      if (promoted) {
        waited();
        return promoted as ConnectedStation;
      }
    } else if (head && head.expiresAtMs <= now) {
      await removeExpired(table, cpId, head);
    } else if (now >= deadlineMs) {
      if (standsOn !== undefined) await abandonLane(table, cpId, messageId);
      waited();
      throw busy((head?.expiresAtMs ?? now) - now);
    } else {
      const before = station.lane.findIndex((entry) => entry.messageId === messageId);
      // where the lane is full, each look is a write
      const place = before < 0 ? Math.max(station.lane.length, 1) : Math.max(before, 1);
      const waitedMs = now - (head ? enteredAtMs(head) : startedAt);
      await clock.sleep(Math.min(untilTurn(roundTripsOf(station), waitedMs, place), deadlineMs - now));
    }
    const seen = await table.get<StationItem>(stationKey(cpId));
    // a new connection empties the lane
    const stillStands =
      seen?.connection?.connectionId === standsOn &&
      seen?.lane.some((entry) => entry.messageId === messageId);
    station = seen && stillStands ? seen : await enter();
  }
}

/**
 * Leaves the lane without having sent anything. Errors are only logged: the caller is already handling one, and the
 * entry expires by itself.
 */
export async function abandonLane(table: Table, cpId: string, messageId: string): Promise<void> {
  try {
    await leaveLane(table, cpId, messageId);
  } catch (error) {
    logger.warn("a lane entry was not removed", error as Error);
  }
}
