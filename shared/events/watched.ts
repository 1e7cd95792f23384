/** Items whose changes may be events. */
interface Watched {
  /** Their keys, as patterns of an event source's filter. */
  readonly keys: object;
  /** Whether their deletion may be an event. */
  readonly deletion: boolean;
}

/**
 * The items whose changes may be events. What else the table holds, such as Heartbeats and log entries,
 * costs no invocation. Neither do the deletions by TTL, one for each item that expires: only a station's deletion
 * is an event, and stations do not expire.
 */
export const watched = {
  exchange: { keys: { pk: [{ prefix: "CALL#" }] }, deletion: false },
  attempt: { keys: { pk: [{ prefix: "ATTEMPT#" }] }, deletion: false },
  station: { keys: { sk: ["STATION"] }, deletion: true },
  webhook: { keys: { pk: [{ prefix: "WEBHOOK#" }] }, deletion: false },
  transaction: { keys: { sk: [{ prefix: "TRANSACTION#" }] }, deletion: false },
} as const satisfies Record<string, Watched>;
