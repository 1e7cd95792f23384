import type { Principal, Use } from "../rights/guard.ts";
import type { ItemChange, Watched } from "./changes.ts";

/** Whose rights are enforced; who signs with another key may do everything. */
export interface Access {
  readonly principals: readonly Principal[];
  /** `arn:aws:dynamodb:{region}:{account}:table/` */
  readonly tablesArn: string;
}

/** What plays DynamoDB here. */
export interface Engine {
  readonly endpoint: string;
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Gets every request but the runner's own. */
  readonly counters: Int32Array<SharedArrayBuffer>;
  /** The changes that are passed to `onChange`. */
  readonly watched: Watched;
  readonly onChange: (change: ItemChange) => void;
  /** Sockets that were idle for so long are reset; 0: none is. */
  readonly idleSocketMs: number;
  readonly access: Access;
  /** Called when a right is used for the first time. */
  readonly onUse: (use: Use) => void;
}
