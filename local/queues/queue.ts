/** A standard queue: messages with their visibility, and the move of a message to the dead-letter queue. */
import { randomUUID } from "node:crypto";
import type { Journal } from "../journal.ts";
import { invalidReceipt } from "./errors.ts";

export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly visibilityMs: number;
  readonly delayMs: number;
  readonly retentionMs: number;
  readonly redrive?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
}

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly sentMs: number;
  /** From when on it can be received. */
  readonly visibleMs: number;
  readonly receiveCount: number;
  readonly firstReceivedMs?: number;
  /** Of the last receive; the ones before have no effect any more. */
  readonly receipt?: string;
}

export type ReceivedMessage = Message & Required<Pick<Message, "firstReceivedMs" | "receipt">>;

export interface NewMessage {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, MessageAttribute>>;
  /** @default the queue's */
  readonly delayMs?: number;
}

export interface Queue {
  readonly settings: QueueSettings;
  send(message: NewMessage): Message;
  /** Takes up to `max` visible messages and hides them. The oldest come first. */
  receive(max: number, visibilityMs?: number): ReceivedMessage[];
  /** Deletes a message by its last receipt. A message that is gone already counts as deleted. */
  delete(receipt: string): void;
  /** @throws ReceiptHandleIsInvalid for a receipt that another receive has replaced */
  changeVisibility(receipt: string, visibilityMs: number): void;
  /** Adds a message of another queue: it keeps its id and its age. */
  adopt(message: Message): void;
  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number };
  /** When the next message becomes visible; Infinity for an empty queue. */
  nextVisibleMs(): number;
}

export interface QueueOptions {
  readonly settings: QueueSettings;
  readonly journal: Journal<Message>;
  readonly now: () => number;
  /** Called when messages were added, became visible again or got another visibility. */
  readonly changed: () => void;
  /** Moves a message that was received too often. */
  readonly bury: (message: Message) => void;
}

export function createQueue({ settings, journal, now, changed, bury }: QueueOptions): Queue {
  const { entries } = journal;

  /** @returns undefined where its retention is over, or it was received as often as the redrive policy allows */
  function remaining(message: Message): Message | undefined {
    const isOld = message.sentMs + settings.retentionMs <= now();
    const isSpent =
      settings.redrive !== undefined && message.receiveCount >= settings.redrive.maxReceiveCount;
    if (!isOld && !isSpent) return message;
    // added there before it is deleted here: a kill in between leaves two, never none
    if (!isOld) bury(message);
    journal.delete(message.id);
    return undefined;
  }

  function receive(max: number, visibilityMs = settings.visibilityMs): ReceivedMessage[] {
    const received: ReceivedMessage[] = [];
    const nowMs = now();
    for (const stored of entries.values()) {
      if (received.length === max) break;
      if (stored.visibleMs > nowMs) continue;
      const message = remaining(stored);
      if (message === undefined) continue;
      const taken = {
        ...message,
        visibleMs: nowMs + visibilityMs,
        receiveCount: message.receiveCount + 1,
        firstReceivedMs: message.firstReceivedMs ?? nowMs,
        receipt: `${message.id}/${randomUUID()}`,
      };
      journal.set(message.id, taken);
      received.push(taken);
    }
    return received;
  }

  function find(receipt: string): Message | undefined {
    const [id = "", nonce] = receipt.split("/");
    if (nonce === undefined) throw invalidReceipt(receipt);
    return entries.get(id);
  }

  return {
    settings,
    receive,
    send({ body, attributes = {}, delayMs = settings.delayMs }) {
      const sentMs = now();
      const visibleMs = sentMs + delayMs;
      const message = { id: randomUUID(), body, attributes, sentMs, visibleMs, receiveCount: 0 };
      journal.set(message.id, message);
      changed();
      return message;
    },
    delete(receipt) {
      const message = find(receipt);
      // a message that was received again meanwhile stays, without an error: as on AWS
      if (message?.receipt === receipt) journal.delete(message.id);
    },
    changeVisibility(receipt, visibilityMs) {
      const message = find(receipt);
      if (message?.receipt !== receipt) throw invalidReceipt(receipt);
      journal.set(message.id, { ...message, visibleMs: now() + visibilityMs });
      changed();
    },
    adopt(message) {
      const { receipt: _receipt, firstReceivedMs: _firstReceivedMs, ...rest } = message;
      journal.set(message.id, { ...rest, receiveCount: 0, visibleMs: now() });
      changed();
    },
    counts() {
      const nowMs = now();
      const counts = { visible: 0, inFlight: 0, delayed: 0 };
      for (const { visibleMs, receipt } of entries.values()) {
        if (visibleMs <= nowMs) counts.visible += 1;
        else if (receipt === undefined) counts.delayed += 1;
        else counts.inFlight += 1;
      }
      return counts;
    },
    nextVisibleMs() {
      let next = Number.POSITIVE_INFINITY;
      for (const { visibleMs } of entries.values()) next = Math.min(next, visibleMs);
      return next;
    },
  };
}
