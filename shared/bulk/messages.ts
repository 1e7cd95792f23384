/** A message of the queue that bulk commands run on. */
export type BulkMessage =
  /** Sent before the bulk command is stored: begin, if it was and no worker has. */
  | { readonly job: "start"; readonly bulkId: string }
  /** Take stations of the snapshot, one after the other. There are as many of these as stations at once. */
  | { readonly job: "share"; readonly bulkId: string; readonly worker: number }
  /** Send it to a station that was offline and has connected. */
  | {
      readonly job: "station";
      readonly bulkId: string;
      readonly n: number;
      /** How often it had to come again. */
      readonly tries?: number;
    }
  /** Give up the stations that are offline still. */
  | { readonly job: "expiry"; readonly bulkId: string };

export interface BulkQueue {
  /** @param delaySeconds at most 900 */
  send(messages: readonly BulkMessage[], delaySeconds?: number): Promise<void>;
}

/** The longest delay of a message. */
const MAX_DELAY_SECONDS = 900;

export const delayFor = (ms: number): number =>
  Math.min(Math.max(Math.ceil(ms / 1000), 0), MAX_DELAY_SECONDS);
