import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { INDEX, type Key } from "./keys.ts";

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

/** A page of the list index, newest or alphabetically first. */
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

/**
 * A conditional write whose condition did not hold. `item` is what stands there instead, undefined where
 * nothing does.
 */
export class ConditionFailed extends Error {
  readonly item: Record<string, unknown> | undefined;

  constructor(item: Record<string, unknown> | undefined, options?: ErrorOptions) {
    super("the condition of a write did not hold", options);
    this.name = "ConditionFailed";
    this.item = item;
  }
}

/** The few things the relay does with DynamoDB; each method is one request. */
export interface Table {
  /** Strongly consistent. */
  get<Item>(key: Key): Promise<Item | undefined>;
  /** Strongly consistent; at most 100 keys; what does not exist is missing in the answer. */
  getMany<Item>(keys: readonly Key[]): Promise<Item[]>;
  /** Every item below one partition key, strongly consistent; one request per MB. */
  partition<Item>(pk: string, skPrefix?: string): Promise<Item[]>;
  /** @throws ConditionFailed */
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
  list<Item>(query: ListQuery): Promise<Page<Item>>;
}

/**
 * The table over the document client.
 *
 * @param name the table's name
 * @param client for tests; by default one with the environment's region, credentials and endpoint
 */
export function openTable(name: string, client = new DynamoDBClient({ maxAttempts: 4 })): Table {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

  /**
   * Tells why a condition failed. DynamoDB sends the item along on request
   * (ReturnValuesOnConditionCheckFailure); local engines ignore that, so an absent item is looked up once.
   */
  const explain = async (error: unknown, key: Key): Promise<never> => {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const item = error.Item
      ? (await import("@aws-sdk/util-dynamodb")).unmarshall(error.Item)
      : await table.get<Record<string, unknown>>(key);
    throw new ConditionFailed(item, { cause: error });
  };

  const table: Table = {
    async get<Item>(key: Key) {
      const { Item } = await documents.send(
        new GetCommand({ TableName: name, Key: key, ConsistentRead: true }),
      );
      return Item as Item | undefined;
    },

    async getMany<Item>(keys: readonly Key[]) {
      const items: Item[] = [];
      let wanted: Key[] = [...keys];
      while (wanted.length > 0) {
        const { Responses, UnprocessedKeys } = await documents.send(
          new BatchGetCommand({ RequestItems: { [name]: { Keys: wanted, ConsistentRead: true } } }),
        );
        items.push(...((Responses?.[name] ?? []) as Item[]));
        wanted = (UnprocessedKeys?.[name]?.Keys ?? []) as Key[];
      }
      return items;
    },

    async partition<Item>(pk: string, skPrefix?: string) {
      const items: Item[] = [];
      let after: Record<string, unknown> | undefined;
      do {
        const page = await documents.send(
          new QueryCommand({
            TableName: name,
            ConsistentRead: true,
            KeyConditionExpression: skPrefix ? "pk = :pk AND begins_with(sk, :sk)" : "pk = :pk",
            ExpressionAttributeValues: { ":pk": pk, ...(skPrefix && { ":sk": skPrefix }) },
            ...(after && { ExclusiveStartKey: after }),
          }),
        );
        items.push(...((page.Items ?? []) as Item[]));
        after = page.LastEvaluatedKey;
      } while (after);
      return items;
    },

    async put(item, condition, expression) {
      await documents
        .send(
          new PutCommand({
            TableName: name,
            Item: item,
            ...(condition && {
              ConditionExpression: condition,
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            }),
            ...names(expression),
          }),
        )
        .catch((error) => explain(error, { pk: item.pk, sk: item.sk }));
    },

    async update<Item>({ key, update, condition, returning = "NONE", ...expression }: Update) {
      const result = await documents
        .send(
          new UpdateCommand({
            TableName: name,
            Key: key,
            UpdateExpression: update,
            ReturnValues: returning,
            ...(condition && {
              ConditionExpression: condition,
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            }),
            ...names(expression),
          }),
        )
        .catch((error) => explain(error, key));
      return result.Attributes as Item | undefined;
    },

    async delete<Item>(key: Key, condition?: string, expression?: Expression) {
      const { Attributes } = await documents
        .send(
          new DeleteCommand({
            TableName: name,
            Key: key,
            ReturnValues: "ALL_OLD",
            ...(condition && {
              ConditionExpression: condition,
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            }),
            ...names(expression),
          }),
        )
        .catch((error) => explain(error, key));
      return Attributes as Item | undefined;
    },

    async list<Item>({ partition, from, to, newestFirst = false, limit, after }: ListQuery) {
      const bounds = from !== undefined || to !== undefined;
      const page = await documents.send(
        new QueryCommand({
          TableName: name,
          IndexName: INDEX,
          KeyConditionExpression: bounds
            ? "gsi1pk = :partition AND gsi1sk BETWEEN :from AND :to"
            : "gsi1pk = :partition",
          ExpressionAttributeValues: {
            ":partition": partition,
            ...(bounds && { ":from": from ?? " ", ":to": to ?? "\u{10ffff}" }),
          },
          ScanIndexForward: !newestFirst,
          Limit: limit,
          ...(after && { ExclusiveStartKey: after }),
        }),
      );
      return {
        items: (page.Items ?? []) as Item[],
        ...(page.LastEvaluatedKey && { lastKey: page.LastEvaluatedKey }),
      };
    },
  };
  return table;
}

function names({ names, values }: Expression = {}) {
  return {
    ...(names && { ExpressionAttributeNames: { ...names } }),
    ...(values && { ExpressionAttributeValues: { ...values } }),
  };
}
