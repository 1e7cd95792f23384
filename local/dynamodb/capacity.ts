import type db from "dynalite/db/index.js";
import type { Item, Request, TableDescription } from "dynalite/db/index.js";
import { addCapacity } from "./operations.ts";

const KB = 1024;
/** Overhead of an item in the table and of one in an index. https://aws.amazon.com/dynamodb/pricing/on-demand/ */
const STORED_OVERHEAD = 100;

/**
 * Counts what DynamoDB bills: a write is a unit for each KB of the larger one of the items before and after, again
 * for each index that has the item (twice where its key in there changes), and a unit at least where its condition
 * fails; a read is a unit for each 4 KB, half of that where it need not be consistent.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
 */
export function countCapacity(engine: typeof db, counters: Int32Array): void {
  const { addConsumedCapacity, checkConditional, itemSize, queryTable, updateIndexes } = engine;
  const sizeOf = (item: Item | undefined) => (item ? itemSize(item) : 0);
  const writes = (...items: (Item | undefined)[]) =>
    Math.max(1, Math.ceil(Math.max(...items.map(sizeOf)) / KB));
  const reads = (bytes: number, { ConsistentRead }: Request) =>
    Math.max(1, Math.ceil(bytes / (4 * KB))) * (ConsistentRead ? 2 : 1);

  engine.addConsumedCapacity = (request, isRead, item, other) => {
    if (isRead) addCapacity(counters, "readHalves", reads(sizeOf(item), request));
    else addCapacity(counters, "writeUnits", writes(item, other));
    return addConsumedCapacity(request, isRead, item, other);
  };
  engine.checkConditional = (request, item) => {
    const refused = checkConditional(request, item);
    if (refused) addCapacity(counters, "writeUnits", writes(item));
    return refused;
  };
  engine.updateIndexes = (store, table, before, after, done) => {
    const stored = sizeOf(after) - sizeOf(before) + STORED_OVERHEAD * (Number(!!after) - Number(!!before));
    let indexed = 0;
    for (const index of table.GlobalSecondaryIndexes ?? []) {
      const [was, is] = [keyIn(index, before), keyIn(index, after)];
      // an index of keys alone is written where the keys change
      if (index.Projection.ProjectionType === "KEYS_ONLY") {
        if (was === is) continue;
        addCapacity(counters, "indexWriteUnits", Number(was !== undefined) + Number(is !== undefined));
        if (is) indexed += Buffer.byteLength(is) + STORED_OVERHEAD;
        if (was) indexed -= Buffer.byteLength(was) + STORED_OVERHEAD;
        continue;
      }
      const moves = was !== undefined && is !== undefined && was !== is;
      if (moves) addCapacity(counters, "indexWriteUnits", writes(before) + writes(after));
      else if (was ?? is)
        addCapacity(
          counters,
          "indexWriteUnits",
          writes(was === undefined ? undefined : before, is === undefined ? undefined : after),
        );
      if (is) indexed += sizeOf(after) + STORED_OVERHEAD;
      if (was) indexed -= sizeOf(before) + STORED_OVERHEAD;
    }
    addCapacity(counters, "storedBytes", stored + indexed);
    addCapacity(counters, "indexBytes", indexed);
    updateIndexes(store, table, before, after, done);
  };
  engine.queryTable = (store, table, request, options, isLocal, fetches, startKeys, done) => {
    const answered: typeof done = (error, answer) => {
      const bytes = (answer?.Items ?? []).reduce((sum, item) => sum + sizeOf(item), 0);
      if (!error) addCapacity(counters, "readHalves", reads(bytes, request));
      done(error, answer);
    };
    queryTable(store, table, request, options, isLocal, fetches, startKeys, answered);
  };
}

type Index = NonNullable<TableDescription["GlobalSecondaryIndexes"]>[number];

/** The item's key in an index; undefined where it is not in there. */
function keyIn(index: Index, item: Item | undefined): string | undefined {
  const values = index.KeySchema.map(({ AttributeName }) => item?.[AttributeName]);
  return values.every((value) => value !== undefined) ? JSON.stringify(values) : undefined;
}
