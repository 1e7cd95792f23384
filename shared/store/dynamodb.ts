import { setTimeout as sleep } from "node:timers/promises";
import type {
  AttributeValue,
  BatchGetItemInput,
  BatchGetItemOutput,
  DeleteItemInput,
  DeleteItemOutput,
  GetItemInput,
  GetItemOutput,
  PutItemInput,
  PutItemOutput,
  QueryInput,
  QueryOutput,
  UpdateItemInput,
  UpdateItemOutput,
} from "@aws-sdk/client-dynamodb";
import { openService, type ServiceAnswer, type ServiceOptions } from "../aws/service.ts";

/** An item in DynamoDB's own form: `{pk: {S: "…"}, atMs: {N: "1"}}`. No binary: in JSON it would be base64. */
export type Attributes = Record<string, AttributeValue>;

interface Operations {
  readonly GetItem: [GetItemInput, GetItemOutput];
  readonly BatchGetItem: [BatchGetItemInput, BatchGetItemOutput];
  readonly Query: [QueryInput, QueryOutput];
  readonly PutItem: [PutItemInput, PutItemOutput];
  readonly UpdateItem: [UpdateItemInput, UpdateItemOutput];
  readonly DeleteItem: [DeleteItemInput, DeleteItemOutput];
}

/** What DynamoDB refuses a request with. */
export class DynamoDbError extends Error {
  /** With ConditionalCheckFailedException: the item as it stands, where it was asked for and there is one. */
  readonly item: Attributes | undefined;

  constructor(name: string, message: string, item?: Attributes) {
    super(message);
    this.name = name;
    this.item = item;
  }
}

/**
 * One operation of DynamoDB's API. Tried up to four times where the network or DynamoDB itself fails: a write
 * that seems to have failed may have been done.
 *
 * @throws DynamoDbError
 */
export type DynamoDb = <Name extends keyof Operations>(
  operation: Name,
  input: Operations[Name][0],
) => Promise<Operations[Name][1]>;

interface Refusal {
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
  readonly Item?: Attributes;
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 25;

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const passing = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
]);

/** @param options for tests; by default the environment's endpoint, region and credentials */
export function openDynamoDb(options: Partial<Omit<ServiceOptions, "service">> = {}): DynamoDb {
  const { AWS_ENDPOINT_URL_DYNAMODB: local, AWS_REGION: region = "" } = process.env;
  const service = openService({ endpoint: local ?? endpointOf(region), ...options, service: "dynamodb" });

  return async <Name extends keyof Operations>(operation: Name, input: Operations[Name][0]) => {
    const request = {
      method: "POST",
      path: "/",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDB_20120810.${operation}`,
      },
      body: JSON.stringify(input),
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return outputOf<Operations[Name][1]>(await service(request));
      } catch (error) {
        if (attempt === ATTEMPTS || !mayPass(error)) throw error;
        await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** attempt);
      }
    }
  };
}

function outputOf<Output>({ status, body }: ServiceAnswer): Output {
  if (status === 200) return JSON.parse(body);
  if (status >= 500) throw new DynamoDbError("InternalServerError", `${status} ${body.slice(0, 200)}`);
  const { __type = "", message, Message, Item } = JSON.parse(body) as Refusal;
  const name = __type.slice(__type.indexOf("#") + 1);
  throw new DynamoDbError(name, message ?? Message ?? name, Item);
}

/** Whether it may go well the next time: no answer at all, DynamoDB's own fault, or too much at once. */
const mayPass = (error: unknown): boolean =>
  !(error instanceof DynamoDbError) || error.name === "InternalServerError" || passing.has(error.name);

/** Where DynamoDB is in a region of any partition that is open to the public. */
export const endpointOf = (region: string): string =>
  `https://dynamodb.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
