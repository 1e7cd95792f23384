import { join } from "node:path";

export type TableAction = "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query" | "BatchGetItem";

/** What a function may do with `@connections`: send a frame, close a connection. */
export type ConnectionsMethod = "POST" | "DELETE";

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
 * Every Lambda function: its construct id, which is its name everywhere, and its rights, no more and no fewer
 * than its code asks for (test/infra/functions.test.ts compares).
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
    table: ["GetItem", "PutItem", "UpdateItem"],
  },
  // 28 s: an HTTP API gives its integration 30 s, and a command's own deadline is 25 s.
  "api-synchronous": {
    entry: "functions/api/synchronous.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "Query", "BatchGetItem"],
    connections: ["POST"],
    timeoutSeconds: 28,
  },
  "api-commands": { entry: "functions/api/commands.ts", table: ["GetItem", "Query", "BatchGetItem"] },
  // 28 s: deleting a station deletes what belongs to it, item by item.
  "api-stations": {
    entry: "functions/api/stations.ts",
    table: ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"],
    connections: ["DELETE"],
    timeoutSeconds: 28,
  },
  "api-networks": {
    entry: "functions/api/networks.ts",
    table: ["GetItem", "UpdateItem", "Query"],
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
