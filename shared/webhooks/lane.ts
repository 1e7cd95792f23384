/**
 * A lane sends its deliveries one after the other. One run at a time holds it; a lane whose delivery failed waits, and
 * one message with the lane's `chain` wakes it. Every other message that meets a lane that is held or waits has
 * nothing to do: the deliveries are in the table, and the message of the run or the chain comes again if its function
 * dies.
 */

import { type Table, tryWrite } from "../store/table.ts";
import { type LaneItem, laneKey } from "../store/webhooks.ts";
import { expiresAfter } from "../time.ts";
import { type LaneMessage, MAX_DELAY_SECONDS, type WebhookQueue } from "./messages.ts";

/** Longer than the function's 60 s. */
const LEASE_MS = 70_000;

/** Longer than any lane waits. */
const STORED_DAYS = 30;

export interface LaneDeps {
  readonly table: Table;
  readonly queue: WebhookQueue;
  readonly clock: { now(): number };
  readonly newId: () => string;
}

/** A lane that this run holds. */
export interface HeldLane {
  readonly message: LaneMessage;
  readonly holder: string;
  /** As many messages had met the lane when this run looked. */
  readonly wakes: number;
}

/** The delay of a message that is due in so many milliseconds; one that is due later is delayed again. */
export const delayFor = (ms: number): number =>
  Math.min(Math.max(Math.ceil(ms / 1000), 0), MAX_DELAY_SECONDS);

/** @returns undefined where another run holds the lane, or it waits */
export async function enterLane(deps: LaneDeps, message: LaneMessage): Promise<HeldLane | undefined> {
  const { table, queue, clock, newId } = deps;
  const holder = newId();
  const key = laneKey(message.uid, message.lane);
  for (;;) {
    const now = clock.now();
    const { applied, item } = await tryWrite<LaneItem>(
      table.update<LaneItem>({
        key,
        update:
          "SET holder = :holder, freeAtMs = :until, expiresAt = :expiresAt REMOVE #chain ADD wakes :one",
        condition: "attribute_not_exists(pk) OR freeAtMs <= :now",
        returning: "ALL_NEW",
        names: { "#chain": "chain" },
        values: {
          ":holder": holder,
          ":until": now + LEASE_MS,
          ":expiresAt": expiresAfter(now, STORED_DAYS),
          ":now": now,
          ":one": 1,
        },
      }),
      (stands) => stands.holder === holder,
    );
    if (applied && item) return { message, holder, wakes: item.wakes };
    if (!item) continue;
    if (item.holder === undefined) {
      const wakesIt = item.chain !== undefined && item.chain === message.chain;
      if (wakesIt) await queue.send([message], delayFor(item.freeAtMs - now));
      return undefined;
    }
    const counting = table.update({
      key,
      update: "ADD wakes :one",
      condition: "holder = :holder",
      values: { ":one": 1, ":holder": item.holder },
    });
    // else the run has just ended
    if ((await tryWrite(counting)).applied) return undefined;
  }
}

/** Ends a run that found nothing more to send. @returns the lane where a message came since the run looked */
export async function leaveLane({ table }: LaneDeps, lane: HeldLane): Promise<HeldLane | undefined> {
  const { message, holder, wakes } = lane;
  const { applied, item } = await tryWrite<LaneItem>(
    table.delete(laneKey(message.uid, message.lane), "holder = :holder AND wakes = :wakes", {
      values: { ":holder": holder, ":wakes": wakes },
    }),
  );
  return applied || item?.holder !== holder ? undefined : { ...lane, wakes: item.wakes };
}

/** Ends a run that has no more time: the next one goes on. */
export async function passLaneOn(deps: LaneDeps, { message, holder }: HeldLane): Promise<void> {
  await letGo(deps, { message, holder }, { freeAtMs: 0 });
  const { chain: _, ...next } = message;
  await deps.queue.send([next]);
}

/** Ends a run whose delivery failed. The message that wakes the lane is sent first: a lane never waits without one. */
export async function waitInLane(
  deps: LaneDeps,
  { message, holder }: HeldLane,
  untilMs: number,
): Promise<void> {
  const chain = deps.newId();
  await deps.queue.send([{ ...message, chain }], delayFor(untilMs - deps.clock.now()));
  await letGo(deps, { message, holder }, { freeAtMs: untilMs, chain });
}

/** Frees a lane after an error: its message comes again. */
export const dropLane = (deps: LaneDeps, lane: HeldLane): Promise<void> => letGo(deps, lane, { freeAtMs: 0 });

async function letGo(
  { table }: LaneDeps,
  { message, holder }: Pick<HeldLane, "message" | "holder">,
  { freeAtMs, chain }: Pick<LaneItem, "freeAtMs" | "chain">,
): Promise<void> {
  await tryWrite(
    table.update({
      key: laneKey(message.uid, message.lane),
      update: `SET freeAtMs = :at${chain === undefined ? "" : ", #chain = :chain"} REMOVE holder`,
      condition: "holder = :holder",
      ...(chain !== undefined && { names: { "#chain": "chain" } }),
      values: { ":at": freeAtMs, ":holder": holder, ...(chain !== undefined && { ":chain": chain }) },
    }),
  );
}
