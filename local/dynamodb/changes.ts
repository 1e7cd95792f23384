/** The stream of a table: what its writes changed, image before and after, in the order of the writes. */

import type { Item, ItemDb, Store } from "dynalite/db/index.js";

/** A change of an item as DynamoDB spells items; the image that is not there is absent. */
export interface ItemChange {
  readonly table: string;
  readonly before?: Item;
  readonly after?: Item;
}

/** An event source's pattern, as far as it asks for keys: `{pk: {S: [{prefix: "CALL#"}]}}`. */
export type KeyPattern = Readonly<
  Record<string, { readonly S: readonly (string | { readonly prefix: string })[] }>
>;

/** Which changes are told, by table: those whose keys fit one of the patterns. */
export type Watched = Readonly<Record<string, readonly KeyPattern[]>>;

/**
 * Tells what is written. dynalite writes an item while it holds the lock of its key, so that what is read just
 * before is the image before.
 */
export function tellChanges(store: Store, watched: Watched, tell: (change: ItemChange) => void): void {
  const { getItemDb } = store;
  const known = new Set<ItemDb>();
  store.getItemDb = (table) => {
    const items = getItemDb(table);
    const patterns = watched[table];
    if (patterns === undefined || known.has(items)) return items;
    known.add(items);
    const { put, del } = items;
    const write = (key: string, after: Item | undefined, done: (error?: Error) => void) =>
      items.get(key, (_, before) => {
        const told = (error?: Error) => {
          const isWatched = !error && patterns.some((pattern) => fits(pattern, after ?? before));
          if (isWatched) tell({ table, ...(before && { before }), ...(after && { after }) });
          done(error);
        };
        if (after) put(key, after, told);
        else del(key, told);
      });
    items.put = write;
    items.del = (key, done) => write(key, undefined, done);
    return items;
  };
}

export const fits = (pattern: KeyPattern, item: Item | undefined): boolean =>
  item !== undefined &&
  Object.entries(pattern).every(([name, { S: options }]) => {
    const text = String(item[name]?.S);
    return options.some((option) =>
      typeof option === "string" ? text === option : text.startsWith(option.prefix),
    );
  });
