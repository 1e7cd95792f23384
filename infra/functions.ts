import { join } from "node:path";

type TableAction =
  | "GetItem"
  | "PutItem"
  | "UpdateItem"
  | "DeleteItem"
  | "Query"
  | "BatchGetItem"
  | "BatchWriteItem";

/** What a function may do with `@connections`: send a frame, close a connection. */
type ConnectionsMethod = "POST" | "DELETE";

export interface FunctionSpec {
  /** Relative to the repository. */
  readonly entry: string;
  /** What its role may do with the table; Query also with the table's index. @default nothing */
  readonly table?: readonly TableAction[];
  /** @default nothing */
  readonly connections?: readonly ConnectionsMethod[];
  /** @default 10 */
  readonly timeoutSeconds?: number;
}

/**
 * Every Lambda function: its construct id, which is its name everywhere, and its rights. A function with a
 * new right or a new function is a change here and nowhere else in the stack's permissions.
 */
export const functionSpecs = {
  "station-authorize": { entry: "functions/station/authorize.ts", table: ["GetItem"] },
  "station-connect": {
    entry: "functions/station/connect.ts",
    table: ["GetItem", "UpdateItem"],
    connections: ["DELETE"],
  },
  "station-disconnect": { entry: "functions/station/disconnect.ts", table: ["GetItem", "UpdateItem"] },
  "station-message": {
    entry: "functions/station/message.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "Query"],
  },
  // 28 s: an HTTP API gives its integration 30 s, and a command's own deadline is 25 s.
  "api-synchronous": {
    entry: "functions/api/synchronous.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "Query"],
    connections: ["POST"],
    timeoutSeconds: 28,
  },
  "api-commands": { entry: "functions/api/commands.ts", table: ["GetItem", "Query", "BatchGetItem"] },
  // 28 s: deleting a station deletes what belongs to it, 25 items to a BatchWriteItem.
  "api-stations": {
    entry: "functions/api/stations.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "BatchGetItem", "BatchWriteItem"],
    connections: ["DELETE"],
    timeoutSeconds: 28,
  },
  "api-networks": {
    entry: "functions/api/networks.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"],
  },
  "api-openapi": { entry: "functions/api/openapi.ts" },
  "background-command": {
    entry: "functions/background/command.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "Query"],
    connections: ["POST"],
    timeoutSeconds: 60,
  },
} as const satisfies Record<string, FunctionSpec>;

export type FunctionId = keyof typeof functionSpecs;

export const functionIds = Object.keys(functionSpecs) as FunctionId[];

/** The entry of each function as an absolute path, for the bundler. */
export function entryPoints(root: string): Record<FunctionId, string> {
  return Object.fromEntries(functionIds.map((id) => [id, join(root, functionSpecs[id].entry)])) as Record<
    FunctionId,
    string
  >;
}
