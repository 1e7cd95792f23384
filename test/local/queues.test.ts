import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  QueueDoesNotExist,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Outcome } from "../../local/lambda/environment.ts";
import type { LocalFunction } from "../../local/lambda/function.ts";
import type { Lambda } from "../../local/lambda/service.ts";
import { type Queues, type QueuesOptions, startQueues } from "../../local/queues.ts";
import { createRights } from "../../local/rights.ts";
import { loadAssembly, UnservableTemplate } from "../../local/template.ts";
import { type Resources, writeAssembly } from "./fixtures/assembly.ts";

const NOON = Date.parse("2026-11-20T12:00:00Z");
const QUEUE = "https://sqs.eu-west-1.amazonaws.com/000000000000/work";
const DEAD = "https://sqs.eu-west-1.amazonaws.com/000000000000/dead";

const resources: Resources = {
  Work: {
    Type: "AWS::SQS::Queue",
    Properties: {
      QueueName: "work",
      VisibilityTimeout: 60,
      RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Dead", "Arn"] }, maxReceiveCount: 2 },
    },
  },
  Dead: { Type: "AWS::SQS::Queue", Properties: { QueueName: "dead", MessageRetentionPeriod: 1_209_600 } },
};
const mapping = (properties: object = {}): Resources => ({
  Source: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: { FunctionName: "worker", EventSourceArn: { "Fn::GetAtt": ["Work", "Arn"] }, ...properties },
  },
});

interface Record {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
}

/** A function that keeps each batch until the test ends it. */
function createWorker() {
  const batches: { readonly records: readonly Record[]; readonly end: (outcome: Outcome) => void }[] = [];
  const invoke: LocalFunction["invoke"] = (event) =>
    new Promise((end) => batches.push({ records: JSON.parse(event).Records, end }));
  const lambda = {
    find: (name: string) => (name === "worker" ? { invoke } : undefined),
  } as unknown as Lambda;
  return { batches, lambda };
}
const ok = (payload: unknown = null): Outcome => ({ status: "ok", payload: JSON.stringify(payload) });
const failed: Outcome = { status: "failed", error: { errorType: "Error", errorMessage: "no" } };

let nowMs: number;
let worker: ReturnType<typeof createWorker>;
const opened: { queues: Queues; client: SQSClient }[] = [];
beforeEach(() => {
  nowMs = NOON;
  worker = createWorker();
});
afterEach(async () => {
  for (const { queues, client } of opened.splice(0)) {
    client.destroy();
    await queues.close();
  }
});

async function prepare(more: Resources = {}, options: Partial<QueuesOptions> = {}, accessKeyId = "local") {
  const template = loadAssembly(writeAssembly({ resources: { ...resources, ...more } }));
  const queues = await startQueues({ template, now: () => nowMs, lambda: () => worker.lambda, ...options });
  const client = new SQSClient({
    region: "eu-west-1",
    endpoint: queues.endpoint,
    useQueueUrlAsEndpoint: false,
    credentials: { accessKeyId, secretAccessKey: "local" },
    maxAttempts: 1,
  });
  opened.push({ queues, client });
  queues.startDelivery();
  const advance = (seconds: number) => {
    nowMs += seconds * 1000;
    queues.clockMoved();
  };
  const send = (MessageBody: string, rest: object = {}) =>
    client.send(new SendMessageCommand({ QueueUrl: QUEUE, MessageBody, ...rest }));
  const receive = async (QueueUrl = QUEUE, rest: object = {}) => {
    const input = {
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ["All" as const],
      ...rest,
    };
    return (await client.send(new ReceiveMessageCommand(input))).Messages ?? [];
  };
  return { queues, client, advance, send, receive };
}

const bodies = (messages: readonly { Body?: string | undefined }[]) => messages.map(({ Body }) => Body);
const texts = (records: readonly Record[] = []) => records.map(({ body }) => body);

describe("the API of SQS", () => {
  it("delivers a message with its attributes, and hides it until its visibility timeout is over", async () => {
    const { send, receive, advance, queues } = await prepare();
    const MessageAttributes = { kind: { DataType: "String", StringValue: "test" } };
    const { MessageId } = await send("one", { MessageAttributes });

    const [first] = await receive(QUEUE, { MessageAttributeNames: ["All"] });
    const hidden = await receive();
    advance(60);
    const [again] = await receive();

    expect(first).toMatchObject({ MessageId, Body: "one", MessageAttributes });
    expect(first?.Attributes).toMatchObject({ ApproximateReceiveCount: "1", SentTimestamp: String(NOON) });
    expect(hidden).toEqual([]);
    expect(again).toMatchObject({ MessageId, Attributes: { ApproximateReceiveCount: "2" } });
    expect(queues.metrics()).toEqual({ SendMessage: 1, ReceiveMessage: 3 });
  });

  it("delays a message, and counts visible, delayed and hidden ones", async () => {
    const { client, send, receive, advance } = await prepare();
    await send("now");
    await send("hidden");
    await send("later", { DelaySeconds: 900 });
    await receive(QUEUE, { MaxNumberOfMessages: 1 });

    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: QUEUE, AttributeNames: ["All"] }),
    );
    const early = bodies(await receive());
    advance(900);
    const late = bodies(await receive());

    expect(Attributes).toMatchObject({
      QueueArn: "arn:aws:sqs:eu-west-1:000000000000:work",
      VisibilityTimeout: "60",
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesNotVisible: "1",
      ApproximateNumberOfMessagesDelayed: "1",
    });
    expect(early).toEqual(["hidden"]);
    expect(late).toContain("later");
  });

  it("changes visibility, and deletes by the last receipt only", async () => {
    const { client, send, receive } = await prepare();
    await send("one");
    const [{ ReceiptHandle: stale } = {}] = await receive();
    const change = (ReceiptHandle: string | undefined) =>
      client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: QUEUE, ReceiptHandle, VisibilityTimeout: 0 }),
      );
    await change(stale);
    const [{ ReceiptHandle } = {}] = await receive();

    await expect(change(stale)).rejects.toThrow(ReceiptHandleIsInvalid);
    await client.send(new DeleteMessageCommand({ QueueUrl: QUEUE, ReceiptHandle: stale }));
    await change(ReceiptHandle);
    expect(bodies(await receive(DEAD))).toEqual([]);
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: QUEUE, AttributeNames: ["ApproximateNumberOfMessages"] }),
    );
    expect(Attributes).toEqual({ ApproximateNumberOfMessages: "1" });
  });

  it("answers batches entry by entry", async () => {
    const { client, receive } = await prepare();
    const sent = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: QUEUE,
        Entries: [
          { Id: "a", MessageBody: "one" },
          { Id: "b", MessageBody: "two", DelaySeconds: 901 },
          { Id: "c", MessageBody: "three" },
        ],
      }),
    );
    const received = await receive();
    const entries = received.map(({ ReceiptHandle }, place) => ({ Id: String(place), ReceiptHandle }));
    const changed = await client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: QUEUE,
        Entries: entries.map((entry) => ({ ...entry, VisibilityTimeout: 5 })),
      }),
    );
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: QUEUE,
        Entries: [...entries, { Id: "x", ReceiptHandle: "nonsense" }],
      }),
    );

    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(["a", "c"]);
    expect(sent.Failed).toEqual([
      { Id: "b", SenderFault: true, Code: "InvalidParameterValue", Message: expect.stringContaining("900") },
    ]);
    expect(bodies(received)).toEqual(["one", "three"]);
    expect(changed.Successful).toHaveLength(2);
    expect(deleted).toMatchObject({ Successful: [{ Id: "0" }, { Id: "1" }], Failed: [{ Id: "x" }] });
  });

  it.each([
    ["no entry", [], "EmptyBatchRequest"],
    ["eleven entries", Array.from({ length: 11 }, (_, n) => `${n}`), "TooManyEntriesInBatchRequest"],
    ["an id twice", ["a", "a"], "BatchEntryIdsNotDistinct"],
  ])("refuses a batch with %s", async (_name, ids, name) => {
    const { client } = await prepare();
    const Entries = ids.map((Id) => ({ Id, MessageBody: "x" }));

    await expect(
      client.send(new SendMessageBatchCommand({ QueueUrl: QUEUE, Entries })),
    ).rejects.toMatchObject({ name });
  });

  it("moves a message that was received too often to the dead-letter queue, with its id and age", async () => {
    const { send, receive, advance } = await prepare();
    const { MessageId } = await send("poison");
    await receive();
    advance(60);
    await receive();
    advance(60);

    expect(await receive()).toEqual([]);
    expect(await receive(DEAD)).toMatchObject([
      {
        MessageId,
        Body: "poison",
        Attributes: { ApproximateReceiveCount: "1", SentTimestamp: String(NOON) },
      },
    ]);
  });

  it("drops messages that are older than the retention period", async () => {
    const { send, receive, advance } = await prepare();
    await send("old");
    advance(4 * 86_400);

    expect(await receive()).toEqual([]);
  });

  it("waits for a message as long as the request says", async () => {
    const { send, receive } = await prepare();
    const waiting = receive(QUEUE, { WaitTimeSeconds: 20 });
    await send("one");

    expect(bodies(await waiting)).toEqual(["one"]);
  });

  it("refuses a queue that is not in the template", async () => {
    const { receive } = await prepare();

    await expect(receive(`${QUEUE}2`)).rejects.toThrow(QueueDoesNotExist);
  });

  it("keeps messages and their visibility over a restart", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "queues-"));
    try {
      const first = await prepare({}, { dataDir });
      await first.send("hidden");
      await first.receive();
      await first.send("visible");
      // a kill closes nothing
      const second = await prepare({}, { dataDir });

      expect(bodies(await second.receive())).toEqual(["visible"]);
      second.advance(60);
      expect(bodies(await second.receive())).toEqual(["hidden", "visible"]);
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });

  it("refuses a function's role what its policy does not allow", async () => {
    const access = {
      Effect: "Allow",
      Action: "sqs:SendMessage",
      Resource: { "Fn::GetAtt": ["Work", "Arn"] },
    };
    const more: Resources = {
      Role: {
        Type: "AWS::IAM::Role",
        Properties: {
          AssumeRolePolicyDocument: {
            Statement: {
              Effect: "Allow",
              Action: "sts:AssumeRole",
              Principal: { Service: "lambda.amazonaws.com" },
            },
          },
          Policies: [{ PolicyName: "p", PolicyDocument: { Statement: [access] } }],
        },
      },
    };
    const functions = {
      sender: { code: "", properties: { Role: { "Fn::GetAtt": ["Role", "Arn"] }, FunctionName: "sender" } },
    };
    const rights = createRights(
      loadAssembly(writeAssembly({ resources: { ...resources, ...more }, functions })),
    );
    const key = String(rights.credentialsOf("sender").AWS_ACCESS_KEY_ID);
    const { send, receive } = await prepare({}, { guard: rights }, key);

    await expect(send("one")).resolves.toBeDefined();
    await expect(receive()).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("sqs:ReceiveMessage"),
    });
    expect(rights.report()).toMatchObject({
      sender: { used: [expect.stringMatching(/^sqs:SendMessage .*:work$/)] },
    });
  });
});

describe("an event source", () => {
  it("invokes the function with batches, at most as many at once as its maximum, and deletes them", async () => {
    const { send, queues } = await prepare(
      mapping({ BatchSize: 2, ScalingConfig: { MaximumConcurrency: 2 } }),
    );
    for (const body of ["1", "2", "3", "4", "5", "6"]) await send(body);
    await vi.waitUntil(() => worker.batches.length === 2);

    expect(texts(worker.batches[0]?.records)).toEqual(["1"]);
    expect(texts(worker.batches[1]?.records)).toEqual(["2"]);
    worker.batches[0]?.end(ok());
    await vi.waitUntil(() => worker.batches.length === 3);
    expect(texts(worker.batches[2]?.records)).toEqual(["3", "4"]);
    worker.batches[1]?.end(ok());
    worker.batches[2]?.end(ok());
    await vi.waitUntil(() => worker.batches.length === 4);
    worker.batches[3]?.end(ok());
    await vi.waitUntil(() => queues.metrics().DeleteMessageBatch === 4);
  });

  it("deletes what succeeded of a batch; what failed comes again after its visibility timeout", async () => {
    const { client, queues, advance } = await prepare(
      mapping({ MaximumBatchingWindowInSeconds: 1, FunctionResponseTypes: ["ReportBatchItemFailures"] }),
    );
    const Entries = ["1", "2", "3"].map((Id) => ({ Id, MessageBody: Id }));
    await client.send(new SendMessageBatchCommand({ QueueUrl: QUEUE, Entries }));
    await vi.waitUntil(() => worker.batches.length === 1, { timeout: 10_000 });
    const { records = [], end } = worker.batches[0] ?? {};
    expect(texts(records)).toEqual(["1", "2", "3"]);
    end?.(ok({ batchItemFailures: [{ itemIdentifier: records[1]?.messageId }] }));
    await vi.waitUntil(() => queues.metrics().DeleteMessageBatch === 1, { timeout: 10_000 });
    advance(60);
    await vi.waitUntil(() => worker.batches.length === 2, { timeout: 10_000 });

    expect(worker.batches[1]?.records).toMatchObject([
      { body: "2", attributes: { ApproximateReceiveCount: "2" } },
    ]);
  });

  it.each([
    ["the function fails", failed],
    ["the function is throttled", { status: "throttled" } as const],
    ["the response names another message", ok({ batchItemFailures: [{ itemIdentifier: "other" }] })],
  ])("delivers the whole batch again where %s, and buries it at last", async (_name, outcome) => {
    const { send, advance, receive } = await prepare(
      mapping({ FunctionResponseTypes: ["ReportBatchItemFailures"] }),
    );
    await send("1");
    for (const times of [1, 2]) {
      await vi.waitUntil(() => worker.batches.length === times);
      worker.batches[times - 1]?.end(outcome);
      await new Promise((resolve) => setImmediate(resolve));
      advance(60);
    }

    expect(bodies(await receive(DEAD))).toEqual(["1"]);
    expect(worker.batches).toHaveLength(2);
  });

  it.each([
    ["a maximum concurrency of 1", { ScalingConfig: { MaximumConcurrency: 1 } }],
    ["more than ten messages without a batching window", { BatchSize: 11 }],
  ])("refuses %s, as Lambda does", async (_name, properties) => {
    await expect(prepare(mapping(properties))).rejects.toThrow(UnservableTemplate);
  });
});
