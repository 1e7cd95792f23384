import { ConditionalCheckFailedException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import db, { type Item, type Store } from "dynalite/db/index.js";
import { operations } from "../../local/dynamodb/server.ts";
import { openTable, type Table } from "../../shared/store/table.ts";

/** A write to the table. */
export interface Written {
  readonly pk: string;
  readonly sk: string;
  /** Whether the condition held; a write whose condition fails is billed, too. */
  readonly applied: boolean;
  /** The item after it, as DynamoDB has it. */
  readonly item: Item;
  readonly bytes: number;
}

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: object;
}
type Failure = Error & { readonly body?: { readonly __type?: string } };
type Done = (error: Error | null, value?: unknown) => void;

const TABLE = {
  TableName: "relay",
  AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
};

/**
 * A table for tests of tens of thousands of requests: dynalite's operations and expressions over a Map, without HTTP,
 * the SDK's client and a LevelDB, which take nine tenths of a request's time. It has no index, so lists are empty, and
 * no Query.
 *
 * @param onWrite called with each write
 */
export function openDirectTable(onWrite: (write: Written) => void): Table {
  const items = new Map<string, Item>();
  const itemDb = {
    // operations run to their end at once
    lock: (_key: string, locked: (release: (done: Done) => Done) => void) => locked((done) => done),
    get: (key: string, done: Done) => done(null, items.get(key)),
    put: (key: string, item: Item, done: Done) => done(null, void items.set(key, item)),
    del: (key: string, done: Done) => done(null, void items.delete(key)),
  };
  const store = {
    options: { maxItemSize: 400 * 1024 },
    getTable: (_name: string, done: Done) => done(null, TABLE),
    getItemDb: () => itemDb,
  } as unknown as Store;

  const send = async ({ constructor: { name }, input }: Command): Promise<object> => {
    const { run, validation } = operations[name.replace("Command", "") as keyof typeof operations];
    // dynalite writes into its input; the SDK's has members that are undefined
    const data = JSON.parse(JSON.stringify(input)) as Record<string, unknown>;
    // parses the expressions
    const invalid = (validation.custom as (data: object, store: Store) => string | undefined)(data, store);
    if (invalid) throw new Error(invalid);
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    run(store, data, (error, answer = {}) => (error ? reject(error) : resolve(answer)));
    if (!/^(Put|Update|Delete)/.test(name)) return promise;
    const key = (data.Key ?? data.Item) as Item;
    const stored = items.get(db.createKey(key, TABLE as never));
    const note = (applied: boolean) => {
      const [pk, sk] = [String(key.pk?.S), String(key.sk?.S)];
      const item = stored ?? {};
      onWrite({ pk, sk, applied, item, bytes: db.itemSize(item) });
    };
    try {
      const answer = await promise;
      note(true);
      return answer;
    } catch (error) {
      const { message, body } = error as Failure;
      if (!body?.__type?.endsWith("ConditionalCheckFailedException")) throw error;
      note(false);
      const Item = stored as never;
      throw new ConditionalCheckFailedException({ message, Item, $metadata: { attempts: 1 } });
    }
  };
  const table = openTable(TABLE.TableName, { send } as unknown as DynamoDBClient);
  return { ...table, list: async () => ({ items: [] }) };
}
