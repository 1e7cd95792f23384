import { requestIdOf } from "../calls/ids.ts";
import type { ConnectedStation } from "../calls/wait-for-lane.ts";
import { takeSlot } from "../commands/admission.ts";
import { dryRunOn } from "../commands/execute.ts";
import type { Idempotency } from "../commands/idempotency.ts";
import { type AcceptDeps, systemRun } from "../commands/request.ts";
import type { StartChargingProfile } from "../dialects/charging-profile.ts";
import { releaseSlot } from "../limits/semaphore.ts";
import { addLogKeys, logger } from "../logger.ts";
import { notFound, Problem } from "../problems.ts";
import { connectorOf } from "../stations/connectors.ts";
import { findStation } from "../stations/find.ts";
import { refuseLocked } from "../stations/locks.ts";
import type { AttemptItem, OpenAttempt, RequestedBy, StationItem } from "../store/items.ts";
import { attemptKey, attemptListKeys, stationKey } from "../store/keys.ts";
import { payloadText } from "../store/payload.ts";
import { ConditionFailed, type Table, tryWrite } from "../store/table.ts";
import { DAY_MS, expiresAfter, MINUTE_MS } from "../time.ts";
import { LATE_WORD_MS } from "./attempt.ts";
import type { BackgroundJob } from "./jobs.ts";
import { startInputOf } from "./start-input.ts";
import { apply, openAttemptOf, readAttempt } from "./store.ts";
import type { Timers } from "./timers.ts";

export interface CreateDeps extends AcceptDeps {
  readonly timers: Timers;
  readonly runInBackground: (job: BackgroundJob) => Promise<void>;
}

export interface NewAttempt {
  readonly cpId: string;
  /** The caller's networks. */
  readonly networks: readonly string[];
  readonly requestedBy?: RequestedBy;
  readonly connectorUuid?: string | undefined;
  readonly idTag: string;
  readonly idTokenType?: string | undefined;
  readonly groupIdTag?: string | undefined;
  readonly chargingProfile?: StartChargingProfile | undefined;
  readonly validUntilMs?: number | undefined;
  readonly stopMinutes?: number | undefined;
  /** Given where repeats of the request are to make no second one. */
  readonly idempotency?: Idempotency | undefined;
}

const DEFAULT_VALIDITY_MS = 10 * MINUTE_MS;
export const MAX_VALIDITY_MS = DAY_MS;

/** The maximum of attempts that wait to start at one station. */
const MAX_OPEN = 50;

/** The maximum that a station's item carries; of 0.3 KB each, in an item that every command writes. */
const MAX_CARRIED = 150;

/**
 * Creates an attempt. One request writes it on the station and returns whether the station is connected. Of this
 * write and a concurrent $connect, the later one sees the other, so exactly one of them sends the start.
 *
 * @throws Problem for everything that is known before the CALL goes out
 */
export async function createAttempt(deps: CreateDeps, wanted: NewAttempt): Promise<AttemptItem> {
  const { table, clock, timers } = deps;
  const now = clock.now();
  const before = wanted.idempotency?.isRepeat && (await readAttempt(table, wanted.idempotency.id));
  if (before) return carryOn(deps, before);
  const station = await findStation(table, wanted.cpId, wanted.networks);
  const attempt = newAttempt(deps, wanted, station, now);
  const { attemptId, networkId } = attempt;
  addLogKeys({ commandId: attemptId, attemptId, cpId: station.cpId });
  const input = startInputOf(attempt);
  refuseLocked(station, input.connector);
  const makeRoom = roomIn(station, now);

  const { connection } = station;
  if (connection) {
    const run = systemRun(deps, "remoteStart", {
      commandId: attemptId,
      cpId: station.cpId,
      networkId,
      requestedBy: wanted.requestedBy,
      deadlineMs: now,
    });
    await dryRunOn(station as ConnectedStation, { name: "remoteStart", input, run });
    await takeSlot(deps, networkId, attemptId);
  }
  let isHeld = connection !== undefined;
  try {
    await Promise.all([
      table.put(
        { ...attemptKey(attemptId), ...attemptListKeys(attempt, now, attemptId), ...attempt },
        "attribute_not_exists(pk)",
      ),
      // without it, the attempt expires all the same: every reader compares with the clock
      timers.set("expire", attemptId, attempt.validUntilMs).catch((error: Error) => {
        logger.warn("no timer for an attempt's expiry", { attemptId, error });
      }),
    ]);
    const then = await carry(table, attempt, makeRoom);
    refuseLocked(then, input.connector);
    if (then.connection) {
      await deps.runInBackground({ job: "start", attemptId, ...(isHeld && { slotOf: networkId }) });
      isHeld = false;
    }
    return attempt;
  } catch (error) {
    if (wanted.idempotency && error instanceof ConditionFailed) {
      isHeld = false;
      return carryOn(deps, error.item as unknown as AttemptItem);
    }
    // a caller that receives a failure must not be surprised by a charge
    const known =
      error instanceof Problem ? error : new Problem("internal", "The remote start could not be sent.");
    await apply(deps, attemptId, { type: "fail", problem: known.toDetails(), atMs: now });
    throw error;
  } finally {
    if (isHeld) await releaseSlot(table, networkId, attemptId);
  }
}

/** Goes on with an attempt that a repeated request finds: the one before may have died before it was sent. */
async function carryOn(deps: CreateDeps, attempt: AttemptItem): Promise<AttemptItem> {
  const { attemptId, cpId, state } = attempt;
  if (state !== "pending") return attempt;
  const station = await findStation(deps.table, cpId, [attempt.networkId]);
  if (!station.openAttempts[attemptId]) await carry(deps.table, attempt, []);
  if (station.connection) await deps.runInBackground({ job: "start", attemptId });
  return attempt;
}

function newAttempt(
  { newId, logDays }: CreateDeps,
  wanted: NewAttempt,
  station: StationItem,
  now: number,
): AttemptItem {
  const { connectorUuid, idTag, idTokenType, groupIdTag, chargingProfile, stopMinutes, requestedBy } = wanted;
  const { validUntilMs = now + DEFAULT_VALIDITY_MS } = wanted;
  const connector = connectorUuid === undefined ? undefined : connectorOf(station, connectorUuid);
  const overAtMs = validUntilMs + (stopMinutes ?? 0) * MINUTE_MS;
  const attemptId = wanted.idempotency?.id ?? newId();
  return {
    attemptId,
    cpId: station.cpId,
    networkId: station.networkId,
    ...(connector && { evseId: connector.evseId, connectorId: connector.connectorId }),
    idTag,
    ...(idTokenType !== undefined && { idTokenType }),
    ...(groupIdTag !== undefined && { groupIdTag }),
    ...(chargingProfile && {
      chargingProfile: payloadText({ profileId: requestIdOf(attemptId), ...chargingProfile, purpose: "Tx" }),
    }),
    validUntilMs,
    ...(stopMinutes !== undefined && { stopMinutes }),
    state: "pending",
    version: 0,
    createdAtMs: now,
    history: [{ state: "pending", atMs: now }],
    ...(requestedBy && { requestedBy }),
    expiresAt: expiresAfter(overAtMs, logDays),
  };
}

/**
 * Which attempts the station's item need not carry any more: those that never started, a day after their validity
 * (until then a late report of the station still counts), or at once where there is no room. Attempts with a
 * running charge do not count as open. The oldest of them are dropped where they would swell the item: their
 * timers go on, and the reports of their transactions name them.
 *
 * @throws Problem `too-many-open-attempts`
 */
function roomIn({ openAttempts }: StationItem, now: number): string[] {
  const all = Object.entries(openAttempts).sort(([, a], [, b]) => a.createdAtMs - b.createdAtMs);
  const running = all.filter(([, { transactionId }]) => transactionId !== undefined);
  const unstarted = all.filter(([, { transactionId }]) => transactionId === undefined);
  const lapsed = unstarted.filter(([, { validUntilMs }]) => validUntilMs <= now);
  const open = unstarted.length - lapsed.length;
  if (open >= MAX_OPEN)
    throw new Problem(
      "too-many-open-attempts",
      `The station already has ${open} remote start attempts that have not started.`,
      { open },
    );
  const isOld = ([, { validUntilMs }]: [string, OpenAttempt]) => validUntilMs + LATE_WORD_MS <= now;
  const forgotten = unstarted.length >= MAX_OPEN ? lapsed : lapsed.filter(isOld);
  const excess = running.slice(0, Math.max(0, running.length + MAX_OPEN - MAX_CARRIED));
  return [...forgotten, ...excess].map(([id]) => id);
}

/** Writes the attempt on its station. @returns the station as it stands then */
async function carry(table: Table, attempt: AttemptItem, forget: readonly string[]): Promise<StationItem> {
  const forgotten = forget.map((_, n) => `openAttempts.#old${n}`);
  const { applied, item } = await tryWrite<StationItem>(
    table.update({
      key: stationKey(attempt.cpId),
      update: `SET openAttempts.#id = :open${forgotten.length > 0 ? ` REMOVE ${forgotten.join(", ")}` : ""}`,
      condition: "attribute_exists(pk)",
      names: { "#id": attempt.attemptId, ...Object.fromEntries(forget.map((id, n) => [`#old${n}`, id])) },
      values: { ":open": openAttemptOf(attempt) },
      returning: "ALL_NEW",
    }),
  );
  if (!applied) throw notFound("station");
  return item as StationItem;
}
