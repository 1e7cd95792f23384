/** The stream of a table: what its writes changed, image before and after, in the order of the writes. */

import type { Item, ItemDb, Store } from "dynalite/db/index.js";

/** A change of an item as DynamoDB spells items; the image that is not there is absent. */
export interface ItemChange {
  readonly table: string;
  readonly before?: Item;
  readonly after?: Item;
}

/** What an event source's pattern asks of the keys: `{pk: {S: [{prefix: "CALL#"}]}}`. */
type KeyPattern = Readonly<Record<string, { readonly S: readonly (string | { readonly prefix: string })[] }>>;

/** What a pattern asks of the new image: attributes that are there, `{completedAtMs: {N: [{exists: true}]}}`. */
type ImagePattern = Readonly<Record<string, Readonly<Record<string, readonly [{ readonly exists: true }]>>>>;

/** An event source's pattern, as far as it asks for keys, the kind of change, and attributes that are there. */
export interface ChangePattern {
  /** @default all */
  readonly eventName?: readonly string[];
  readonly dynamodb: { readonly Keys: KeyPattern; readonly NewImage?: ImagePattern };
}

/** Which changes are reported, by table: those that fit one of the patterns. */
export type Watched = Readonly<Record<string, readonly ChangePattern[]>>;

/**
 * Passes on what is written. dynalite writes an item while it holds the lock of its key, so a read right before the
 * write returns the old image.
 */
export function passOnChanges(store: Store, watched: Watched, pass: (change: ItemChange) => void): void {
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
        const written = (error?: Error) => {
          const change = { table, ...(before && { before }), ...(after && { after }) };
          if (!error && patterns.some((pattern) => fits(pattern, change))) pass(change);
          done(error);
        };
        if (after) put(key, after, written);
        else del(key, written);
      });
    items.put = write;
    items.del = (key, done) => write(key, undefined, done);
    return items;
  };
}

export const eventNameOf = ({ before, after }: ItemChange): "INSERT" | "MODIFY" | "REMOVE" =>
  before ? (after ? "MODIFY" : "REMOVE") : "INSERT";

export function fits({ eventName, dynamodb }: ChangePattern, change: ItemChange): boolean {
  const item = change.after ?? change.before;
  if (item === undefined || (eventName && !eventName.includes(eventNameOf(change)))) return false;
  const isComplete = Object.entries(dynamodb.NewImage ?? {}).every(([name, types]) =>
    Object.keys(types).every((type) => Object.hasOwn(change.after?.[name] ?? {}, type)),
  );
  if (!isComplete) return false;
  return Object.entries(dynamodb.Keys).every(([name, { S: options }]) => {
    const text = String(item[name]?.S);
    return options.some((option) =>
      typeof option === "string" ? text === option : text.startsWith(option.prefix),
    );
  });
}
