/** How a message came in, besides what it states. */
export interface Receipt {
  /** When it is processed, epoch milliseconds. */
  readonly now: number;
  /** When API Gateway received it (`requestTimeEpoch`). */
  readonly receivedAtMs: number;
  readonly connectionId: string;
  /** The station's message id. */
  readonly messageId: string;
}

/**
 * The place of a message in the order of receipt; places compare as texts. Messages of one connection are
 * processed concurrently, so the order of processing means nothing. Within one millisecond the station's own
 * time decides, then the number that most stations end their message ids with.
 */
export function receiptOrder({ receivedAtMs, messageId }: Receipt, statedMs = 0): string {
  const counter = messageId.length < 36 ? (/\d{1,15}$/.exec(messageId)?.[0] ?? "") : "";
  return [receivedAtMs, statedMs, counter].map((part) => String(part).padStart(15, "0")).join("#");
}
