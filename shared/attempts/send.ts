import { v5 } from "uuid";
import { readExchange } from "../calls/exchange.ts";
import type { ConnectedStation } from "../calls/wait-for-lane.ts";
import { dryRunOn, execute } from "../commands/execute.ts";
import { isRetriedByLambda, Obsolete, settle } from "../commands/outcome.ts";
import { type CommandDeps, systemRun } from "../commands/request.ts";
import { releaseSlot } from "../limits/semaphore.ts";
import { addLogKeys, type LogKeys, withLogKeys } from "../logger.ts";
import { Problem } from "../problems.ts";
import { refuseLocked } from "../stations/locks.ts";
import type { AttemptItem, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { type AttemptEvent, asOf, wantsStop } from "./attempt.ts";
import type { CreateDeps } from "./create.ts";
import type { AttemptJob } from "./jobs.ts";
import { startInputOf } from "./start-input.ts";
import { apply, readAttempt } from "./store.ts";

export type SendDeps = CommandDeps & CreateDeps;

/**
 * How long a command with a slot waits for the lane and the answer, from the request on: as long as other commands.
 */
const WITH_SLOT_MS = 25_000;

/** What must be left of that for a try; a Lambda that was started anew comes later, when the slot has gone. */
const LEAST_WITH_SLOT_MS = 5_000;

/** How long the system itself waits: the function has 60 s. */
const WITHOUT_SLOT_MS = 50_000;

/**
 * As often it stands in line again before it is given up: about eight minutes. Each time the function invokes
 * itself, which Lambda puts an end to after 16 times (to the dead-letter queue), so there is no room for many more.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
const MAX_TRIES = 10;

/** Does one job. Safe to be done twice or in part: what went out is known by its exchange. */
export async function runAttemptJob(deps: SendDeps, job: AttemptJob): Promise<void> {
  switch (job.job) {
    case "start":
      return withLogKeys(keysOf(job), () => start(deps, job));
    case "stop":
      return withLogKeys(keysOf(job), () => stop(deps, job));
    case "resume":
      return resume(deps, job.cpId);
  }
}

/** One after a reconnect does several at once: each has keys of its own. */
const keysOf = ({ attemptId }: { readonly attemptId: string }): LogKeys => ({
  attemptId,
  commandId: attemptId,
});

/**
 * Sends the start CALL. Its message id is the attempt's, so the conditional write of the exchange sends it only once,
 * even if several functions try.
 */
async function start(deps: SendDeps, job: AttemptJob & { job: "start" }): Promise<void> {
  const { attemptId, slotOf } = job;
  try {
    await tryStart(deps, job);
  } finally {
    if (slotOf) await releaseSlot(deps.table, slotOf, attemptId);
  }
}

async function tryStart(deps: SendDeps, job: AttemptJob & { job: "start" }): Promise<void> {
  const { table, clock } = deps;
  const { attemptId, slotOf, tries = 0 } = job;
  const attempt = await readAttempt(table, attemptId);
  if (!attempt || !mayGoOut(asOf(attempt, clock.now()))) return;
  const applyNow = (event: Event) => apply(deps, attemptId, { ...event, atMs: clock.now() });

  const { cpId, networkId, requestedBy } = attempt;
  const input = startInputOf(attempt);
  const heldUntil = attempt.createdAtMs + WITH_SLOT_MS;
  const deadlineMs =
    slotOf && clock.now() + LEAST_WITH_SLOT_MS < heldUntil ? heldUntil : clock.now() + WITHOUT_SLOT_MS;
  const run = systemRun(deps, "remoteStart", {
    commandId: attemptId,
    cpId,
    networkId,
    deadlineMs,
    requestedBy,
  });
  let sendingAtMs: number | undefined;
  const takeBack = async () => {
    if (sendingAtMs !== undefined) await applyNow({ type: "notSent", sendingAtMs });
  };
  try {
    const request = { name: "remoteStart", input, cpId, networks: run.networks } as const;
    const beforeSending = async (station: ConnectedStation) => {
      refuseLocked(station, input.connector);
      await dryRunOn(station, { name: "remoteStart", input, run });
      if (await wentOut(deps, attempt)) throw new Obsolete(attemptId);
      sendingAtMs = clock.now();
      const { connectionId } = station.connection;
      const { applied } = await apply(deps, attemptId, { type: "sending", connectionId, atMs: sendingAtMs });
      if (!applied) throw new Obsolete(attemptId);
    };
    const isRetried = (error: unknown) => isLeftToAnother(error, tries) || waitsForStation(error);
    const { status } = settle("remoteStart", await execute(deps, request, run, { beforeSending }), isRetried);
    if (status !== undefined) await applyNow({ type: "answered", status });
  } catch (error) {
    if (error instanceof Obsolete) return;
    if (!(error instanceof Problem)) throw error;
    switch (error.slug) {
      case "station-timeout":
      case "connection-lost":
      case "invalid-station-answer":
        return; // it stays sent; a reader finds the problem with its exchange
      case "message-id-reused":
        return; // sent by another run of the same job
      case "station-call-error":
        await applyNow({ type: "callError", problem: error.toDetails() });
        return;
      case "station-not-connected":
        await takeBack();
        // past the limit it stays pending: the next $connect starts a chain of its own
        if (tries < MAX_TRIES && (await isConnected(deps, cpId)))
          await deps.runInBackground({ job: "start", attemptId, tries: tries + 1 });
        return;
      case "station-busy":
      case "internal":
        await takeBack();
        if (isTriedAgain(error, tries))
          return deps.runInBackground({ job: "start", attemptId, tries: tries + 1 });
    }
    await applyNow({ type: "fail", problem: error.toDetails() });
  }
}

/** Whether it stands in line again. */
const isTriedAgain = ({ slug }: Problem, tries: number): boolean =>
  (slug === "station-busy" || slug === "internal") && tries < MAX_TRIES;

/** Whether the command has not come to its end: another run of the same job sends it, or has. */
const isLeftToAnother = (error: unknown, tries: number): boolean =>
  error instanceof Problem
    ? error.slug === "message-id-reused" || isTriedAgain(error, tries)
    : isRetriedByLambda(error);

const waitsForStation = (error: unknown): boolean =>
  error instanceof Problem && error.slug === "station-not-connected";

/** Whether its CALL was stored as one that goes out; one that failed was never sent. */
async function wentOut({ table }: SendDeps, { cpId, attemptId }: AttemptItem): Promise<boolean> {
  const exchange = await readExchange(table, cpId, attemptId);
  return exchange !== undefined && exchange.state !== "failed";
}

/** An attempt that is sent already, and yet here again, may be one whose process died before it sent it. */
const mayGoOut = ({ state }: AttemptItem): boolean => state === "pending" || state === "sent";

/** An event without its time. */
type Event = AttemptEvent extends infer One ? (One extends AttemptEvent ? Omit<One, "atMs"> : never) : never;

/**
 * Sends the stop CALL of a charge whose time is up. Its message id follows from the attempt and the
 * connection: one stop for each connection until one is answered.
 */
async function stop(deps: SendDeps, job: AttemptJob & { job: "stop" }): Promise<void> {
  const { table, clock } = deps;
  const { attemptId, tries = 0 } = job;
  const attempt = await readAttempt(table, attemptId);
  if (!attempt?.transactionId || !wantsStop(attempt, clock.now())) return;
  const { cpId, networkId, requestedBy, transactionId, stopRound = 0 } = attempt;
  const applyNow = (event: Event) => apply(deps, attemptId, { ...event, atMs: clock.now() });
  await applyNow({ type: "stopDue" });
  const station = await table.get<StationItem>(stationKey(cpId));
  if (!station?.connection) return;
  const run = systemRun(deps, "remoteStop", {
    commandId: v5(`${station.connection.connectionId}${stopRound || ""}`, attemptId),
    cpId,
    networkId,
    requestedBy,
    deadlineMs: clock.now() + WITHOUT_SLOT_MS,
  });
  addLogKeys({ commandId: run.commandId });
  let sentAtMs = clock.now();
  try {
    const request = { name: "remoteStop", input: { transactionId }, cpId, networks: run.networks } as const;
    const beforeSending = async () => {
      sentAtMs = clock.now();
      if (!(await applyNow({ type: "stopDue" })).applied) throw new Obsolete(attemptId);
    };
    const isRetried = (error: unknown) => isLeftToAnother(error, tries);
    const { status } = settle("remoteStop", await execute(deps, request, run, { beforeSending }), isRetried);
    if (status !== undefined) await applyNow({ type: "stopAnswered", status, sentAtMs });
  } catch (error) {
    if (error instanceof Obsolete) return;
    if (!(error instanceof Problem)) throw error;
    switch (error.slug) {
      case "message-id-reused":
        return;
      case "station-call-error":
        await applyNow({
          type: "stopAnswered",
          status: "Rejected",
          sentAtMs,
          problem: error.toDetails(),
        });
        return;
      case "station-busy":
      case "internal":
        if (isTriedAgain(error, tries))
          return deps.runInBackground({ job: "stop", attemptId, tries: tries + 1 });
    }
    await applyNow({ type: "stopUnanswered", problem: error.toDetails() });
  }
}

async function resume(deps: SendDeps, cpId: string): Promise<void> {
  const station = await deps.table.get<StationItem>(stationKey(cpId));
  if (!station?.connection) return;
  // the order of a map in DynamoDB is undefined; the oldest attempt comes first
  const oldestFirst = Object.entries(station.openAttempts).sort(
    ([, a], [, b]) => a.createdAtMs - b.createdAtMs,
  );
  await Promise.all(
    oldestFirst.flatMap(([attemptId]) => [
      runAttemptJob(deps, { job: "start", attemptId }),
      runAttemptJob(deps, { job: "stop", attemptId }),
    ]),
  );
}

async function isConnected({ table }: SendDeps, cpId: string): Promise<boolean> {
  return (await table.get<StationItem>(stationKey(cpId)))?.connection !== undefined;
}
