import { isDeepStrictEqual } from "node:util";
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { type Clock, systemClock } from "../clock.ts";
import { clientSettings } from "../http-client.ts";
import { INDEX, type Key, type ListKey, SEARCH_INDEX, type SearchKey } from "./keys.ts";

/** Names and values of a DynamoDB expression; `#name` and `:value` as in the expression. */
export interface Expression {
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
}

export interface Update extends Expression {
  readonly key: Key;
  readonly update: string;
  readonly condition?: string;
  /** What a successful update returns. @default "NONE" */
  readonly returning?: "NONE" | "ALL_NEW" | "ALL_OLD";
}

/** A page of an index, newest or alphabetically first. */
export interface ListQuery {
  readonly partition: string;
  /** Inclusive bounds on the index's sort key. */
  readonly from?: string;
  readonly to?: string;
  readonly newestFirst?: boolean;
  readonly limit: number;
  /** The last key of the page before. */
  readonly after?: Readonly<Record<string, unknown>>;
}

export interface Page<Item> {
  readonly items: Item[];
  readonly lastKey?: Record<string, unknown>;
}

/** A conditional write whose condition did not hold. */
export class ConditionFailed extends Error {
  override readonly name = "ConditionFailed";
  /** Private, so that it is in no log line: an item may be a station, with the hash of its password. */
  readonly #item: Record<string, unknown> | undefined;
  /**
   * Whether the SDK had sent the write before and got no response. Then it may be the write itself that made the
   * condition fail, and `item` may be what it left.
   */
  readonly isRetried: boolean;

  constructor(
    item: Record<string, unknown> | undefined,
    { isRetried = false, ...options }: ErrorOptions & { readonly isRetried?: boolean } = {},
  ) {
    super("the condition of a write did not hold", options);
    this.#item = item;
    this.isRetried = isRetried;
  }

  /** What stands there instead; undefined where nothing does. */
  get item(): Record<string, unknown> | undefined {
    return this.#item;
  }
}

/**
 * The few things the relay does with DynamoDB; each method is one request. Reading and deleting take any key:
 * ids come from callers, and where DynamoDB cannot have one nothing is there, and nothing is asked.
 */
export interface Table {
  readonly name: string;
  /** Strongly consistent. */
  get<Item>(key: Key): Promise<Item | undefined>;
  /**
   * Strongly consistent; at most 100 keys; what does not exist is missing in the answer. One request, unless
   * DynamoDB leaves some unread.
   *
   * @throws Error where it goes on leaving some
   */
  getMany<Item>(keys: readonly Key[]): Promise<Item[]>;
  /** As `getMany`, of two tables in the same request; the items of both in one list. */
  getManyWith<Item>(keys: readonly Key[], other: Table, otherKeys: readonly Key[]): Promise<Item[]>;
  /**
   * Every item below one partition key, strongly consistent; one request per MB.
   *
   * @param limit the first so many only, in one request
   */
  partition<Item>(pk: string, skPrefix?: string, limit?: number): Promise<Item[]>;
  /**
   * Writes a whole item. A retry of the SDK that finds the very item has written it: no failure.
   *
   * @throws ConditionFailed
   */
  put<Item extends Key>(item: Item, condition?: string, expression?: Expression): Promise<void>;
  /** @throws ConditionFailed */
  update<Item>(update: Update): Promise<Item | undefined>;
  /**
   * Deletes what is there, if anything is.
   *
   * @returns what was there
   * @throws ConditionFailed
   */
  delete<Item>(key: Key, condition?: string, expression?: Expression): Promise<Item | undefined>;
  /** A page of the list index, which holds keys alone. `shared/store/page.ts` reads the items. */
  list(query: ListQuery): Promise<Page<Key & ListKey>>;
  /** As `list`, of the search index. */
  search(query: ListQuery): Promise<Page<Key & SearchKey>>;
}

type Attributes = Record<string, AttributeValue>;

/** The least number that DynamoDB has, and the greatest that the SDK gives back as it was. */
const MIN_SIZE = 1e-130;
const MAX_SIZE = Number.MAX_SAFE_INTEGER;

/**
 * What DynamoDB can store of a value: a station's meter and a caller's price are any JSON number, and one that
 * is beyond what can be stored becomes the nearest that can. A CALLERROR's details are any JSON object: a member
 * without a name gets a blank for one. (How deep they are is the frame's limit, and below DynamoDB's 32 levels.)
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
function storable(value: unknown): unknown {
  if (typeof value === "number") {
    const size = Math.abs(value);
    if (size < MIN_SIZE) return 0;
    return size > MAX_SIZE ? Math.sign(value) * MAX_SIZE : value;
  }
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== "object" || value === null || value instanceof Set) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name || " ", storable(child)]));
}

const hasBytes = (text: string, most: number): boolean => text !== "" && Buffer.byteLength(text) <= most;

/**
 * Whether there can be an item of this key.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const isPossible = ({ pk, sk }: Key): boolean => hasBytes(pk, 2048) && hasBytes(sk, 1024);

const toAttributes = (item: object): Attributes =>
  marshall(storable(item) as object, { removeUndefinedValues: true });
const toItem = <Item>(attributes: Attributes | undefined): Item | undefined =>
  attributes && (unmarshall(attributes) as Item);
const toItems = <Item>(list: readonly Attributes[] = []): Item[] =>
  list.map((attributes) => unmarshall(attributes) as Item);

/** The middleware stack of a command is put together once: a tenth of a request's processor time. */
const environmentClient = (): DynamoDBClient => {
  sharedClient ??= new DynamoDBClient({ ...clientSettings(), maxAttempts: 4, cacheMiddleware: true });
  return sharedClient;
};
/** One for all tables of a function. */
let sharedClient: DynamoDBClient | undefined;

/**
 * The SDK tries again what fails as a whole, but not what BatchGetItem leaves unread, because it is more than one
 * answer can hold, or a partition is at its limit and still is on an immediate retry.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 * So there is a pause, a random one of up to 25 ms, and twice as long for each further answer that brings nothing.
 * Six of those in a row, within 0.8 s, are enough: stations wait for their handshake.
 */
const MAX_FRUITLESS_TRIES = 6;
const longestPauseMs = (inVain: number): number => 25 * 2 ** Math.max(inVain - 1, 0);

export interface Pauses extends Pick<Clock, "sleep"> {
  /** From 0 to 1. */
  random(): number;
}

/**
 * The table over the SDK's client. (Its document client costs another tenth, and forbids the cache.)
 *
 * @param name the table's name
 * @param client for tests; by default one with the environment's region, credentials and endpoint
 * @param pauses for tests
 */
export function openTable(
  name: string,
  client = environmentClient(),
  pauses: Pauses = { sleep: systemClock.sleep, random: Math.random },
): Table {
  /**
   * Throws `ConditionFailed` with the item that failed the condition. DynamoDB returns it on request
   * (ReturnValuesOnConditionCheckFailure); local engines do not, so a missing item is read once.
   */
  const explain = async (error: unknown, key: Key): Promise<never> => {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const { Item } = error;
    // the cause is logged with it
    delete error.Item;
    const item = toItem<Record<string, unknown>>(Item) ?? (await table.get<Record<string, unknown>>(key));
    throw new ConditionFailed(item, { cause: error, isRetried: (error.$metadata.attempts ?? 1) > 1 });
  };

  const query = async <Item>(
    index: string,
    { partition, from, to, newestFirst = false, limit, after }: ListQuery,
  ): Promise<Page<Item>> => {
    const bounds = from !== undefined || to !== undefined;
    const page = await client.send(
      new QueryCommand({
        TableName: name,
        IndexName: index,
        KeyConditionExpression: `${index}pk = :partition${bounds ? ` AND ${index}sk BETWEEN :from AND :to` : ""}`,
        ExpressionAttributeValues: toAttributes({
          ":partition": partition,
          ...(bounds && { ":from": from ?? " ", ":to": to ?? "\u{10ffff}" }),
        }),
        ScanIndexForward: !newestFirst,
        Limit: limit,
        ...(after && { ExclusiveStartKey: toAttributes(after) }),
      }),
    );
    const lastKey = toItem<Record<string, unknown>>(page.LastEvaluatedKey);
    return { items: toItems<Item>(page.Items), ...(lastKey && { lastKey }) };
  };

  const readMany = async <Item>(keys: Readonly<Record<string, readonly Key[]>>): Promise<Item[]> => {
    const items: Item[] = [];
    const total = Object.values(keys).flat().length;
    let wanted = Object.entries(keys).map(
      ([of, some]) => [of, some.filter(isPossible).map(toAttributes)] as const,
    );
    let left = wanted.flatMap(([, some]) => some).length;
    let inVain = 0;
    while (left > 0) {
      const asked = wanted.filter(([, some]) => some.length > 0);
      const { Responses = {}, UnprocessedKeys = {} } = await client.send(
        new BatchGetItemCommand({
          RequestItems: Object.fromEntries(
            asked.map(([of, some]) => [of, { Keys: some, ConsistentRead: true }]),
          ),
        }),
      );
      for (const [of] of asked) items.push(...toItems<Item>(Responses[of]));
      wanted = Object.entries(UnprocessedKeys).map(([of, { Keys = [] }]) => [of, Keys] as const);
      const leftBefore = left;
      left = wanted.flatMap(([, some]) => some).length;
      if (left === 0) break;
      inVain = left < leftBefore ? 0 : inVain + 1;
      if (inVain === MAX_FRUITLESS_TRIES)
        throw new Error(`DynamoDB left ${left} of ${total} keys unread, ${inVain} times`);
      await pauses.sleep(pauses.random() * longestPauseMs(inVain));
    }
    return items;
  };

  const table: Table = {
    name,

    async get<Item>(key: Key) {
      if (!isPossible(key)) return undefined;
      const { Item } = await client.send(
        new GetItemCommand({ TableName: name, Key: toAttributes(key), ConsistentRead: true }),
      );
      return toItem<Item>(Item);
    },

    getMany: (keys) => readMany({ [name]: keys }),
    getManyWith: (keys, other, otherKeys) => readMany({ [name]: keys, [other.name]: otherKeys }),

    async partition<Item>(pk: string, skPrefix?: string, limit?: number) {
      if (!isPossible({ pk, sk: skPrefix || "any" })) return [];
      const items: Item[] = [];
      let after: Attributes | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: name,
            ConsistentRead: true,
            KeyConditionExpression: skPrefix ? "pk = :pk AND begins_with(sk, :sk)" : "pk = :pk",
            ExpressionAttributeValues: toAttributes({ ":pk": pk, ...(skPrefix && { ":sk": skPrefix }) }),
            ExclusiveStartKey: after,
            Limit: limit,
          }),
        );
        items.push(...toItems<Item>(page.Items));
        after = limit === undefined ? page.LastEvaluatedKey : undefined;
      } while (after);
      return items;
    },

    async put(item, condition, expression) {
      const attributes = toAttributes(item);
      try {
        await client
          .send(
            new PutItemCommand({
              TableName: name,
              Item: attributes,
              ...conditional(condition),
              ...names(expression),
            }),
          )
          .catch((error) => explain(error, { pk: item.pk, sk: item.sk }));
      } catch (error) {
        if (!isOwnWrite(error, (stands) => isDeepStrictEqual(stands, toItem(attributes)))) throw error;
      }
    },

    async update<Item>({ key, update, condition, returning = "NONE", ...expression }: Update) {
      const { Attributes } = await client
        .send(
          new UpdateItemCommand({
            TableName: name,
            Key: toAttributes(key),
            UpdateExpression: update,
            ReturnValues: returning,
            ...conditional(condition),
            ...names(expression),
          }),
        )
        .catch((error) => explain(error, key));
      return toItem<Item>(Attributes);
    },

    async delete<Item>(key: Key, condition?: string, expression?: Expression) {
      if (!condition && !isPossible(key)) return undefined;
      const { Attributes } = await client
        .send(
          new DeleteItemCommand({
            TableName: name,
            Key: toAttributes(key),
            ReturnValues: "ALL_OLD",
            ...conditional(condition),
            ...names(expression),
          }),
        )
        .catch((error) => explain(error, key));
      return toItem<Item>(Attributes);
    },

    list: (wanted) => query(INDEX, wanted),
    search: (wanted) => query(SEARCH_INDEX, wanted),
  };
  return table;
}

/**
 * Whether a conditional write failed because the SDK's attempt before had been applied and its response was lost.
 *
 * @param isWritten whether an item is as this write, and no other, leaves it
 */
export function isOwnWrite<Item extends object>(
  error: unknown,
  isWritten: (stands: Item) => boolean,
): error is ConditionFailed {
  return (
    error instanceof ConditionFailed &&
    error.isRetried &&
    error.item !== undefined &&
    isWritten(error.item as Item)
  );
}

/** The end of a conditional write that was allowed to be refused. */
export interface Tried<Item> {
  /** Whether the write was applied, by this request to DynamoDB or by a retry whose response was lost. */
  readonly applied: boolean;
  /** What the write returned; after a refusal the item as it is, undefined if there is none. */
  readonly item: Item | undefined;
}

/**
 * Awaits a conditional write whose refusal is a result, not an error: "nothing to do", or a reason to read on.
 *
 * @param isWritten recognizes an item that this write has left, and no other, see {@link isOwnWrite}
 * @throws every other error of the write
 */
export async function tryWrite<Item extends object>(
  write: Promise<unknown>,
  isWritten: (stands: Item) => boolean = () => false,
): Promise<Tried<Item>> {
  try {
    return { applied: true, item: (await write) as Item | undefined };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return { applied: isOwnWrite(error, isWritten), item: error.item as Item | undefined };
  }
}

const conditional = (condition: string | undefined) =>
  condition && { ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const };

function names({ names, values }: Expression = {}) {
  return {
    ...(names && { ExpressionAttributeNames: { ...names } }),
    ...(values && { ExpressionAttributeValues: toAttributes(values) }),
  };
}
