/**
 * Event source mappings of DynamoDB streams: passes changes to a function in batches, in order. A failed batch is
 * repeated as often as the template allows.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "./clock.ts";
import { type ChangePattern, eventNameOf, type ItemChange, type Watched } from "./dynamodb/changes.ts";
import type { Lambda, LogEntry } from "./lambda/service.ts";
import { type Resource, type Template, UnservableTemplate } from "./template.ts";

interface Mapping {
  readonly functionName: string;
  readonly streamArn: string;
  readonly table: string;
  readonly patterns: readonly ChangePattern[];
  readonly batchSize: number;
  readonly windowMs: number;
  readonly retries: number;
}

interface StreamRecord {
  readonly eventID: string;
  readonly dynamodb: { readonly SequenceNumber: string };
}

export interface EventSources {
  /** What the tables' streams are asked for. */
  readonly watched: Watched;
  changed(change: ItemChange): void;
  close(): void;
}

export interface EventSourceOptions {
  readonly template: Template;
  readonly clock: Clock;
  readonly lambda: () => Lambda;
  readonly onLog: (entry: LogEntry) => void;
}

const RETRY_MS = 500;

export function createEventSources({ template, clock, lambda, onLog }: EventSourceOptions): EventSources {
  const closing = new AbortController();
  const sources = template
    .ofType("AWS::Lambda::EventSourceMapping")
    // those of queues are in queues/event-source.ts
    .filter((one) => !template.property<string>(one, "EventSourceArn")?.startsWith("arn:aws:sqs:"))
    .map((resource) => ({ ...mappingOf(template, resource), waiting: [] as StreamRecord[], isBusy: false }));
  type Source = (typeof sources)[number];
  let sequence = 0;

  function recordOf(change: ItemChange, { streamArn }: Mapping): StreamRecord {
    const { before, after } = change;
    const { pk, sk } = after ?? before ?? {};
    sequence += 1;
    return {
      eventID: randomUUID().replaceAll("-", ""),
      eventName: eventNameOf(change),
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: template.region,
      eventSourceARN: streamArn,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(clock.now() / 1000),
        Keys: { pk, sk },
        ...(before && { OldImage: before }),
        ...(after && { NewImage: after }),
        SequenceNumber: String(sequence).padStart(21, "0"),
        StreamViewType: "NEW_AND_OLD_IMAGES",
      },
    } as StreamRecord;
  }

  async function drain(source: Source): Promise<void> {
    source.isBusy = true;
    let failures = 0;
    while (source.waiting.length > 0 && !closing.signal.aborted) {
      if (failures === 0) await pause(source.windowMs);
      const batch = source.waiting.slice(0, source.batchSize);
      const done = await deliver(source, batch);
      source.waiting.splice(0, done);
      failures = done > 0 ? 0 : failures + 1;
      if (failures > source.retries) {
        const [dropped] = source.waiting.splice(0, 1);
        const text = JSON.stringify({
          level: "ERROR",
          message: "record discarded",
          eventID: dropped?.eventID,
        });
        onLog({ functionId: source.functionName, source: "platform", text: `${text}\n` });
        failures = 0;
      } else if (done < batch.length) await pause(RETRY_MS);
    }
    source.isBusy = false;
  }

  /** @returns how many of them, from the first one on, are done with */
  async function deliver({ functionName }: Source, batch: readonly StreamRecord[]): Promise<number> {
    const outcome = await lambda()
      .find(functionName)
      ?.invoke(JSON.stringify({ Records: batch }));
    if (outcome?.status !== "ok") return 0;
    const { batchItemFailures = [] } = (JSON.parse(outcome.payload) ?? {}) as {
      batchItemFailures?: { itemIdentifier: string }[];
    };
    const failed = batch.findIndex(({ dynamodb }) =>
      batchItemFailures.some(({ itemIdentifier }) => itemIdentifier === dynamodb.SequenceNumber),
    );
    return failed === -1 ? batch.length : failed;
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal: closing.signal }).catch(() => undefined);

  return {
    watched: Object.fromEntries(sources.map(({ table, patterns }) => [table, patterns])),
    changed(change) {
      for (const source of sources.filter(({ table }) => table === change.table)) {
        source.waiting.push(recordOf(change, source));
        if (!source.isBusy) void drain(source);
      }
    },
    close: () => closing.abort(),
  };
}

function mappingOf(template: Template, resource: Resource): Mapping {
  const property = <T>(name: string) => template.property<T>(resource, name);
  const streamArn = property<string>("EventSourceArn") ?? "";
  const table = /:table\/([^/]+)\/stream\//.exec(streamArn)?.[1];
  if (table === undefined) throw new UnservableTemplate(`${streamArn} is no DynamoDB stream`);
  const filters = property<{ Filters?: { Pattern: string }[] }>("FilterCriteria")?.Filters ?? [];
  return {
    functionName: property<string>("FunctionName") ?? "",
    streamArn,
    table,
    patterns: filters.map(({ Pattern }) => JSON.parse(Pattern) as ChangePattern),
    batchSize: Number(property<number>("BatchSize") ?? 100),
    windowMs: Number(property<number>("MaximumBatchingWindowInSeconds") ?? 0) * 1000,
    retries: Number(property<number>("MaximumRetryAttempts") ?? 10),
  };
}
