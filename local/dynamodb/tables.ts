import { isDeepStrictEqual } from "node:util";
import type { OwnRequest } from "./request.ts";

interface KeyElement {
  AttributeName: string;
  KeyType: string;
}

interface SecondaryIndex {
  IndexName: string;
  KeySchema: KeyElement[];
  Projection?: unknown;
}

/** What of AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable matters here; all else is ignored. */
export interface TableProperties {
  KeySchema: KeyElement[];
  AttributeDefinitions?: unknown;
  GlobalSecondaryIndexes?: SecondaryIndex[];
  TimeToLiveSpecification?: { AttributeName?: string; Enabled?: boolean };
}

interface Description extends TableProperties {
  TableStatus: string;
}

/**
 * Creates the table unless the data folder contains it from an earlier run.
 *
 * @param stream whether its changes are read from its own stream: dynalite has none
 * @throws if the existing table has other keys or indexes than the template
 */
export async function ensureTable(
  request: OwnRequest,
  name: string,
  table: TableProperties,
  { stream }: { readonly stream: boolean },
): Promise<void> {
  const indexes = table.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
    IndexName,
    KeySchema,
    Projection: Projection ?? { ProjectionType: "ALL" },
  }));
  try {
    await request("CreateTable", {
      TableName: name,
      KeySchema: table.KeySchema,
      AttributeDefinitions: table.AttributeDefinitions,
      ...(indexes?.length ? { GlobalSecondaryIndexes: indexes } : {}),
      // Throughput is not played locally.
      BillingMode: "PAY_PER_REQUEST",
      ...(stream
        ? { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } }
        : {}),
    });
  } catch (error) {
    if ((error as Error).name !== "ResourceInUseException") throw error;
  }
  const existing = await untilActive(request, name);
  if (!isDeepStrictEqual(keys(existing), keys(table))) {
    throw new Error(`table ${name} in the data folder has other keys than the template: use another folder`);
  }
}

/** dynalite turns a new table ACTIVE in its next turn; until then items are refused. */
async function untilActive(request: OwnRequest, name: string): Promise<Description> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { Table } = await request<{ Table: Description }>("DescribeTable", { TableName: name });
    if (Table.TableStatus === "ACTIVE") return Table;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`table ${name} was never finished: delete the data folder`);
}

const keys = (table: TableProperties) => ({
  table: keyNames(table.KeySchema),
  indexes: new Map(
    table.GlobalSecondaryIndexes?.map((index) => [index.IndexName, keyNames(index.KeySchema)]),
  ),
});

const keyNames = (schema: KeyElement[]) =>
  schema.map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`);
