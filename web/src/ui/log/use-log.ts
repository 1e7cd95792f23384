import { useCallback, useEffect, useRef, useState } from "react";
import { fillPage, type Page, type PageRequest } from "../pages.ts";
import { type Entry, emptyLog, type LogState, withHeld, withNewest, withOlder } from "./merge.ts";

/** Within five seconds, as the contract has it, with the request itself. */
const POLL_MS = 3_000;
/** How far down the reader has to be for the list to stand still. */
const READING_PX = 200;
/** Entries between two looks that are still shown without a gap: ten pages. */
const PAGES_TO_CATCH_UP = 10;

const isReading = () => window.scrollY > READING_PX;

/** The communication log, newest first. It follows what is new, and stands still while the reader is further down. */
export function useLog(
  key: readonly unknown[],
  fetchPage: (request: PageRequest) => Promise<Page<Entry>>,
  isPaused: boolean,
) {
  const identity = JSON.stringify(key);
  const [state, setState] = useState<LogState>(emptyLog);
  const [error, setError] = useState<unknown>();
  const [isLoading, setLoading] = useState(true);
  const [isLoadingOlder, setLoadingOlder] = useState(false);
  const latest = useRef({ state, fetchPage, isPaused });
  latest.current = { state, fetchPage, isPaused };

  // biome-ignore lint/correctness/useExhaustiveDependencies: another log begins anew
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isFirst = true;
    const look = async () => {
      try {
        if (isFirst) {
          const page = await fillPage(latest.current.fetchPage, undefined);
          if (isOver) return;
          setState({ shown: page.items, held: [], older: page.nextCursor });
          isFirst = false;
        } else if (!document.hidden) {
          const { shown, held } = latest.current.state;
          const read = await newest(latest.current.fetchPage, [...held, ...shown]);
          if (isOver) return;
          setState((before) => withNewest(before, read, latest.current.isPaused || isReading()));
        }
        setError(undefined);
      } catch (failure) {
        if (!isOver) setError(failure);
      } finally {
        if (!isOver) {
          setLoading(false);
          timer = setTimeout(look, POLL_MS);
        }
      }
    };
    setState(emptyLog);
    setLoading(true);
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [identity]);

  const loadOlder = useCallback(async () => {
    const { older } = latest.current.state;
    if (older === undefined) return;
    setLoadingOlder(true);
    try {
      const page = await fillPage(latest.current.fetchPage, older);
      setState((before) => withOlder(before, page.items, page.nextCursor));
      setError(undefined);
    } catch (failure) {
      setError(failure);
    } finally {
      setLoadingOlder(false);
    }
  }, []);

  return {
    ...state,
    error,
    isLoading,
    isLoadingOlder,
    loadOlder,
    showHeld: useCallback(() => setState(withHeld), []),
  };
}

/** Reads from the newest entry back to one that is known. */
async function newest(
  fetchPage: (request: PageRequest) => Promise<Page<Entry>>,
  known: readonly Entry[],
): Promise<Entry[]> {
  const ids = new Set(known.map(({ entryId }) => entryId));
  const read: Entry[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < PAGES_TO_CATCH_UP; pages++) {
    const page = await fetchPage({ limit: 50, ...(cursor !== undefined && { cursor }) });
    read.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === undefined || ids.size === 0 || page.items.some(({ entryId }) => ids.has(entryId))) break;
  }
  return read;
}
