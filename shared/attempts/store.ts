import { requestIdOf } from "../calls/ids.ts";
import { logger } from "../logger.ts";
import { attemptStates, count } from "../metrics.ts";
import { mayRead, type Reader } from "../networks/reader.ts";
import { notFound } from "../problems.ts";
import type { AttemptItem, AttemptState, OpenAttempt } from "../store/items.ts";
import { attemptKey, stationKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { type AttemptEvent, isRunning, transition } from "./attempt.ts";
import type { TimerName, Timers } from "./timers.ts";

export interface AttemptDeps {
  readonly table: Table;
  readonly timers: Timers;
}

export const readAttempt = (table: Table, attemptId: string): Promise<AttemptItem | undefined> =>
  table.get<AttemptItem>(attemptKey(attemptId));

/**
 * An attempt that the caller may read.
 *
 * @throws Problem `not-found`
 */
export async function findAttempt(table: Table, attemptId: string, reader: Reader): Promise<AttemptItem> {
  const attempt = await readAttempt(table, attemptId);
  if (!attempt || !mayRead(reader, attempt)) throw notFound("remote start attempt");
  return attempt;
}

/** What became of an event: `applied` also where it came before; `attempt` as it stands now. */
export interface Applied {
  readonly applied: boolean;
  readonly attempt: AttemptItem | undefined;
}

/**
 * Applies an event to an attempt: reads it, asks the state machine, and writes unless the attempt has changed in
 * between. Then does what follows from the new state. All of that may be repeated, and nothing is lost if the process
 * dies before it: a timer that fires without need finds nothing to do.
 *
 * @param seen the attempt, if it has just been read
 */
export async function apply(
  { table, timers }: AttemptDeps,
  attemptId: string,
  event: AttemptEvent,
  seen?: AttemptItem,
): Promise<Applied> {
  let stored = seen ?? (await readAttempt(table, attemptId));
  while (stored) {
    const next = transition(stored, event);
    if (next === undefined) return { applied: false, attempt: stored };
    if (next === stored) return { applied: true, attempt: stored };
    const written = { ...next, version: stored.version + 1 };
    const { applied, item } = await tryWrite<AttemptItem>(
      table.put({ ...attemptKey(attemptId), ...written }, "#version = :version", {
        names: { "#version": "version" },
        values: { ":version": stored.version },
      }),
    );
    if (applied) {
      note(stored, written);
      await follow({ table, timers }, stored, written);
      return { applied, attempt: written };
    }
    stored = item;
  }
  return { applied: false, attempt: undefined };
}

const COUNTED: ReadonlySet<AttemptState> = new Set(attemptStates);

function note(before: AttemptItem, { attemptId, cpId, state }: AttemptItem): void {
  if (before.state === state) return;
  if (COUNTED.has(state)) count("attempts", { state });
  logger.info("attempt", { commandId: attemptId, attemptId, cpId, from: before.state, state });
}

/** Deletes timers that are not needed any more, and updates the attempt on the station's item. */
async function follow(
  { table, timers }: AttemptDeps,
  before: AttemptItem,
  after: AttemptItem,
): Promise<void> {
  if (before.state === after.state) return;
  const { attemptId, cpId, state, validUntilMs, sentAtMs, transactionId, stopDueAtMs } = after;
  const clear = (name: TimerName, atMs: number) => tidy(timers.clear(name, attemptId, atMs));
  switch (state) {
    case "rejected":
    case "cancelled":
    case "failed":
      await Promise.all([close(table, cpId, attemptId), clear("expire", validUntilMs)]);
      return;
    case "expired":
      // one that was sent may still turn out to have started
      if (sentAtMs === undefined) await close(table, cpId, attemptId);
      return;
    case "started":
      if (isRunning(before)) return;
      await Promise.all([
        markStarted(table, cpId, attemptId, { transactionId: transactionId as string, stopDueAtMs }),
        clear("expire", validUntilMs),
      ]);
      return;
    case "stopped":
      await Promise.all([
        close(table, cpId, attemptId),
        ...(stopDueAtMs === undefined ? [] : [clear("stop", stopDueAtMs)]),
      ]);
  }
}

/** A timer that stays behind fires for nothing: no reason to fail what has been done. */
async function tidy(cleared: Promise<void>): Promise<void> {
  try {
    await cleared;
  } catch (error) {
    logger.warn("a timer was not taken back", { error: error as Error });
  }
}

/** The station carries the attempt no more. */
async function close(table: Table, cpId: string, attemptId: string): Promise<void> {
  await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: "REMOVE openAttempts.#id",
      condition: "attribute_exists(openAttempts.#id)",
      names: { "#id": attemptId },
    }),
  );
}

async function markStarted(
  table: Table,
  cpId: string,
  attemptId: string,
  { transactionId, stopDueAtMs }: { transactionId: string; stopDueAtMs: number | undefined },
): Promise<void> {
  const due = stopDueAtMs !== undefined;
  await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: `SET openAttempts.#id.transactionId = :transactionId${due ? ", openAttempts.#id.stopDueAtMs = :due" : ""}`,
      condition: "attribute_exists(openAttempts.#id)",
      names: { "#id": attemptId },
      values: { ":transactionId": transactionId, ...(due && { ":due": stopDueAtMs }) },
    }),
  );
}

export const openAttemptOf = (attempt: AttemptItem): OpenAttempt => {
  const { attemptId, idTag, evseId, connectorId, createdAtMs, validUntilMs } = attempt;
  return {
    idTag,
    ...(evseId !== undefined && { evseId }),
    ...(connectorId !== undefined && { connectorId }),
    remoteStartId: requestIdOf(attemptId),
    createdAtMs,
    validUntilMs,
  };
};
