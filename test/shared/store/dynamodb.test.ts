import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type DynamoDb, endpointOf, openDynamoDb } from "../../../shared/store/dynamodb.ts";

type Answer = (response: ServerResponse) => void;

let server: Server;
let dynamodb: DynamoDb;
/** What DynamoDB says, one after the other; the last one again and again. */
let answers: Answer[];
let requests: number;

const json =
  (status: number, body: object): Answer =>
  (response) =>
    void response.writeHead(status).end(JSON.stringify(body));
const refusal = (name: string, members: object = {}) =>
  json(400, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "no", ...members });
const noAnswer: Answer = (response) => void response.destroy();
const unavailable: Answer = (response) => void response.writeHead(503).end("<html>");
const found = json(200, { Item: { pk: { S: "a" } } });

const key = { TableName: "relay", Key: { pk: { S: "a" } } };

beforeEach(async () => {
  vi.spyOn(Math, "random").mockReturnValue(0); // no pauses
  requests = 0;
  server = createServer((request, response) => {
    requests += 1;
    request.resume();
    (answers.length > 1 ? answers.shift() : answers[0])?.(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  dynamodb = openDynamoDb({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe("an operation of DynamoDB", () => {
  it("brings its output", async () => {
    answers = [found];

    await expect(dynamodb("GetItem", key)).resolves.toEqual({ Item: { pk: { S: "a" } } });
  });

  it.each([
    ["no answer came", noAnswer],
    ["it is unavailable", unavailable],
    ["there were too many at once", refusal("ThrottlingException")],
    ["a partition was asked too much", refusal("ProvisionedThroughputExceededException")],
  ])("is tried again where %s", async (_, failure) => {
    answers = [failure, failure, failure, found];

    await expect(dynamodb("GetItem", key)).resolves.toEqual({ Item: { pk: { S: "a" } } });
    expect(requests).toBe(4);
  });

  it("fails where it has failed four times", async () => {
    answers = [unavailable];

    await expect(dynamodb("GetItem", key)).rejects.toThrow("503");
    expect(requests).toBe(4);
  });

  it("is not tried again where DynamoDB refuses what was asked", async () => {
    answers = [refusal("ValidationException")];

    await expect(dynamodb("GetItem", key)).rejects.toMatchObject({
      name: "ValidationException",
      message: "no",
    });
    expect(requests).toBe(1);
  });

  it("tells with a refused condition what stands there", async () => {
    answers = [refusal("ConditionalCheckFailedException", { Item: { pk: { S: "a" } } })];

    await expect(
      dynamodb("PutItem", { TableName: "relay", Item: { pk: { S: "a" } }, ConditionExpression: "…" }),
    ).rejects.toMatchObject({ name: "ConditionalCheckFailedException", item: { pk: { S: "a" } } });
  });
});

describe("DynamoDB's endpoint", () => {
  it.each(["eu-central-1", "us-gov-west-1", "cn-north-1"])("in %s is where the SDK finds it", (region) => {
    const { endpointProvider } = new DynamoDBClient({ region }).config;

    expect(new URL(endpointOf(region)).href).toBe(endpointProvider({ Region: region }).url.href);
  });
});
