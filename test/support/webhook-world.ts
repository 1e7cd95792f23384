import { randomUUID } from "node:crypto";
import type { EventType } from "../../shared/event-types.ts";
import { type DeliverDeps, runLane } from "../../shared/webhooks/deliver.ts";
import { listDeliveries } from "../../shared/webhooks/deliveries.ts";
import { storeDeliveries } from "../../shared/webhooks/fan-out.ts";
import type { LaneMessage } from "../../shared/webhooks/messages.ts";
import type { Posted } from "../../shared/webhooks/post.ts";
import { putWebhook, readWebhook, type WebhookDeps } from "../../shared/webhooks/webhooks.ts";
import type { TestTable } from "./table.ts";

const START_MS = Date.UTC(2026, 10, 28, 9);

/** The visibility timeout of the queue. */
const VISIBILITY_MS = 6 * 60_000;

/** A request as the receiver gets it. */
export interface Request {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly eventId: string;
  readonly atMs: number;
}

/** An error after which nothing of the invocation runs. */
class Killed extends Error {}

/** Webhooks over a real table, with a queue, a clock and a receiver that a test drives. */
class WebhookWorld {
  nowMs = START_MS;
  /** What was sent to receivers, in order. */
  readonly requests: Request[] = [];
  /** What receivers answer: a status, or no response. */
  answer: (request: Request) => number | undefined = () => 204;
  readonly #waiting: { message: LaneMessage; dueMs: number }[] = [];
  readonly #table: TestTable;
  /** How many steps are left until the function dies. */
  #stepsLeft = Number.POSITIVE_INFINITY;

  constructor(table: TestTable) {
    this.#table = table;
  }

  /** Deliver, registry and callers use the same dependencies. */
  get deps(): DeliverDeps & WebhookDeps & { readonly logDays: number } {
    const step = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (object, name, receiver) => {
          const member = Reflect.get(object, name, receiver);
          if (typeof member !== "function") return member;
          return async (...args: unknown[]) => {
            this.#step();
            return member.apply(object, args);
          };
        },
      });
    const queue = {
      send: async (messages: readonly LaneMessage[], delaySeconds = 0) => {
        const dueMs = this.nowMs + delaySeconds * 1000;
        this.#waiting.push(...messages.map((message) => ({ message, dueMs })));
      },
    };
    const receiver = {
      post: async (url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Posted> => {
        const eventId = String(headers["webhook-id"]);
        const request = { url, headers, body, eventId, atMs: this.nowMs };
        this.requests.push(request);
        const status = this.answer(request);
        const durationMs = 20;
        return status === undefined ? { error: "no answer within 10 s", durationMs } : { status, durationMs };
      },
    };
    return {
      table: step(this.#table.table),
      secrets: step(this.#table.passwords),
      queue: step(queue),
      post: step(receiver).post,
      clock: { now: () => this.nowMs },
      newId: randomUUID,
      logDays: 30,
    };
  }

  #step(): void {
    if (this.#stepsLeft <= 0) throw new Killed();
    this.#stepsLeft -= 1;
  }

  /** Publishes an event of a station, as the stream's function does. */
  async publish(eventId: string, cpId: string, networkId = "default"): Promise<void> {
    const at = new Date(this.nowMs);
    const type: EventType = "connector.status";
    const event = { eventId, type, networkId, cpId, at, place: `${at.toISOString()}#${eventId}` };
    const { deps } = this;
    await deps.queue.send(await storeDeliveries(deps, [{ ...event, data: JSON.stringify({ eventId }) }]));
  }

  /** Runs what is due until then, in order of time. */
  async runUntil(untilMs: number, mayGoOn: () => boolean = () => true): Promise<void> {
    for (;;) {
      this.#waiting.sort((a, b) => a.dueMs - b.dueMs);
      const [next] = this.#waiting;
      if (!next || next.dueMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      this.#waiting.shift();
      try {
        await runLane(this.deps, next.message, mayGoOn);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        this.#stepsLeft = Number.POSITIVE_INFINITY;
        this.#waiting.push({ message: next.message, dueMs: this.nowMs + VISIBILITY_MS });
      }
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  runFor = (ms: number): Promise<void> => this.runUntil(this.nowMs + ms);

  /** Moves the clock at once, and runs what is due by then: a lane that waits for hours is a few messages only. */
  async jump(ms: number): Promise<void> {
    this.nowMs += ms;
    await this.runUntil(this.nowMs);
  }

  /** Lets the function die after so many steps: requests to a table, to the queue or to the receiver. */
  killAfter(steps: number): void {
    this.#stepsLeft = steps;
  }

  /** Whether the function did not die: it took fewer steps. */
  survived(): boolean {
    const survived = this.#stepsLeft !== Number.POSITIVE_INFINITY;
    this.#stepsLeft = Number.POSITIVE_INFINITY;
    return survived;
  }

  /** The messages that wait in the queue. */
  waiting = (): number => this.#waiting.length;

  /** The ids of the events that receivers accepted, each once, in order. */
  accepted = (): string[] => [
    ...new Set(this.requests.filter((request) => this.answer(request) === 204).map(({ eventId }) => eventId)),
  ];
}

let networks = 0;

/** A world whose network has one webhook, for all events. */
export async function subscribed(table: TestTable, settings: object = {}) {
  const own = new WebhookWorld(table);
  const networkId = `net-${networks++}`;
  const key = { networkId, webhookId: "hook" };
  const put = (more: object = {}) =>
    putWebhook(own.deps, key, {
      url: "https://a.example/",
      events: ["*"],
      enabled: true,
      ...settings,
      ...more,
    });
  const { secret = "" } = await put();
  const read = () => readWebhook(own.deps.table, networkId, "hook");
  const deliveries = async () =>
    (await listDeliveries(own.deps.table, await read(), { limit: 500, mayGoOn: () => true })).items;
  const publish = (eventId: string, cpId = "CP1") => own.publish(eventId, cpId, networkId);
  return { own, networkId, put, secret, read, deliveries, publish };
}
