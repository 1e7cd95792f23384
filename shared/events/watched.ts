/** Items whose changes may be events, as an event source's filter names them. */
interface Watched {
  /** Patterns of their keys. */
  readonly keys: object;
  /** @default all */
  readonly changes?: readonly ("INSERT" | "MODIFY" | "REMOVE")[];
  /** An attribute, with its type, that the item has after the change. */
  readonly has?: readonly [name: string, type: "S" | "N"];
}

const writes = ["INSERT", "MODIFY"] as const;

/**
 * The items whose changes may be events. What else the table holds, such as Heartbeats and most log entries,
 * costs no invocation. Neither do the deletions by TTL, one for each item that expires: only a station's deletion
 * is an event, and stations do not expire. An event source takes five filters.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */
export const watched: readonly Watched[] = [
  { keys: { pk: [{ prefix: "CALL#" }, { prefix: "ATTEMPT#" }, { prefix: "WEBHOOK#" }] }, changes: writes },
  { keys: { sk: ["STATION"] } },
  { keys: { sk: [{ prefix: "TRANSACTION#" }] }, changes: writes },
  // the log entries that are events: shared/log/published.ts
  { keys: { sk: [{ prefix: "IN#" }] }, changes: ["INSERT"], has: ["identity", "S"] },
  // a bulk command is written twice for each of its stations
  { keys: { pk: [{ prefix: "BULK#" }], sk: ["BULK"] }, changes: ["MODIFY"], has: ["completedAtMs", "N"] },
];
