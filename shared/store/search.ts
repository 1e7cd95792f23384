import type { Key, SearchKey } from "./keys.ts";
import { type CursorPage, cursorOf, positionOf } from "./page.ts";
import type { ListQuery, Table } from "./table.ts";

/** One BatchGetItem. */
const AT_ONCE = 100;

/** How many items one request looks at: twenty Queries of keys, and as many batches. */
export const MAX_SEARCHED = 2000;

export interface SearchRequest extends Omit<ListQuery, "after" | "limit" | "newestFirst"> {
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  /** Asked between two reads: false ends the search with what was found so far. */
  readonly mayGoOn: () => boolean;
}

/**
 * A page of a network's search index, newest first. The index holds keys; the items are read as they are now. A page
 * of few matches ends early, with a cursor.
 *
 * @param rowsOf what the page shows of each item; undefined for an item that does not belong on it
 * @throws Problem `invalid-request` for a cursor that is not of this list
 */
export async function searchPage<Item extends object, Row>(
  table: Table,
  { limit, cursor, mayGoOn, ...query }: SearchRequest,
  rowsOf: (items: readonly Item[]) => Promise<readonly (Row | undefined)[]>,
): Promise<CursorPage<Row>> {
  const rows: Row[] = [];
  let last: SearchPosition | undefined =
    cursor === undefined ? undefined : asSearched(positionOf(cursor, query));
  for (let lookedAt = 0; ; ) {
    const page = await table.search({
      ...query,
      newestFirst: true,
      limit: AT_ONCE,
      ...(last && { after: { ...last } }),
    });
    const read = await table.getMany<Item & Key>(page.items.map(({ pk, sk }) => ({ pk, sk })));
    const byKey = new Map(read.map((item) => [nameOf(item), item]));
    // an entry of the index may outlive its item for a moment
    const found = page.items.flatMap((key) => {
      const item = byKey.get(nameOf(key));
      return item ? [{ key, item }] : [];
    });
    const shown = await rowsOf(found.map(({ item }) => item));
    for (const [place, { key }] of found.entries()) {
      const row = shown[place];
      if (row === undefined) continue;
      if (rows.length === limit && last) return { items: rows, nextCursor: cursorOf(asListed(last)) };
      rows.push(row);
      if (rows.length === limit) last = positionIn(key);
    }
    if (!page.lastKey) return { items: rows };
    lookedAt += page.items.length;
    if (rows.length === limit && last) return { items: rows, nextCursor: cursorOf(asListed(last)) };
    last = positionIn(page.lastKey as unknown as SearchPosition);
    if (lookedAt >= MAX_SEARCHED || !mayGoOn()) return { items: rows, nextCursor: cursorOf(asListed(last)) };
  }
}

/** Reads any number of items, in batches. */
export async function getAll<Item>(table: Table, keys: readonly Key[]): Promise<Item[]> {
  const batches = Array.from({ length: Math.ceil(keys.length / AT_ONCE) }, (_, n) =>
    keys.slice(n * AT_ONCE, (n + 1) * AT_ONCE),
  );
  return (await Promise.all(batches.map((batch) => table.getMany<Item>(batch)))).flat();
}

type SearchPosition = Key & SearchKey;

const nameOf = ({ pk, sk }: Key): string => JSON.stringify([pk, sk]);
const positionIn = ({ pk, sk, gsi2pk, gsi2sk }: SearchPosition) => ({ pk, sk, gsi2pk, gsi2sk });
/** Cursors of both indexes have one form; the partition in them distinguishes them. */
const asListed = ({ pk, sk, gsi2pk, gsi2sk }: SearchPosition) => ({ pk, sk, gsi1pk: gsi2pk, gsi1sk: gsi2sk });
const asSearched = ({ pk, sk, gsi1pk, gsi1sk }: ReturnType<typeof positionOf>): SearchPosition => ({
  ...{ pk, sk },
  gsi2pk: gsi1pk,
  gsi2sk: gsi1sk,
});
