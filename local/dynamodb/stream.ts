/** The stream of a table of an engine that runs already, which is asked again and again. */
import type { ItemChange } from "./changes.ts";
import type { OwnRequest } from "./request.ts";

/** The longest time until a change is passed on, besides the engine's own time. */
const POLL_MS = 20;

/** How soon an engine that failed is asked again. */
const RETRY_MS = 500;

/** What an iterator is at its end by: not read for 15 minutes, or its table is gone. */
const isOver = ({ name }: Error): boolean =>
  ["ExpiredIteratorException", "ResourceNotFoundException"].includes(name);

/** The place where an iterator stood is not kept any more: the reader goes on at the oldest record that is. */
const isTrimmed = ({ name }: Error): boolean => name === "TrimmedDataAccessException";

const STREAMS = "DynamoDBStreams_20120810";

interface StreamRecords {
  Records: { dynamodb: { OldImage?: ItemChange["before"]; NewImage?: ItemChange["after"] } }[];
  NextShardIterator?: string;
}

/** A table's stream, from now on or from its oldest record: it has one shard, which lives for hours. */
export async function openStream(
  request: OwnRequest,
  TableName: string,
  ShardIteratorType: "LATEST" | "TRIM_HORIZON" = "LATEST",
): Promise<string> {
  const { Table } = await request<{ Table: { LatestStreamArn: string } }>("DescribeTable", { TableName });
  const StreamArn = Table.LatestStreamArn;
  const { StreamDescription } = await request<{ StreamDescription: { Shards: { ShardId: string }[] } }>(
    "DescribeStream",
    { StreamArn },
    STREAMS,
  );
  const { ShardIterator } = await request<{ ShardIterator: string }>(
    "GetShardIterator",
    { StreamArn, ShardId: StreamDescription.Shards[0]?.ShardId, ShardIteratorType },
    STREAMS,
  );
  return ShardIterator;
}

export interface Stream {
  readonly request: OwnRequest;
  readonly table: string;
  readonly iterator: string;
  readonly changed: (change: ItemChange) => void;
  readonly pause: (ms: number) => Promise<void>;
  readonly closing: AbortSignal;
}

/**
 * Passes on the changes of a table until the runner ends. After an error the engine is polled again: it may be back.
 */
export async function readStream(stream: Stream): Promise<void> {
  const { request, table, changed, pause, closing } = stream;
  let { iterator } = stream;
  let isFailing = false;
  const ended = () => console.error(`The stream of ${table} has ended: no more events until the next start.`);
  while (!closing.aborted) {
    const page = await request<StreamRecords>("GetRecords", { ShardIterator: iterator }, STREAMS).catch(
      (error: Error) => error,
    );
    if (page instanceof Error) {
      if (closing.aborted) return;
      if (isOver(page)) return ended();
      if (isTrimmed(page)) {
        iterator = await openStream(request, table, "TRIM_HORIZON");
        await pause(POLL_MS);
        continue;
      }
      if (!isFailing) console.error(`The stream of ${table} cannot be read at the moment: ${page.message}`);
      isFailing = true;
      await pause(RETRY_MS);
      continue;
    }
    if (isFailing) console.error(`The stream of ${table} can be read again.`);
    isFailing = false;
    for (const { dynamodb } of page.Records) {
      const { OldImage: before, NewImage: after } = dynamodb;
      changed({ table, ...(before && { before }), ...(after && { after }) });
    }
    if (page.NextShardIterator === undefined) return ended();
    iterator = page.NextShardIterator;
    if (page.Records.length === 0) await pause(POLL_MS);
  }
}
