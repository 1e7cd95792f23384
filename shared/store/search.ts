import type { Key, SearchKey } from "./keys.ts";
import { AT_ONCE, type CursorPage, compared, cursorOf, MAX_PAGE_LENGTH, nameOf, positionOf } from "./page.ts";
import type { ListQuery, Table } from "./table.ts";

/** How many items one request looks at: twenty Queries of keys, and as many batches. */
export const MAX_SEARCHED = 2000;

export interface SearchRequest<Item> extends Pick<ListQuery, "from" | "to"> {
  /** The partitions of the index that the list consists of. */
  readonly partitions: readonly string[];
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  /** Asked between two reads: false ends the search with what was found so far. */
  readonly mayGoOn: () => boolean;
  /** The length of an item in a response, where items may be long: a page has at most `MAX_PAGE_LENGTH` of it. */
  readonly lengthOf?: (item: Item) => number;
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
  { limit, cursor, mayGoOn, lengthOf = () => 0, ...query }: SearchRequest<Item>,
  rowsOf: (items: readonly Item[]) => Promise<readonly (Row | undefined)[]>,
): Promise<CursorPage<Row>> {
  const rows: Row[] = [];
  let length = 0;
  let lastShown: SearchPosition | undefined;
  const entries = newestOf(table, query, cursor);
  for (let lookedAt = 0; ; ) {
    const { keys, isLast } = await entries.next();
    const read = await table.getMany<Item & Key>(keys.map(({ pk, sk }) => ({ pk, sk })));
    const byKey = new Map(read.map((item) => [nameOf(item), item]));
    // an entry of the index may outlive its item for a moment
    const found = keys.flatMap((key) => {
      const item = byKey.get(nameOf(key));
      return item ? [{ key, item }] : [];
    });
    const shown = await rowsOf(found.map(({ item }) => item));
    for (const [place, { key, item }] of found.entries()) {
      const row = shown[place];
      if (row === undefined) continue;
      length += lengthOf(item);
      // one row more than requested shows whether there is a next page
      const isFull = rows.length === limit || length > MAX_PAGE_LENGTH;
      if (isFull && lastShown) return { items: rows, nextCursor: cursorIn(query, lastShown) };
      rows.push(row);
      lastShown = key;
    }
    const last = rows.length === limit ? lastShown : keys.at(-1);
    if (isLast || !last) return { items: rows };
    lookedAt += keys.length;
    if (rows.length === limit || lookedAt >= MAX_SEARCHED || !mayGoOn())
      return { items: rows, nextCursor: cursorIn(query, last) };
  }
}

/** The entries of several partitions in one order, newest first, up to a hundred at a time. */
function newestOf(
  table: Table,
  { partitions, ...span }: Pick<SearchRequest<unknown>, "partitions" | "from" | "to">,
  cursor: string | undefined,
): { next(): Promise<{ readonly keys: readonly SearchPosition[]; readonly isLast: boolean }> } {
  const before = cursor === undefined ? undefined : positionIn(cursor, { partitions, ...span });
  const parts = partitions.map((partition) => new Part(table, { ...span, partition }, before));
  return {
    async next() {
      await Promise.all(parts.map((part) => part.fill(Math.ceil((2 * AT_ONCE) / (parts.length + 1)))));
      const keys: SearchPosition[] = [];
      // once a part has nothing left in memory, its next entry may be the newest of all
      while (keys.length < AT_ONCE && parts.every((part) => part.isAtEnd || part.newest)) {
        const newest = parts.reduce((one, other) => (isNewer(other.newest, one.newest) ? other : one));
        const key = newest.take();
        if (!key) break;
        keys.push(key);
      }
      return { keys, isLast: parts.every((part) => part.isAtEnd && !part.newest) };
    },
  };
}

const isNewer = (one: SearchPosition | undefined, other: SearchPosition | undefined): boolean =>
  one !== undefined && (other === undefined || compared(one.gsi2sk, other.gsi2sk) > 0);

/** One partition, read from its newest entry on. */
class Part {
  isAtEnd = false;
  readonly #table: Table;
  readonly #query: Omit<ListQuery, "limit">;
  readonly #before: string | undefined;
  #entries: SearchPosition[] = [];
  #after: Record<string, unknown> | undefined;

  /** @param before sort key of the last entry of the page before; no two entries of a list have the same */
  constructor(table: Table, query: Pick<ListQuery, "partition" | "from" | "to">, before: string | undefined) {
    this.#table = table;
    this.#query = { ...query, newestFirst: true, ...(before !== undefined && { to: before }) };
    this.#before = before;
  }

  get newest(): SearchPosition | undefined {
    return this.#entries[0];
  }

  take(): SearchPosition | undefined {
    return this.#entries.shift();
  }

  async fill(limit: number): Promise<void> {
    while (!this.isAtEnd && this.#entries.length === 0) {
      const page = await this.#table.search({
        ...this.#query,
        limit,
        ...(this.#after && { after: this.#after }),
      });
      this.#entries = page.items.filter(({ gsi2sk }) => gsi2sk !== this.#before);
      this.#after = page.lastKey;
      this.isAtEnd = page.lastKey === undefined;
    }
  }
}

type SearchPosition = Key & SearchKey;

/** Cursors of both indexes have one form. The first partition stands for the whole list. */
const cursorIn = (
  { partitions: [gsi1pk = ""] }: Pick<SearchRequest<unknown>, "partitions">,
  last: SearchPosition,
): string => cursorOf({ pk: last.pk, sk: last.sk, gsi1pk, gsi1sk: last.gsi2sk });

const positionIn = (
  cursor: string,
  { partitions: [partition = ""], ...span }: Pick<SearchRequest<unknown>, "partitions" | "from" | "to">,
): string => positionOf(cursor, { partition, ...span }).gsi1sk;
