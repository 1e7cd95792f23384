/** The operations of SQS's JSON protocol: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { invalidBatch, invalidValue, isQueueError } from "./errors.ts";
import type { Message, MessageAttribute, Queue, ReceivedMessage } from "./queue.ts";

export type Input = Readonly<Record<string, unknown>>;

interface Operation {
  /** The right it takes; those of batches have none of their own. */
  readonly action: string;
  readonly run: (queue: Queue, input: Input) => object | Promise<object>;
}

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_DELAY_SECONDS = 900;
const MAX_VISIBILITY_SECONDS = 43_200;
const POLL_MS = 50;

export const operations: Readonly<Record<string, Operation>> = {
  SendMessage: { action: "SendMessage", run: send },
  SendMessageBatch: { action: "SendMessage", run: batched(send, sizesOf) },
  ReceiveMessage: { action: "ReceiveMessage", run: receive },
  DeleteMessage: { action: "DeleteMessage", run: remove },
  DeleteMessageBatch: { action: "DeleteMessage", run: batched(remove) },
  ChangeMessageVisibility: { action: "ChangeMessageVisibility", run: changeVisibility },
  ChangeMessageVisibilityBatch: { action: "ChangeMessageVisibility", run: batched(changeVisibility) },
  GetQueueAttributes: { action: "GetQueueAttributes", run: attributesOf },
};

function send(queue: Queue, input: Input) {
  const body = text(input, "MessageBody");
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_BODY_BYTES) {
    throw invalidValue(
      `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_BODY_BYTES} bytes.`,
    );
  }
  const seconds = integer(input, "DelaySeconds", 0, MAX_DELAY_SECONDS);
  const { id } = queue.send({
    body,
    attributes: (input.MessageAttributes ?? {}) as Readonly<Record<string, MessageAttribute>>,
    ...(seconds !== undefined && { delayMs: seconds * 1000 }),
  });
  return { MessageId: id, MD5OfMessageBody: md5(body) };
}

async function receive(queue: Queue, input: Input) {
  const max = integer(input, "MaxNumberOfMessages", 1, 10) ?? 1;
  const seconds = integer(input, "VisibilityTimeout", 0, MAX_VISIBILITY_SECONDS);
  const visibilityMs = seconds === undefined ? undefined : seconds * 1000;
  const waitUntil = performance.now() + (integer(input, "WaitTimeSeconds", 0, 20) ?? 0) * 1000;
  let messages = queue.receive(max, visibilityMs);
  while (messages.length === 0 && performance.now() < waitUntil) {
    await sleep(POLL_MS);
    messages = queue.receive(max, visibilityMs);
  }
  const wantsSystem = names(input, "MessageSystemAttributeNames", "AttributeNames");
  const wantsOwn = names(input, "MessageAttributeNames");
  return {
    ...(messages.length > 0 && {
      Messages: messages.map((message) => ({
        MessageId: message.id,
        ReceiptHandle: message.receipt,
        Body: message.body,
        MD5OfBody: md5(message.body),
        Attributes: picked(systemAttributesOf(message), wantsSystem),
        MessageAttributes: picked(message.attributes, wantsOwn),
      })),
    }),
  };
}

function remove(queue: Queue, input: Input) {
  queue.delete(text(input, "ReceiptHandle"));
  return {};
}

function changeVisibility(queue: Queue, input: Input) {
  const seconds = integer(input, "VisibilityTimeout", 0, MAX_VISIBILITY_SECONDS);
  if (seconds === undefined) throw invalidValue("VisibilityTimeout must not be null");
  queue.changeVisibility(text(input, "ReceiptHandle"), seconds * 1000);
  return {};
}

function attributesOf(queue: Queue, input: Input) {
  const { settings } = queue;
  const { visible, inFlight, delayed } = queue.counts();
  const all = {
    QueueArn: settings.arn,
    VisibilityTimeout: String(settings.visibilityMs / 1000),
    DelaySeconds: String(settings.delayMs / 1000),
    MessageRetentionPeriod: String(settings.retentionMs / 1000),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    ...(settings.redrive && { RedrivePolicy: JSON.stringify(settings.redrive) }),
  };
  return { Attributes: picked(all, names(input, "AttributeNames")) };
}

type EntryOperation = (queue: Queue, entry: Input) => object;

/** An outcome for each entry: one that fails does not keep the others from succeeding. */
function batched(run: EntryOperation, check: (entries: readonly Input[]) => void = () => undefined) {
  return (queue: Queue, input: Input) => {
    const entries = (input.Entries ?? []) as readonly Input[];
    if (entries.length === 0) throw invalidBatch("EmptyBatchRequest", "There should be at least one entry.");
    if (entries.length > 10) {
      throw invalidBatch("TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10.");
    }
    const ids = entries.map((entry) => text(entry, "Id"));
    if (new Set(ids).size < ids.length) {
      throw invalidBatch("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.");
    }
    check(entries);
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const [place, entry] of entries.entries()) {
      const Id = ids[place];
      try {
        Successful.push({ Id, ...run(queue, entry) });
      } catch (error) {
        if (!isQueueError(error)) throw error;
        Failed.push({ Id, SenderFault: true, Code: error.query, Message: error.message });
      }
    }
    return { Successful, ...(Failed.length > 0 && { Failed }) };
  };
}

function sizesOf(entries: readonly Input[]): void {
  const bytes = entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(String(MessageBody)), 0);
  if (bytes > MAX_BODY_BYTES) {
    throw invalidBatch(
      "BatchRequestTooLong",
      `Batch requests cannot be longer than ${MAX_BODY_BYTES} bytes. You have sent ${bytes} bytes.`,
    );
  }
}

/** What SQS itself knows of a message. */
export const systemAttributesOf = ({ receiveCount, firstReceivedMs, sentMs }: ReceivedMessage) => ({
  ApproximateReceiveCount: String(receiveCount),
  ApproximateFirstReceiveTimestamp: String(firstReceivedMs),
  SentTimestamp: String(sentMs),
  SenderId: "local",
});

export const md5 = (content: Message["body"]) => createHash("md5").update(content).digest("hex");

function picked<Value>(all: Readonly<Record<string, Value>>, wanted: ReadonlySet<string>) {
  const isWanted = (name: string) => wanted.has("All") || wanted.has(name);
  return Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name)));
}

const names = (input: Input, ...members: string[]): ReadonlySet<string> =>
  new Set(members.flatMap((member) => (input[member] ?? []) as string[]));

function text(input: Input, member: string): string {
  const value = input[member];
  if (typeof value === "string" && value !== "") return value;
  throw invalidValue(`The request must contain the parameter ${member}.`);
}

function integer(input: Input, member: string, min: number, max: number): number | undefined {
  const value = input[member] ?? undefined;
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw invalidValue(
    `Value ${value} for parameter ${member} is invalid. Reason: Must be between ${min} and ${max}, if provided.`,
  );
}
