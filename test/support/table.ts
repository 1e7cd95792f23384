import { randomUUID } from "node:crypto";
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { INDEX } from "../../shared/store/keys.ts";
import { openTable, type Table } from "../../shared/store/table.ts";
import { runningEngine } from "./engine.ts";

export interface TestTable {
  readonly table: Table;
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
  const server = dynalite({ createTableMs: 0 });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address) resolve(address.port);
    });
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A table of our schema that nobody else sees: on the engine that the test run has, else on one of its own. */
export async function startTable(): Promise<TestTable> {
  const engine = runningEngine ? undefined : await startDynalite();
  const endpoint = engine?.endpoint ?? String(runningEngine);
  const client = new DynamoDBClient({
    endpoint,
    region: "eu-central-1",
    // DynamoDB Local has separate data for each access key.
    credentials: { accessKeyId: randomUUID().replaceAll("-", ""), secretAccessKey: "test" },
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
      AttributeDefinitions: ["pk", "sk", "gsi1pk", "gsi1sk"].map(text),
      KeySchema: keys("pk", "sk"),
      GlobalSecondaryIndexes: [
        { IndexName: INDEX, KeySchema: keys("gsi1pk", "gsi1sk"), Projection: { ProjectionType: "ALL" } },
      ],
    }),
  );
  return {
    table: openTable(name, client),
    name,
    endpoint,
    client,
    async stop() {
      if (!engine) await client.send(new DeleteTableCommand({ TableName: name }));
      client.destroy();
      await engine?.stop();
    },
  };
}
