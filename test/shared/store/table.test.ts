import { inspect } from "node:util";
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ConditionFailed, openTable } from "../../../shared/store/table.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import "../../support/property-limits.ts";

let store: TestTable;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

const key = { pk: "numbers", sk: "numbers" };

describe("an item with numbers from outside", () => {
  it.each([
    ["as it is", 0.45, 0.45],
    ["as nothing, below the least there is", 2.5e-141, 0],
    ["as the greatest there is, above it", -1e300, Number.MIN_SAFE_INTEGER],
  ])("is stored %s", async (_, number, stored) => {
    await store.table.put({ ...key, number, nested: [{ number }] });

    await expect(store.table.get(key)).resolves.toEqual({
      ...key,
      number: stored,
      nested: [{ number: stored }],
    });
  });

  it("is stored whatever they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (number) => {
        await store.table.put({ ...key, number });
        await expect(store.table.get(key)).resolves.toHaveProperty("number");
      }),
      { numRuns: 200 },
    );
  });
});

describe("an item with what a station answered", () => {
  it("has a blank for a name that is empty", async () => {
    await store.table.put({ ...key, details: { "": { "": [{ "": 1 }] } } });

    await expect(store.table.get(key)).resolves.toEqual({
      ...key,
      details: { " ": { " ": [{ " ": 1 }] } },
    });
  });
});

describe("many items at once", () => {
  const keys = ["a", "b", "c"].map((pk) => ({ pk, sk: "many" }));
  const random = () => 0.5;

  /** A DynamoDB that reads as many keys of each request, one request after the other, and then none. */
  function reluctant(...reads: number[]) {
    const asked: string[] = [];
    const sleeps: number[] = [];
    const client = new DynamoDBClient({ region: "eu-central-1" });
    mockClient(client)
      .on(BatchGetItemCommand)
      .callsFake(({ RequestItems: { relay } }) => {
        asked.push(relay.Keys.map(({ pk }: { pk: { S: string } }) => pk.S).join(""));
        expect(relay.ConsistentRead).toBe(true);
        const read = reads.shift() ?? 0;
        const left = relay.Keys.slice(read);
        return {
          Responses: { relay: relay.Keys.slice(0, read) },
          UnprocessedKeys: left.length > 0 ? { relay: { Keys: left, ConsistentRead: true } } : {},
        };
      });
    const sleep = async (ms: number) => {
      sleeps.push(ms);
    };
    const table = openTable("relay", client, { sleep, random });
    return { table, asked, sleeps };
  }

  it("are one request where DynamoDB reads them all", async () => {
    const { table, asked, sleeps } = reluctant(3);

    expect(await table.getMany(keys)).toEqual(keys);

    expect(asked).toEqual(["abc"]);
    expect(sleeps).toEqual([]);
  });

  it("are asked for again after a pause where it leaves some, a longer one where it brings nothing", async () => {
    const { table, asked, sleeps } = reluctant(0, 0, 1, 1, 0, 1);

    expect(await table.getMany(keys)).toEqual(keys);

    expect(asked).toEqual(["abc", "abc", "abc", "bc", "c", "c"]);
    expect(sleeps).toEqual([12.5, 25, 12.5, 12.5, 12.5]);
  });

  it("are not asked for without end", async () => {
    const { table, asked, sleeps } = reluctant(1);

    await expect(table.getMany(keys)).rejects.toThrow("DynamoDB left 2 of 3 keys unread, 6 times");

    expect(asked).toEqual(["abc", "bc", "bc", "bc", "bc", "bc", "bc"]);
    expect(sleeps).toEqual([12.5, 12.5, 25, 50, 100, 200]);
  });
});

describe("a condition that did not hold", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  const stands = { ...key, auth: { passwordHash: "scrypt$c2VjcmV0" } };

  /** What DynamoDB answers where the item is asked for, as it is. */
  async function refusal(): Promise<ConditionFailed> {
    const client = new DynamoDBClient({ region: "eu-central-1" });
    const Item = { ...marshall(stands) };
    const message = "The conditional request failed";
    mockClient(client)
      .on(PutItemCommand)
      .rejects(new ConditionalCheckFailedException({ message, Item, $metadata: { requestId: "r1" } }));
    return openTable("relay", client)
      .put(key, "attribute_not_exists(pk)")
      .then(
        () => expect.unreachable(),
        (error) => error,
      );
  }

  it("returns the item only to callers that read `item`", async () => {
    const error = await refusal();

    expect(error).toBeInstanceOf(ConditionFailed);
    expect(error.item).toEqual(stands);
  });

  it("shows nothing of that where it is logged", async () => {
    vi.stubEnv("POWERTOOLS_DEV", "true");
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "INFO");
    vi.resetModules();
    const { logger } = await import("../../../shared/logger.ts");
    const lines: string[] = [];
    vi.spyOn(console, "error").mockImplementation((line) => lines.push(line));
    const error = await refusal();

    logger.error("failed", error);
    logger.error("failed", { error: new Error("broken", { cause: error }) });
    lines.push(inspect(error, { depth: null }), JSON.stringify(error));

    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain("the condition of a write did not hold");
    expect(lines[0]).toContain("r1");
    expect(lines.join()).not.toMatch(/auth|scrypt/);
  });
});
