import { logger } from "../logger.ts";
import type { AttemptItem, OpenAttempt, StationItem } from "../store/items.ts";
import { type AttemptEvent, transition } from "./attempt.ts";
import { type AttemptDeps, apply, readAttempt } from "./store.ts";

/** A transaction that began, as the station reports it. */
export interface Charge {
  readonly transactionId: string;
  readonly startedAtMs: number;
  /** `startedAtMs` may be local time. */
  readonly hasNoZone?: boolean | undefined;
  /** The connection that it was reported on. */
  readonly connectionId?: string | undefined;
  readonly evseId?: number | undefined;
  readonly connectorId?: number | undefined;
  readonly idTag?: string | undefined;
  /** OCPP 2.x: the attempt it names. */
  readonly remoteStartId?: number | undefined;
}

/**
 * Finds the attempt that a transaction belongs to, and starts it. The timer of its stop is set before that is
 * stored: one that fires for nothing does no harm, one that is missing lets a car charge on.
 *
 * @returns the attempt's id; undefined for a charge that was not asked for from here
 */
export async function beginCharge(
  deps: AttemptDeps,
  station: StationItem,
  charge: Charge,
  now: number,
): Promise<string | undefined> {
  const ids = Object.entries(station.openAttempts)
    .filter(([, open]) => mayBe(open, charge))
    .sort(
      ([, a], [, b]) =>
        Number(b.evseId !== undefined) - Number(a.evseId !== undefined) || a.createdAtMs - b.createdAtMs,
    )
    .map(([attemptId]) => attemptId);
  const attempts = (await Promise.all(ids.map((id) => readAttempt(deps.table, id)))).filter(isThere);
  const own = attempts.filter(({ transactionId }) => transactionId === charge.transactionId);
  for (const attempt of own.length > 0 ? own : attempts) {
    const event = startedEvent(charge, now, mayBeBuffered(station, charge));
    await setStop(deps, attempt, event);
    const { applied, attempt: after } = await apply(deps, attempt.attemptId, event, attempt);
    if (applied && after?.transactionId === charge.transactionId) return attempt.attemptId;
  }
  return undefined;
}

const isThere = (attempt: AttemptItem | undefined): attempt is AttemptItem => attempt !== undefined;

/** By the remoteStartId where there is one, else by token and connector; 1.6 §6.17: tokens have no case. */
function mayBe(open: OpenAttempt, { remoteStartId, idTag, evseId, connectorId }: Charge): boolean {
  if (remoteStartId !== undefined) return open.remoteStartId === remoteStartId;
  if (open.idTag.toLowerCase() !== idTag?.toLowerCase()) return false;
  return open.evseId === undefined || (open.evseId === evseId && open.connectorId === connectorId);
}

/**
 * Whether a charge may have begun while the station was offline, so that it is reported late. One that began, by the
 * station's clock, while the station was connected would have been reported then: that clock is behind. So may be a
 * clock whose zone is not stated.
 */
const mayBeBuffered = (
  { connection, lastSeenAtMs = 0 }: StationItem,
  { startedAtMs, hasNoZone }: Charge,
): boolean => !hasNoZone && startedAtMs >= lastSeenAtMs && startedAtMs <= (connection?.connectedAtMs ?? 0);

const startedEvent = (
  { transactionId, startedAtMs, connectionId, evseId, connectorId, remoteStartId }: Charge,
  atMs: number,
  isBuffered: boolean,
): AttemptEvent => ({
  type: "started",
  transactionId,
  startedAtMs,
  connectionId,
  evseId,
  connectorId,
  proof: remoteStartId === undefined ? "idTag" : "remoteStartId",
  ...(isBuffered && { mayBeBuffered: true }),
  atMs,
});

async function setStop({ timers }: AttemptDeps, attempt: AttemptItem, event: AttemptEvent): Promise<void> {
  const { attemptId, stopDueAtMs } = transition(attempt, event) ?? attempt;
  if (stopDueAtMs === undefined || stopDueAtMs === attempt.stopDueAtMs) return;
  try {
    await timers.set("stop", attemptId, stopDueAtMs);
  } catch (error) {
    // the station must be answered; the next read of the attempt or the next connect finds the stop due
    logger.error("no timer for a stop", { attemptId, error: error as Error });
  }
}
