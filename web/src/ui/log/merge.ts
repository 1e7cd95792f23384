import type { Schemas } from "../../api/client.ts";

export type Entry = Schemas["LogEntry"];

export interface LogState {
  /** What is shown, newest first. */
  readonly shown: readonly Entry[];
  /** What arrived while the reader was reading further down: it is shown on demand. */
  readonly held: readonly Entry[];
  /** The cursor of the entries before the oldest one shown. */
  readonly older: string | undefined;
}

export const emptyLog: LogState = { shown: [], held: [], older: undefined };

const newestFirst = (a: Entry, b: Entry): number =>
  a.at === b.at ? b.entryId.localeCompare(a.entryId) : b.at.localeCompare(a.at);

/** An entry that was read again replaces the former one: its answer may have come. */
function updated(entries: readonly Entry[], read: ReadonlyMap<string, Entry>): readonly Entry[] {
  const isChanged = entries.some((entry) => {
    const now = read.get(entry.entryId);
    return now !== undefined && now !== entry;
  });
  return isChanged ? entries.map((entry) => read.get(entry.entryId) ?? entry) : entries;
}

/**
 * Takes in the newest entries.
 *
 * @param isReading whether the reader is further down: then nothing moves, and what is new is held
 */
export function withNewest(state: LogState, read: readonly Entry[], isReading: boolean): LogState {
  const known = new Set([...state.shown, ...state.held].map(({ entryId }) => entryId));
  const fresh = read.filter(({ entryId }) => !known.has(entryId));
  const byId = new Map(read.map((entry) => [entry.entryId, entry]));
  const shown = updated(state.shown, byId);
  const held = updated(state.held, byId);
  if (fresh.length === 0)
    return shown === state.shown && held === state.held ? state : { ...state, shown, held };
  if (isReading) return { ...state, shown, held: [...fresh, ...held].sort(newestFirst) };
  return { ...state, shown: [...fresh, ...held, ...shown].sort(newestFirst), held: [] };
}

export const withOlder = (state: LogState, read: readonly Entry[], older: string | undefined): LogState => {
  const known = new Set(state.shown.map(({ entryId }) => entryId));
  return { ...state, shown: [...state.shown, ...read.filter(({ entryId }) => !known.has(entryId))], older };
};

export const withHeld = (state: LogState): LogState => ({
  ...state,
  shown: [...state.held, ...state.shown],
  held: [],
});
