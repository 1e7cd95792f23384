import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { createDynalite } from "../../local/dynamodb/server.ts";
import { INDEX, SEARCH_INDEX } from "../../shared/store/keys.ts";
import { openTable, type Table } from "../../shared/store/table.ts";
import { runningEngine } from "./engine.ts";

export interface TestTable {
  readonly table: Table;
  /** The table of password hashes. */
  readonly passwords: Table;
  /** The same table, for which the response to each write that was applied is lost once, so that the SDK retries. */
  readonly losing: Table;
  readonly losingPasswords: Table;
  readonly name: string;
  readonly endpoint: string;
  /** For what the relay itself never does, such as a scan. */
  readonly client: DynamoDBClient;
  stop(): Promise<void>;
}

interface Engine {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** A DynamoDB in this process and in memory. */
async function startDynalite(): Promise<Engine> {
  const { server, opened } = createDynalite();
  await opened();
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address) resolve(address.port);
    });
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The SDK's own would pause, by a clock that tests do not hold. */
const retryOf = (retries: number) => ({ getRetryCount: () => retries, getRetryDelay: () => 0 });
const retriesOnce = {
  acquireInitialRetryToken: async () => retryOf(0),
  refreshRetryTokenForRetry: async (
    token: ReturnType<typeof retryOf>,
    { errorType }: { readonly errorType: string },
  ) => {
    if (errorType === "CLIENT_ERROR" || token.getRetryCount() > 0) throw new Error("no retries are left");
    return retryOf(1);
  },
  recordSuccess: () => {},
};

/** Hands each request on; of a write that succeeds at the first attempt, loses the response. */
class LosingHandler extends NodeHttpHandler {
  override async handle(
    ...[request, options]: Parameters<NodeHttpHandler["handle"]>
  ): ReturnType<NodeHttpHandler["handle"]> {
    const result = await super.handle(request, options);
    const isWrite = /\.(Put|Update|Delete)Item$/.test(String(request.headers["x-amz-target"]));
    const isFirst = String(request.headers["amz-sdk-request"]).startsWith("attempt=1;");
    if (!isWrite || !isFirst || result.response.statusCode !== 200) return result;
    (result.response.body as Readable).resume();
    throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  }
}

/**
 * A table of our schema for one test file: on the engine of the test run if there is one, else on an engine of its
 * own.
 */
export async function startTable(): Promise<TestTable> {
  const engine = runningEngine ? undefined : await startDynalite();
  const endpoint = engine?.endpoint ?? String(runningEngine);
  const client = new DynamoDBClient({
    endpoint,
    region: "eu-central-1",
    // DynamoDB Local has separate data for each access key.
    credentials: { accessKeyId: randomUUID().replaceAll("-", ""), secretAccessKey: "test" },
    // as the functions' own client
    cacheMiddleware: true,
  });
  const name = "relay";
  const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: "HASH" as const },
    { AttributeName: range, KeyType: "RANGE" as const },
  ];
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"].map(text),
      KeySchema: keys("pk", "sk"),
      GlobalSecondaryIndexes: [
        {
          IndexName: INDEX,
          KeySchema: keys("gsi1pk", "gsi1sk"),
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
        {
          IndexName: SEARCH_INDEX,
          KeySchema: keys("gsi2pk", "gsi2sk"),
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
    }),
  );
  const passwordsName = "relay-passwords";
  await client.send(
    new CreateTableCommand({
      TableName: passwordsName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk"].map(text),
      KeySchema: keys("pk", "sk"),
    }),
  );
  const losingClient = new DynamoDBClient({
    ...{ endpoint, region: "eu-central-1", credentials: client.config.credentials },
    cacheMiddleware: true,
    requestHandler: new LosingHandler(),
    retryStrategy: retriesOnce,
  });
  const losing = openTable(name, losingClient);
  return {
    table: openTable(name, client),
    passwords: openTable(passwordsName, client),
    losing,
    losingPasswords: openTable(passwordsName, losingClient),
    name,
    endpoint,
    client,
    async stop() {
      for (const TableName of engine ? [] : [name, passwordsName])
        await client.send(new DeleteTableCommand({ TableName }));
      client.destroy();
      losingClient.destroy();
      await engine?.stop();
    },
  };
}
