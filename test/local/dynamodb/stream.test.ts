import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ItemChange } from "../../../local/dynamodb/changes.ts";
import type { OwnRequest } from "../../../local/dynamodb/request.ts";
import { readStream } from "../../../local/dynamodb/stream.ts";

const record = (n: string) => ({ dynamodb: { NewImage: { pk: { S: n } } } });
const failure = (name: string) => Object.assign(new Error(`${name}!`), { name });

beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue();
});
afterEach(() => vi.restoreAllMocks());

/** Reads a stream whose answers these are, one after the other; behind the last one the runner ends. */
async function read(...answers: (object | Error)[]) {
  const closing = new AbortController();
  const asked: string[] = [];
  const pauses: number[] = [];
  const changes: ItemChange[] = [];
  const request = (async (
    operation: string,
    { ShardIterator, ShardIteratorType }: Record<string, string>,
  ) => {
    if (operation === "DescribeTable") return { Table: { LatestStreamArn: "arn" } };
    if (operation === "DescribeStream") return { StreamDescription: { Shards: [{ ShardId: "shard" }] } };
    if (operation === "GetShardIterator") return { ShardIterator: ShardIteratorType };
    asked.push(ShardIterator ?? "");
    const answer = answers.shift();
    if (answers.length === 0) closing.abort();
    if (answer instanceof Error) throw answer;
    return answer;
  }) as OwnRequest;
  await readStream({
    request,
    table: "state",
    iterator: "i1",
    changed: (change) => changes.push(change),
    pause: async (ms) => {
      pauses.push(ms);
    },
    closing: closing.signal,
  });
  return { asked, pauses, told: changes.map(({ after }) => after?.pk?.S) };
}

const logged = () => vi.mocked(console.error).mock.calls.map(([line]) => line);

describe("the stream of an engine that runs already", () => {
  it("is read on and on, with a pause where there is nothing", async () => {
    const { asked, pauses, told } = await read(
      { Records: [record("a"), record("b")], NextShardIterator: "i2" },
      { Records: [], NextShardIterator: "i3" },
      { Records: [record("c")], NextShardIterator: "i4" },
    );

    expect(asked).toEqual(["i1", "i2", "i3"]);
    expect(pauses).toEqual([20]);
    expect(told).toEqual(["a", "b", "c"]);
    expect(logged()).toEqual([]);
  });

  it("is asked again after a while where that failed, which is told once until it works, and that it does", async () => {
    const { asked, pauses, told } = await read(
      { Records: [record("a")], NextShardIterator: "i2" },
      failure("InternalServerError"),
      new TypeError("fetch failed"),
      { Records: [record("b")], NextShardIterator: "i3" },
      failure("InternalServerError"),
      { Records: [record("c")], NextShardIterator: "i4" },
    );

    expect(asked).toEqual(["i1", "i2", "i2", "i2", "i3", "i3"]);
    expect(pauses).toEqual([500, 500, 500]);
    expect(told).toEqual(["a", "b", "c"]);
    const line = "The stream of state cannot be read at the moment: InternalServerError!";
    const again = "The stream of state can be read again.";
    expect(logged()).toEqual([line, again, line, again]);
  });

  it.each([
    ["its iterator has expired", failure("ExpiredIteratorException")],
    ["the engine was started anew without its data", failure("ResourceNotFoundException")],
    ["its shard has ended", { Records: [] }],
  ])("ends where %s, and says so", async (_, end) => {
    const { asked } = await read(end, { Records: [], NextShardIterator: "never" });

    expect(asked).toEqual(["i1"]);
    expect(logged()).toEqual(["The stream of state has ended: no more events until the next start."]);
  });

  it("goes on at the oldest record where the place of its iterator is not kept any more", async () => {
    const { asked, told } = await read(
      failure("TrimmedDataAccessException"),
      { Records: [record("a")], NextShardIterator: "i2" },
      { Records: [], NextShardIterator: "i3" },
    );

    expect(asked).toEqual(["i1", "TRIM_HORIZON", "i2"]);
    expect(told).toEqual(["a"]);
    expect(logged()).toEqual([]);
  });

  it("ends quietly with the runner", async () => {
    await read({ Records: [], NextShardIterator: "i2" }, failure("gone"));

    expect(logged()).toEqual([]);
  });
});
