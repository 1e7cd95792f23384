/** A message of the queue that deliveries run on: ids only. */
export interface LaneMessage {
  readonly networkId: string;
  readonly webhookId: string;
  readonly uid: string;
  readonly lane: string;
  /** Set on the message that wakes a lane that waits. */
  readonly chain?: string;
}

export interface WebhookQueue {
  /** @param delaySeconds at most 900 */
  send(messages: readonly LaneMessage[], delaySeconds?: number): Promise<void>;
}

/** The longest delay of a message. */
export const MAX_DELAY_SECONDS = 900;
