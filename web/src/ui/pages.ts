import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

const PAGE_SIZE = 50;
/** A filtered page may be empty and still have a successor: so many requests are made for one page here. */
const REQUESTS_PER_PAGE = 5;
const REFRESH_MS = 5_000;

/** Fills a page: a filtered list returns what it found among 2,000, which may be nothing yet. */
export async function fillPage<T>(
  fetchPage: (request: PageRequest) => Promise<Page<T>>,
  cursor: string | undefined,
  limit = PAGE_SIZE,
): Promise<Page<T>> {
  const items: T[] = [];
  let next = cursor;
  for (let requests = 0; requests < REQUESTS_PER_PAGE; requests++) {
    const page = await fetchPage({
      limit: limit - items.length,
      ...(next !== undefined && { cursor: next }),
    });
    items.push(...page.items);
    next = page.nextCursor;
    if (next === undefined || items.length >= limit) break;
  }
  return { items, ...(next !== undefined && { nextCursor: next }) };
}

/** Where the reader is in a list: the cursors of the pages that were seen, and the page that is shown. */
interface Position {
  readonly identity: string;
  readonly cursors: readonly (string | undefined)[];
  readonly place: number;
}

/** The pages of a list of the API. The page that is shown is read again every five seconds. */
export function usePages<T>(
  key: readonly unknown[],
  fetchPage: (request: PageRequest) => Promise<Page<T>>,
  refreshMs = REFRESH_MS,
) {
  const identity = JSON.stringify(key);
  const [position, setPosition] = useState<Position>({ identity, cursors: [undefined], place: 0 });
  // Another list begins at its first page, at once: it refuses the cursors of the former one.
  const { cursors, place } = position.identity === identity ? position : { cursors: [undefined], place: 0 };
  const query = useQuery({
    queryKey: [...key, "page", cursors[place] ?? ""],
    queryFn: () => fillPage(fetchPage, cursors[place]),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  const next = query.data?.nextCursor;
  return {
    ...query,
    items: query.data?.items ?? [],
    pagination: {
      currentPageIndex: place + 1,
      pagesCount:
        Math.max(cursors.length, place + 1) + (next !== undefined && place === cursors.length - 1 ? 1 : 0),
      openEnd: next !== undefined,
      goTo(page: number) {
        if (page - 1 < cursors.length) return setPosition({ identity, cursors, place: page - 1 });
        if (next === undefined || query.isPlaceholderData) return;
        setPosition({ identity, cursors: [...cursors, next], place: cursors.length });
      },
    },
  };
}
