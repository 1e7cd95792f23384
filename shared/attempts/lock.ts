import { Problem } from "../problems.ts";
import { refuseLocked } from "../stations/locks.ts";
import type { StationItem } from "../store/items.ts";
import { type AttemptDeps, apply } from "./store.ts";

/** Fails what is pending where the station, as it stands now, is locked. What was sent goes its way. */
export async function failLocked(deps: AttemptDeps, station: StationItem, now: number): Promise<void> {
  const open = Object.entries(station.openAttempts);
  await Promise.all(
    open.map(async ([attemptId, { evseId, connectorId }]) => {
      const connector =
        evseId !== undefined && connectorId !== undefined ? { evseId, connectorId } : undefined;
      try {
        refuseLocked(station, connector);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        await apply(deps, attemptId, { type: "fail", problem: error.toDetails(), atMs: now });
      }
    }),
  );
}

/** Fails what is pending for a station that was removed. */
export async function failRemoved(deps: AttemptDeps, station: StationItem, now: number): Promise<void> {
  const problem = new Problem(
    "not-found",
    "The station was removed before the remote start was sent.",
  ).toDetails();
  const ids = Object.keys(station.openAttempts);
  await Promise.all(ids.map((attemptId) => apply(deps, attemptId, { type: "fail", problem, atMs: now })));
}
