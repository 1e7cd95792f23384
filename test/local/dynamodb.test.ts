import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConditionalCheckFailedException, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DynamoDb, startDynamoDb, type TableProperties } from "../../local/dynamodb.ts";

const TableName = "state";
const table: TableProperties = {
  AttributeDefinitions: ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"].map((AttributeName) => ({
    AttributeName,
    AttributeType: "S",
  })),
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "gsi1",
      KeySchema: [
        { AttributeName: "gsi1pk", KeyType: "HASH" },
        { AttributeName: "gsi1sk", KeyType: "RANGE" },
      ],
    },
    {
      IndexName: "gsi2",
      KeySchema: [
        { AttributeName: "gsi2pk", KeyType: "HASH" },
        { AttributeName: "gsi2sk", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
  TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
};
const tables = { [TableName]: table };
const Key = { pk: "NETWORK#default", sk: "NETWORK" };

const clients: DynamoDBClient[] = [];

function documents(endpoint: string): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region: "local",
    endpoint,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  clients.push(client);
  return DynamoDBDocumentClient.from(client);
}

afterAll(() => {
  for (const client of clients) client.destroy();
});

describe("the embedded DynamoDB", () => {
  let nowMs = Date.parse("2026-11-20T12:00:00Z");
  let dynamo: DynamoDb;
  let client: DynamoDBDocumentClient;

  beforeAll(async () => {
    dynamo = await startDynamoDb({ tables, now: () => nowMs });
    client = documents(dynamo.endpoint);
  });
  afterAll(() => dynamo.close());
  beforeEach(() => dynamo.resetMetrics());

  it("serves the template's table and its index to the SDK", async () => {
    for (const n of [1, 2, 3]) {
      const Item = { pk: "a", sk: `${n}`, gsi1pk: "LIST", gsi1sk: `000${n}` };
      await client.send(new PutCommand({ TableName, Item }));
    }

    const page = await client.send(
      new QueryCommand({
        TableName,
        IndexName: "gsi1",
        KeyConditionExpression: "gsi1pk = :list",
        ExpressionAttributeValues: { ":list": "LIST" },
        ScanIndexForward: false,
        Limit: 2,
      }),
    );

    expect(page.Items?.map((item) => item.sk)).toEqual(["3", "2"]);
    expect(page.LastEvaluatedKey).toEqual({ pk: "a", sk: "2", gsi1pk: "LIST", gsi1sk: "0002" });
  });

  it("admits exactly as many conditional updates at once as the condition allows", async () => {
    await client.send(
      new PutCommand({ TableName, Item: { ...Key, parallelRequests: 10, inUse: 0, leases: {} } }),
    );

    const acquired = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) =>
        client.send(
          new UpdateCommand({
            TableName,
            Key,
            UpdateExpression: "SET inUse = inUse + :one, leases.#id = :until",
            ConditionExpression: "inUse < parallelRequests AND attribute_not_exists(leases.#id)",
            ExpressionAttributeNames: { "#id": `command-${n}` },
            ExpressionAttributeValues: { ":one": 1, ":until": nowMs },
          }),
        ),
      ),
    );

    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    expect(acquired.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
    expect(Item?.inUse).toBe(10);
    expect(Object.keys(Item?.leases)).toHaveLength(10);
  });

  it("returns the item that refused a condition, as ReturnValuesOnConditionCheckFailure asks", async () => {
    await client.send(new PutCommand({ TableName, Item: { ...Key, v: 7 } }));

    const refusal = client.send(
      new PutCommand({
        TableName,
        Item: Key,
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );

    await expect(refusal).rejects.toThrow(ConditionalCheckFailedException);
    await expect(refusal).rejects.toMatchObject({ Item: { v: { N: "7" } } });
  });

  it("counts the SDK's requests by operation, and none of its own", async () => {
    await dynamo.sweep();
    await client.send(new PutCommand({ TableName, Item: Key }));
    await client.send(new GetCommand({ TableName, Key }));
    await client.send(new GetCommand({ TableName, Key }));

    expect(dynamo.metrics()).toEqual({ total: 3, operations: { PutItem: 1, GetItem: 2 } });

    dynamo.resetMetrics();
    expect(dynamo.metrics()).toEqual({ total: 0, operations: {} });
  });

  describe("what would be billed", () => {
    const kilobytes = (count: number) => "x".repeat(count * 1024 - 50);
    const listed = (gsi1sk: string, text = "") => ({
      ...Key,
      pk: "BILLED",
      gsi1pk: "LIST",
      gsi1sk,
      text,
    });
    const put = (Item: object, condition?: string) =>
      client.send(new PutCommand({ TableName, Item, ...(condition && { ConditionExpression: condition }) }));
    const billed = async (work: () => Promise<unknown>) => {
      dynamo.resetMetrics();
      await work().catch(() => {});
      return dynamo.capacity();
    };

    it.each([
      ["a small write", { v: 1 }, { writeUnits: 1, indexWriteUnits: 0 }],
      ["2.5 KB", { v: kilobytes(2) + kilobytes(1).slice(512) }, { writeUnits: 3, indexWriteUnits: 0 }],
    ])("%s", async (_, attributes, expected) => {
      expect(await billed(() => put({ ...Key, ...attributes }))).toMatchObject(expected);
    });

    it("an item in the index: once more to come in and to change, twice to move, once to leave", async () => {
      const came = await billed(() => put(listed("1")));
      const changed = await billed(() => put(listed("1", kilobytes(2))));
      const moved = await billed(() => put(listed("2", kilobytes(2))));
      const left = await billed(() => put({ ...Key, pk: "BILLED" }));

      expect([came, changed, moved, left].map(({ indexWriteUnits }) => indexWriteUnits)).toEqual([
        1, 2, 4, 2,
      ]);
      expect([came, changed, moved, left].map(({ writeUnits }) => writeUnits)).toEqual([1, 2, 2, 2]);
      expect(came.storedBytes).toBeGreaterThan(200);
      expect(came.indexBytes).toBeGreaterThan(100);
      expect(came.indexBytes).toBeLessThan(came.storedBytes);
      expect(moved.storedBytes).toBe(0);
      expect(left.storedBytes).toBeLessThan(-2 * 2048);
    });

    it("an item in an index of keys alone: one unit to come in and to leave, none to change, two to move", async () => {
      const keyed = (gsi2sk: string, text = "") => ({ ...Key, pk: "KEYED", gsi2pk: "LIST", gsi2sk, text });
      const came = await billed(() => put(keyed("1", kilobytes(2))));
      const changed = await billed(() => put(keyed("1", kilobytes(3))));
      const moved = await billed(() => put(keyed("2", kilobytes(3))));
      const left = await billed(() => put({ ...Key, pk: "KEYED" }));

      expect([came, changed, moved, left].map(({ indexWriteUnits }) => indexWriteUnits)).toEqual([
        1, 0, 2, 1,
      ]);
    });

    it("a write whose condition fails", async () => {
      await put({ ...Key, v: kilobytes(3) });

      const { writeUnits, indexWriteUnits } = await billed(() => put(Key, "attribute_not_exists(pk)"));

      expect({ writeUnits, indexWriteUnits }).toEqual({ writeUnits: 3, indexWriteUnits: 0 });
    });

    it("reads: half a unit for 4 KB, twice that where they are consistent; a query as one read of all", async () => {
      for (const sk of ["1", "2", "3"]) await put({ pk: "READ", sk, v: kilobytes(3) });
      const get = (ConsistentRead: boolean) =>
        billed(() =>
          client.send(new GetCommand({ TableName, Key: { pk: "READ", sk: "1" }, ConsistentRead })),
        );
      const query = () =>
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: "pk = :pk",
            ExpressionAttributeValues: { ":pk": "READ" },
          }),
        );

      expect((await get(false)).readUnits).toBe(0.5);
      expect((await get(true)).readUnits).toBe(1);
      expect((await billed(query)).readUnits).toBe(1.5);
    });
  });

  it("answers a request that is no JSON, has no signature or an unknown operation as DynamoDB does", async () => {
    const ask = async (
      target: string,
      body: string,
      authorization = "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=x",
    ) => {
      const headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDB_20120810.${target}`,
        "x-amz-date": "20261120T120000Z",
        authorization,
      };
      const response = await fetch(dynamo.endpoint, { method: "POST", headers, body });
      const { __type } = (await response.json()) as { __type: string };
      return [response.status, __type.split("#")[1]];
    };

    expect(await ask("GetItem", "{")).toEqual([400, "SerializationException"]);
    expect(await ask("GetItem", "{}", "none")).toEqual([400, "MissingAuthenticationTokenException"]);
    expect(await ask("GetItem", "{}")).toEqual([400, "ValidationException"]);
    expect(await ask("PutItems", "{}")).toEqual([400, "UnknownOperationException"]);
    expect(await ask("GetItem", JSON.stringify({ TableName: "none", Key: { pk: { S: "1" } } }))).toEqual([
      400,
      "ResourceNotFoundException",
    ]);
  });

  it("reports each change of a watched table with the images before and after", async () => {
    const changes: unknown[] = [];
    const watched = { [TableName]: [{ dynamodb: { Keys: { pk: { S: [{ prefix: "NETWORK#" }] } } } }] };
    const own = await startDynamoDb({
      tables,
      now: () => nowMs,
      watched,
      onChange: ({ before, after }) => changes.push([before?.n?.N, after?.n?.N]),
    });
    try {
      const writer = documents(own.endpoint);
      await writer.send(new PutCommand({ TableName, Item: { ...Key, n: 1 } }));
      await writer.send(
        new UpdateCommand({
          TableName,
          Key,
          UpdateExpression: "SET n = n + :one",
          ExpressionAttributeValues: { ":one": 1 },
        }),
      );
      await writer.send(new PutCommand({ TableName, Item: { pk: "OTHER", sk: "OTHER", n: 9 } }));
      await writer.send(new PutCommand({ TableName, Item: { ...Key, n: 5 } }));
      await writer.send(new DeleteCommand({ TableName, Key }));

      await expect
        .poll(() => changes)
        .toEqual([
          [undefined, "1"],
          ["1", "2"],
          ["2", "5"],
          ["5", undefined],
        ]);
    } finally {
      await own.close();
    }
  });

  it("survives a client that is gone in the middle of a request", async () => {
    const { hostname, port } = new URL(dynamo.endpoint);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    await new Promise((resolve) =>
      socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{", resolve),
    );
    socket.resetAndDestroy();

    const { Item } = await client.send(new GetCommand({ TableName, Key: { pk: "nobody", sk: "x" } }));

    expect(Item).toBeUndefined();
  });

  it("deletes items past their time to live by the given clock", async () => {
    const nowS = nowMs / 1000;
    for (let n = 0; n < 250; n++) {
      const Item = { pk: "ttl", sk: `${n}`, expiresAt: nowS + (n % 2 === 0 ? 60 : 7200) };
      await client.send(new PutCommand({ TableName, Item }));
    }
    const left = () =>
      client
        .send(
          new ScanCommand({
            TableName,
            FilterExpression: "pk = :ttl",
            ExpressionAttributeValues: { ":ttl": "ttl" },
          }),
        )
        .then(({ Count }) => Count);

    expect(await dynamo.sweep()).toBe(0);
    nowMs += 3_600_000;
    expect(await dynamo.sweep()).toBe(125);
    expect(await left()).toBe(125);
  });
});

describe("an engine that runs already", () => {
  it("is counted at our own door, swept by the given clock, and left without our tables", async () => {
    const engine = await startDynamoDb({ tables: {}, now: Date.now });
    const dynamo = await startDynamoDb({ endpoint: engine.endpoint, tables, now: () => 2_000 });
    const client = documents(dynamo.endpoint);

    await client.send(new PutCommand({ TableName, Item: { ...Key, expiresAt: 1 } }));
    const { Item } = await client.send(new GetCommand({ TableName, Key }));
    expect(Item).toEqual({ ...Key, expiresAt: 1 });
    expect(dynamo.metrics()).toMatchObject({ total: 2, operations: { PutItem: 1, GetItem: 1 } });
    expect(await dynamo.sweep()).toBe(1);

    await dynamo.close();
    const outside = documents(engine.endpoint);
    await expect.poll(async () => (await outside.send(new ListTablesCommand({}))).TableNames).toEqual([]);
    await engine.close();
  });
});

describe("the embedded DynamoDB with a data folder", () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "dynamodb-"));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it("has everything again after its process was killed", async () => {
    const { child, endpoint } = await startInProcess(dataDir);
    await documents(endpoint).send(new PutCommand({ TableName, Item: { ...Key, v: 1 } }));
    child.kill("SIGKILL");
    await once(child, "exit");

    const dynamo = await startDynamoDb({ dataDir, tables, now: Date.now });

    const { Item } = await documents(dynamo.endpoint).send(new GetCommand({ TableName, Key }));
    await dynamo.close();
    expect(Item).toEqual({ ...Key, v: 1 });
  });

  it("says so when the folder is in use or was made for another table", async () => {
    const first = await startDynamoDb({ dataDir, tables, now: Date.now });
    await expect(startDynamoDb({ dataDir, tables, now: Date.now })).rejects.toThrow(
      "in use by another process",
    );
    await first.close();

    const [index] = table.GlobalSecondaryIndexes ?? [];
    const others = {
      [TableName]: { ...table, GlobalSecondaryIndexes: index ? [{ ...index, IndexName: "gsi2" }] : [] },
    };
    await expect(startDynamoDb({ dataDir, tables: others, now: Date.now })).rejects.toThrow(
      "other keys than the template",
    );
  });
});

async function startInProcess(dataDir: string): Promise<{ child: ChildProcess; endpoint: string }> {
  const script = `
    import { startDynamoDb } from ${JSON.stringify(new URL("../../local/dynamodb.ts", import.meta.url).href)};
    const dynamo = await startDynamoDb(${JSON.stringify({ dataDir, tables }).slice(0, -1)}, now: Date.now });
    console.log(dynamo.endpoint);`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return { child, endpoint: String(line).trim() };
}
