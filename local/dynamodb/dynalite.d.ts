/** dynalite 4 ships no types; these are the parts the worker touches. */

declare module "dynalite" {
  import type { Server } from "node:http";
  export default function dynalite(options: { path?: string; createTableMs?: number }): Server;
}

declare module "dynalite/db/index.js" {
  interface RefusedCondition extends Error {
    body: Record<string, unknown>;
  }
  interface ConditionalRequest {
    ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
  }
  export interface Request {
    ConsistentRead?: boolean;
  }
  export interface TableDescription {
    GlobalSecondaryIndexes?: {
      IndexName: string;
      KeySchema: { AttributeName: string }[];
      Projection: { ProjectionType: string };
    }[];
  }
  export type Item = Record<string, Record<string, unknown>>;
  type Done = (error?: Error) => void;
  export interface ItemDb {
    get(key: string, callback: (error: Error | null, item?: Item) => void): void;
    put(key: string, item: Item, callback: Done): void;
    del(key: string, callback: Done): void;
  }
  export interface Store {
    db: { open(): Promise<void> };
    getItemDb(table: string): ItemDb;
  }
  const db: {
    create(options: object): Store;
    checkConditional(
      request: ConditionalRequest,
      item: Item | undefined,
    ): RefusedCondition | null | undefined;
    itemSize(item: Item): number;
    /** Of reads: the item. Of writes: the items before and after. */
    addConsumedCapacity(request: Request, isRead: boolean, item?: Item, other?: Item): unknown;
    updateIndexes(
      store: Store,
      table: TableDescription,
      before: Item | undefined,
      after: Item | undefined,
      done: Done,
    ): void;
    queryTable(
      store: Store,
      table: TableDescription,
      request: Request,
      options: object,
      isLocal: boolean,
      fetches: boolean,
      startKeys: string[],
      done: (error: Error | null, answer?: { Items?: Item[] }) => void,
    ): void;
  };
  export default db;
}

declare module "dynalite/validations/*" {
  /** The input members the operation knows; others are dropped. */
  const operation: { types: Record<string, unknown> };
  export default operation;
}
