/**
 * The items whose changes may be events, by their keys, as patterns of an event source's filter. What else the
 * table holds, such as the log entry of every Heartbeat, costs no invocation.
 */
export const watched = {
  exchange: { pk: [{ prefix: "CALL#" }] },
  attempt: { pk: [{ prefix: "ATTEMPT#" }] },
  station: { sk: ["STATION"] },
  transaction: { sk: [{ prefix: "TRANSACTION#" }] },
} as const;
