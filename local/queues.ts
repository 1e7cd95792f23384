/** SQS on loopback, for standard queues: the SDK's protocol (AWS JSON 1.0), and the event sources of functions. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { resetIdleSockets } from "./idle-sockets.ts";
import { openJournal } from "./journal.ts";
import type { Lambda } from "./lambda/service.ts";
import { listen, readBody, serverOf, stop } from "./listen.ts";
import { denied, invalidValue, isQueueError, noSuchQueue, unsupported } from "./queues/errors.ts";
import { createQueueEventSources } from "./queues/event-source.ts";
import { type Input, operations } from "./queues/operations.ts";
import { createQueue, type Message, type Queue, type QueueSettings } from "./queues/queue.ts";
import type { Guard } from "./rights/guard.ts";
import { type Resource, type Template, UnservableTemplate } from "./template.ts";

export interface QueuesOptions {
  readonly template: Template;
  /** Keep the messages in this folder, over restarts and kills; in memory without. */
  readonly dataDir?: string;
  /** The clock of delays and visibility, epoch milliseconds. */
  readonly now: () => number;
  /** The roles whose rights are enforced. @default none */
  readonly guard?: Guard;
  /** Whose functions the event sources invoke. */
  readonly lambda: () => Lambda;
  /** Sockets that were idle for so long are reset. @default 0, none is */
  readonly idleSocketMs?: number;
}

export interface Queues {
  readonly endpoint: string;
  /** Invokes functions with what is there; before, their environments lack the addresses of other services. */
  startDelivery(): void;
  /** Requests by operation since the start or the last reset, those of event sources included. */
  metrics(): Record<string, number>;
  resetMetrics(): void;
  /** To be called after the clock was moved. */
  clockMoved(): void;
  close(): Promise<void>;
}

/** What setTimeout can count to. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export async function startQueues(options: QueuesOptions): Promise<Queues> {
  const { template, dataDir, now, guard, lambda, idleSocketMs = 0 } = options;
  const counts = new Map<string, number>();
  const count = (operation: string) => void counts.set(operation, (counts.get(operation) ?? 0) + 1);
  const sources = createQueueEventSources({ template, lambda, count, settled: review });
  const timers = new Map<string, NodeJS.Timeout>();
  const folder = dataDir === undefined ? undefined : join(dataDir, "queues");
  let isDelivering = false;

  const opened = template.ofType("AWS::SQS::Queue").map((resource) => {
    const settings = settingsOf(template, resource);
    const journal = openJournal<Message>(folder, `${settings.name}.jsonl`);
    const queue: Queue = createQueue({
      settings,
      journal,
      now,
      changed: () => review(queue),
      bury: (message) => byArn.get(settings.redrive?.deadLetterTargetArn ?? "")?.adopt(message),
    });
    return { queue, journal };
  });
  const queues = opened.map(({ queue }) => queue);
  const byArn = new Map(queues.map((queue) => [queue.settings.arn, queue]));
  const byName = new Map(queues.map((queue) => [queue.settings.name, queue]));
  for (const { settings } of queues) requireTarget(settings, byArn);

  /** Offers the queue's messages to its event sources, now and when the next one becomes visible. */
  function review(queue: Queue): void {
    const { name } = queue.settings;
    clearTimeout(timers.get(name));
    if (!isDelivering) return;
    sources.review(queue);
    const waitMs = queue.nextVisibleMs() - now();
    if (waitMs <= 0 || waitMs === Number.POSITIVE_INFINITY) return;
    timers.set(name, setTimeout(review, Math.min(waitMs, MAX_TIMER_MS), queue).unref());
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await readBody(request)).toString();
    try {
      send(response, 200, await perform(request, body));
    } catch (error) {
      if (!isQueueError(error)) throw error;
      response.setHeader("x-amzn-query-error", `${error.query};Sender`);
      send(response, error.status, { __type: `com.amazonaws.sqs#${error.name}`, message: error.message });
    }
  }

  async function perform({ headers }: IncomingMessage, body: string): Promise<object> {
    const name = String(headers["x-amz-target"]).replace(/^AmazonSQS\./, "");
    const operation = operations[name];
    if (operation === undefined) throw unsupported(`${name} is not served on this machine`);
    const input = parse(body);
    const queue = byName.get(String(input.QueueUrl).split("/").at(-1) ?? "");
    if (queue === undefined) throw noSuchQueue();
    const access = { action: `sqs:${operation.action}`, resource: queue.settings.arn };
    const refusal = guard?.refusal(headers.authorization, [access]);
    if (refusal !== undefined) throw denied(refusal);
    count(name);
    return await operation.run(queue, input);
  }

  const server = serverOf(handle);
  resetIdleSockets(server, idleSocketMs);
  const endpoint = await listen(server, 0);
  const reviewAll = () => {
    for (const queue of queues) review(queue);
  };
  return {
    endpoint,
    startDelivery() {
      isDelivering = true;
      reviewAll();
    },
    metrics: () => Object.fromEntries(counts),
    resetMetrics: () => counts.clear(),
    clockMoved: reviewAll,
    async close() {
      isDelivering = false;
      sources.close();
      for (const timer of timers.values()) clearTimeout(timer);
      await stop(server);
      for (const { journal } of opened) journal.close();
    },
  };
}

function settingsOf(template: Template, resource: Resource): QueueSettings {
  const seconds = (name: string, otherwise: number) =>
    Number(template.property<number>(resource, name) ?? otherwise) * 1000;
  if (template.property<boolean>(resource, "FifoQueue")) {
    throw new UnservableTemplate(`${resource.logicalId} is a FIFO queue; only standard queues are served`);
  }
  const redrive = template.property<QueueSettings["redrive"]>(resource, "RedrivePolicy");
  return {
    name: template.name(resource),
    arn: template.attribute(resource, "Arn"),
    visibilityMs: seconds("VisibilityTimeout", 30),
    delayMs: seconds("DelaySeconds", 0),
    retentionMs: seconds("MessageRetentionPeriod", 345_600),
    ...(redrive && { redrive: { ...redrive, maxReceiveCount: Number(redrive.maxReceiveCount) } }),
  };
}

function requireTarget({ name, redrive }: QueueSettings, queues: ReadonlyMap<string, Queue>): void {
  if (redrive === undefined || queues.has(redrive.deadLetterTargetArn)) return;
  throw new UnservableTemplate(`The dead-letter queue of ${name} is not in the template`);
}

function parse(body: string): Input {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value as Input;
  } catch {
    // Refused below, like every other body that is no object.
  }
  throw invalidValue("The request body is not a JSON object");
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
  response.end(JSON.stringify(body));
}
