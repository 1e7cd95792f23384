/**
 * Event source mappings of queues: receives messages in batches, invokes the function, and deletes what it took.
 * What failed becomes visible again when its visibility timeout is over.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Lambda } from "../lambda/service.ts";
import { type Resource, type Template, UnservableTemplate } from "../template.ts";
import { md5, systemAttributesOf } from "./operations.ts";
import type { Queue, ReceivedMessage } from "./queue.ts";

interface Mapping {
  readonly functionName: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly concurrency: number;
  /** Whether the function names the messages that failed; else it takes all of them or none. */
  readonly reportsFailures: boolean;
}

export interface QueueEventSources {
  /** To be called when messages of a queue may have become visible. */
  review(queue: Queue): void;
  close(): void;
}

export interface QueueEventSourceOptions {
  readonly template: Template;
  readonly lambda: () => Lambda;
  /** Called when a batch is over: what failed of it becomes visible later. */
  readonly settled: (queue: Queue) => void;
  /** Counts a request, as a client's. */
  readonly count: (operation: string) => void;
}

/** Lambda begins with five concurrent batches where the mapping has no maximum. */
const DEFAULT_CONCURRENCY = 5;

export function createQueueEventSources(options: QueueEventSourceOptions): QueueEventSources {
  const { template, lambda, settled, count } = options;
  const closing = new AbortController();
  const sources = template
    .ofType("AWS::Lambda::EventSourceMapping")
    .filter(isOfQueue(template))
    .map((resource) => ({ ...mappingOf(template, resource), running: 0, isGathering: false }));
  type Source = (typeof sources)[number];

  async function pump(source: Source, queue: Queue): Promise<void> {
    if (source.isGathering || closing.signal.aborted) return;
    if (source.windowMs > 0 && queue.counts().visible < source.batchSize) {
      source.isGathering = true;
      await sleep(source.windowMs, undefined, { signal: closing.signal }).catch(() => undefined);
      source.isGathering = false;
    }
    while (source.running < source.concurrency && !closing.signal.aborted) {
      const batch = queue.receive(source.batchSize);
      if (batch.length === 0) return;
      count("ReceiveMessage");
      source.running += 1;
      void deliver(source, queue, batch).finally(() => {
        source.running -= 1;
        if (!closing.signal.aborted) settled(queue);
      });
    }
  }

  async function deliver(source: Source, queue: Queue, batch: readonly ReceivedMessage[]): Promise<void> {
    const Records = batch.map((message) => recordOf(message, source.queueArn, template.region));
    const outcome = await lambda().find(source.functionName)?.invoke(JSON.stringify({ Records }));
    // A stopped machine deletes nothing: the messages are delivered again after the next start.
    if (closing.signal.aborted || outcome?.status !== "ok") return;
    const failed = source.reportsFailures ? failuresIn(outcome.payload, batch) : new Set<string>();
    const done = batch.filter(({ id }) => !failed.has(id));
    if (done.length > 0) count("DeleteMessageBatch");
    for (const { receipt } of done) queue.delete(receipt);
  }

  return {
    review(queue) {
      for (const source of sources) if (source.queueArn === queue.settings.arn) void pump(source, queue);
    },
    close: () => closing.abort(),
  };
}

/** @returns the messages that failed: all of them for a response that names another one */
function failuresIn(payload: string, batch: readonly ReceivedMessage[]): ReadonlySet<string> {
  const { batchItemFailures } = (JSON.parse(payload) ?? {}) as {
    batchItemFailures?: readonly { itemIdentifier?: string }[] | null;
  };
  const ids = new Set(batch.map(({ id }) => id));
  const failed = (batchItemFailures ?? []).map(({ itemIdentifier = "" }) => itemIdentifier);
  return failed.every((id) => ids.has(id)) ? new Set(failed) : ids;
}

function recordOf(message: ReceivedMessage, eventSourceARN: string, awsRegion: string) {
  const { id: messageId, receipt: receiptHandle, body } = message;
  const messageAttributes = Object.fromEntries(
    Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        dataType: DataType,
        ...(StringValue !== undefined && { stringValue: StringValue }),
        ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
        stringListValues: [],
        binaryListValues: [],
      },
    ]),
  );
  const attributes = systemAttributesOf(message);
  return {
    messageId,
    receiptHandle,
    body,
    attributes,
    messageAttributes,
    md5OfBody: md5(body),
    eventSource: "aws:sqs",
    eventSourceARN,
    awsRegion,
  };
}

/** Whether a mapping's source is a queue. */
const isOfQueue = (template: Template) => (resource: Resource) =>
  template.property<string>(resource, "EventSourceArn")?.startsWith("arn:aws:sqs:") ?? false;

/** Checks what Lambda checks when a mapping is created. @throws UnservableTemplate */
function mappingOf(template: Template, resource: Resource): Mapping {
  const property = <T>(name: string) => template.property<T>(resource, name);
  const batchSize = Number(property<number>("BatchSize") ?? 10);
  const windowMs = Number(property<number>("MaximumBatchingWindowInSeconds") ?? 0) * 1000;
  const { MaximumConcurrency } = property<{ MaximumConcurrency?: number }>("ScalingConfig") ?? {};
  const concurrency = Number(MaximumConcurrency ?? DEFAULT_CONCURRENCY);
  const queueArn = property<string>("EventSourceArn") ?? "";
  if (concurrency < 2 || concurrency > 1000) {
    throw new UnservableTemplate(`The MaximumConcurrency of ${queueArn} is not between 2 and 1000`);
  }
  if (batchSize > 10 && windowMs === 0) {
    throw new UnservableTemplate(`A batch size over 10 needs a batching window (${queueArn})`);
  }
  return {
    functionName: property<string>("FunctionName") ?? "",
    queueArn,
    batchSize,
    windowMs,
    concurrency,
    reportsFailures: (property<string[]>("FunctionResponseTypes") ?? []).includes("ReportBatchItemFailures"),
  };
}
