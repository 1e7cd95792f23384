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
    TableName: string;
    TableStatus: string;
    KeySchema: { AttributeName: string }[];
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
  export interface TableDb {
    put(key: string, table: object, callback: Done): void;
    del(key: string, callback: Done): void;
  }
  type GotTable = (error: Error | null, table?: TableDescription) => void;
  export interface Store {
    db: { open(): Promise<void> };
    tableDb: TableDb;
    getItemDb(table: string): ItemDb;
    /** With `false`: a table that is being created or deleted, too. */
    getTable(name: string, callback: GotTable): void;
    getTable(name: string, checkStatus: false, callback: GotTable): void;
  }
  /** What the parsers of expressions read and write. */
  export interface ExpressionContext {
    attrNames?: Readonly<Record<string, string>>;
    attrVals?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    /** A parser deletes what the expression uses. */
    unusedAttrNames?: Record<string, true>;
    unusedAttrVals?: Record<string, true>;
    isReserved?: (name: string) => boolean;
    compare?: (operator: string, one: unknown, other: unknown) => boolean;
  }
  export interface ExpressionParser {
    /** @returns the parsed expression, or the text of an error */
    parse(expression: string, options: { context: ExpressionContext }): unknown;
  }
  const db: {
    create(options: object): Store;
    checkConditional(
      request: ConditionalRequest,
      item: Item | undefined,
    ): RefusedCondition | null | undefined;
    itemSize(item: Item): number;
    /** The key of an item in its table's store. */
    createKey(item: Item, table: TableDescription): string;
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

declare module "dynalite/db/*Parser.js" {
  const parser: import("dynalite/db/index.js").ExpressionParser;
  export default parser;
}

declare module "dynalite/actions/*" {
  /** @param data the checked request */
  const run: (
    store: import("dynalite/db/index.js").Store,
    data: Record<string, unknown>,
    done: (error: (Error & { statusCode?: number; body?: object }) | null, answer?: object) => void,
  ) => void;
  export default run;
}

declare module "dynalite/validations/index.js" {
  const validations: {
    /** @throws Error with a statusCode and a body */
    checkTypes(data: object, types: Record<string, unknown>): Record<string, unknown>;
    checkValidations(
      data: object,
      types: Record<string, unknown>,
      custom: unknown,
      store: import("dynalite/db/index.js").Store,
    ): void;
  };
  export default validations;
}

declare module "dynalite/validations/*" {
  /** The input members the operation knows; others are dropped. */
  const operation: { types: Record<string, unknown>; custom?: unknown };
  export default operation;
}
