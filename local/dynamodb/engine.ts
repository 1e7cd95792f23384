import type { ItemChange, Watched } from "./changes.ts";

/** What plays DynamoDB here. */
export interface Engine {
  readonly endpoint: string;
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Gets every request but the runner's own. */
  readonly counters: Int32Array<SharedArrayBuffer>;
  /** Which changes are told to `onChange`. */
  readonly watched: Watched;
  readonly onChange: (change: ItemChange) => void;
  /** Sockets that were idle for so long are reset; 0: none is. */
  readonly idleSocketMs: number;
}
