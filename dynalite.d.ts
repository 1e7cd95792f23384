declare module "dynalite" {
  import type { Server } from "node:http";

  export interface DynaliteOptions {
    /** Where to keep the data; in memory by default. */
    readonly path?: string;
    /** How long a table stays CREATING, in milliseconds. @default 500 */
    readonly createTableMs?: number;
    readonly updateTableMs?: number;
    readonly deleteTableMs?: number;
    /** In KB. @default 400 */
    readonly maxItemSizeKb?: number;
  }

  /** A DynamoDB over HTTP; not yet listening. */
  export default function dynalite(options?: DynaliteOptions): Server;
}
