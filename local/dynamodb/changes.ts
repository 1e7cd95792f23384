/** The stream of a table: what its writes changed, image before and after, in the order of the writes. */

import type db from "dynalite/db/index.js";
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
 * Passes on what is written. dynalite holds the lock of an item's key while it updates the indexes with the images
 * before and after and then writes the item: the image before is known without another read.
 */
export function passOnChanges(
  engine: typeof db,
  store: Store,
  watched: Watched,
  pass: (change: ItemChange) => void,
): void {
  const { getItemDb } = store;
  const { updateIndexes } = engine;
  const known = new Set<ItemDb>();
  /** The images before of the writes under way, by table and key. */
  const befores = new Map<string, Item | undefined>();
  const placeOf = (table: string, key: string) => `${table}/${key}`;

  engine.updateIndexes = (of, table, before, after, done) => {
    const item = after ?? before;
    if (of === store && item && table.TableName in watched)
      befores.set(placeOf(table.TableName, engine.createKey(item, table)), before);
    updateIndexes(of, table, before, after, done);
  };
  store.getItemDb = (table) => {
    const items = getItemDb(table);
    const patterns = watched[table];
    if (patterns === undefined || known.has(items)) return items;
    known.add(items);
    const { put, del } = items;
    const write = (key: string, after: Item | undefined, done: (error?: Error) => void) => {
      const place = placeOf(table, key);
      const before = befores.get(place);
      befores.delete(place);
      const written = (error?: Error) => {
        const change = { table, ...(before && { before }), ...(after && { after }) };
        if (!error && patterns.some((pattern) => fits(pattern, change))) pass(change);
        done(error);
      };
      if (after) put(key, after, written);
      else del(key, written);
    };
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
