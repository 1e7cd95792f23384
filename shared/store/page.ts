import { Problem } from "../problems.ts";
import type { Key, ListKey } from "./keys.ts";
import type { ListQuery, Page, Table } from "./table.ts";

/** One page of a list, as a caller asks for it. */
export interface PageRequest<Item> extends Omit<ListQuery, "after" | "limit"> {
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  /** Which items belong on the page. @default all */
  readonly keep?: (item: Item) => boolean;
  /** The length of an item in a response, where items may be long: a page has at most `MAX_PAGE_LENGTH` of it. */
  readonly lengthOf?: (item: Item) => number;
  /** How many items a search looks at; then it ends with what was found so far. @default no limit */
  readonly most?: number;
  /** Asked between two reads: false ends a search with what was found so far. @default always true */
  readonly mayGoOn?: () => boolean;
}

export interface CursorPage<Item> {
  readonly items: Item[];
  readonly nextCursor?: string;
}

/** Lambda returns 6 MB at most, and the response is a text in its JSON. */
export const MAX_PAGE_LENGTH = 3_000_000;

/** How many items one read of a filtered list looks at. */
const FILTERED_READ = 200;

/** The most keys of one BatchGetItem. */
export const AT_ONCE = 100;

/** Reads any number of items, in batches. */
export async function getAll<Item>(table: Table, keys: readonly Key[]): Promise<Item[]> {
  const batches = Array.from({ length: Math.ceil(keys.length / AT_ONCE) }, (_, n) =>
    keys.slice(n * AT_ONCE, (n + 1) * AT_ONCE),
  );
  return (await Promise.all(batches.map((batch) => table.getMany<Item>(batch)))).flat();
}

/** A key as one text. */
export const nameOf = ({ pk, sk }: Key): string => JSON.stringify([pk, sk]);

/**
 * A part of a list. The index holds keys, and is written only when an item enters or leaves the list; the items are
 * read as they are now. An item that is gone while the index still has its entry is left out.
 */
export async function readList<Item>(table: Table, query: ListQuery): Promise<Page<Item & Key & ListKey>> {
  const { items: entries, lastKey } = await table.list(query);
  const found = await getAll<Item & Key>(
    table,
    entries.map(({ pk, sk }) => ({ pk, sk })),
  );
  const byKey = new Map(found.map((item) => [nameOf(item), item]));
  const items = entries.flatMap((entry) => {
    const item = byKey.get(nameOf(entry));
    return item ? [{ ...item, ...entry }] : [];
  });
  return { items, ...(lastKey && { lastKey }) };
}

/**
 * Reads a page of a list. With a filter it reads on until the page is full or the list is at its end; only
 * where `most` or `mayGoOn` forbids that does it end early, with a cursor to go on from.
 *
 * @throws Problem `invalid-request` for a cursor that is not of this list
 */
export async function readPage<Item extends Key & ListKey>(
  table: Table,
  {
    limit,
    cursor,
    keep,
    lengthOf = () => 0,
    most = Infinity,
    mayGoOn = () => true,
    ...query
  }: PageRequest<Item>,
): Promise<CursorPage<Item>> {
  const items: Item[] = [];
  let length = 0;
  let after: Record<string, unknown> | undefined =
    cursor === undefined ? undefined : { ...positionOf(cursor, query) };
  for (let lookedAt = 0; ; ) {
    // one item more than requested shows whether there is a next page
    const wanted = limit + 1 - items.length;
    const page = await readList<Item>(table, {
      ...query,
      limit: keep ? Math.max(wanted, FILTERED_READ) : wanted,
      ...(after && { after }),
    });
    for (const item of keep ? page.items.filter(keep) : page.items) {
      const last = items.at(-1);
      length += lengthOf(item);
      if (last && length > MAX_PAGE_LENGTH) return { items, nextCursor: cursorOf(last) };
      items.push(item);
    }
    const last = items[limit - 1];
    if (items.length > limit && last) return { items: items.slice(0, limit), nextCursor: cursorOf(last) };
    if (!page.lastKey) return { items };
    after = page.lastKey;
    lookedAt += page.items.length;
    if (lookedAt >= most || !mayGoOn())
      return { items, nextCursor: cursorOf(page.lastKey as unknown as Key & ListKey) };
  }
}

/** The cursor behind an item: opaque to callers, and good for any page size. */
export const cursorOf = ({ gsi1pk, gsi1sk, pk, sk }: Key & ListKey): string =>
  Buffer.from(JSON.stringify([gsi1pk, gsi1sk, pk, sk])).toString("base64url");

/**
 * The position that a cursor stands for.
 *
 * @throws Problem `invalid-request` for what was never a cursor, or is one of another list or time span
 */
export function positionOf(
  cursor: string,
  { partition, from, to }: Pick<ListQuery, "partition" | "from" | "to">,
): Key & ListKey {
  const [gsi1pk, gsi1sk, pk, sk] = decode(cursor);
  const isHere =
    gsi1pk === partition &&
    isKey(gsi1sk) &&
    isKey(pk) &&
    isKey(sk) &&
    (from === undefined || compared(gsi1sk, from) >= 0) &&
    (to === undefined || compared(gsi1sk, to) <= 0);
  if (isHere) return { gsi1pk, gsi1sk, pk, sk };
  const errors = [{ parameter: "cursor", detail: "is not a nextCursor of this list" }];
  throw new Problem("invalid-request", "The cursor does not belong to this list.", { errors });
}

/** DynamoDB sorts by the bytes of UTF-8. JavaScript's own order differs for characters beyond U+FFFF. */
export const compared = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Sort keys end at 1024 bytes. */
const isKey = (part: unknown): part is string =>
  typeof part === "string" && part.length > 0 && Buffer.byteLength(part) <= 1024;

function decode(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
