/** dynalite 4 ships no types; these are the parts the worker touches. */

declare module "dynalite" {
  import type { Server } from "node:http";
  export default function dynalite(options: { path?: string; createTableMs?: number }): Server;
}

declare module "dynalite/db/index.js" {
  interface RefusedCondition extends Error {
    body: Record<string, unknown>;
  }
  interface ConditionalRequest {
    ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
  }
  interface Store {
    db: { open(): Promise<void> };
  }
  const db: {
    create(options: object): Store;
    checkConditional(
      request: ConditionalRequest,
      item: Record<string, unknown> | undefined,
    ): RefusedCondition | null | undefined;
  };
  export default db;
}

declare module "dynalite/validations/*" {
  /** The input members the operation knows; others are dropped. */
  const operation: { types: Record<string, unknown> };
  export default operation;
}
