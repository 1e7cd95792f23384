/** Seconds between the Heartbeats of a station, where neither the network nor the deployment sets others. */
export const HEARTBEAT_INTERVAL = 300;

/**
 * API Gateway closes a connection after 600 s without a message: an interval has to leave time for a Heartbeat that is
 * late. Shorter ones than ten seconds are a load without a use.
 */
export const heartbeatIntervals = { minimum: 10, maximum: 540 } as const;
