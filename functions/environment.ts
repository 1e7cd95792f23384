/** What the functions are given by the template. */

export function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`the environment variable ${name} is not set`);
  return value;
}

/** What stands before each scope in a token. */
export const scopePrefix = (): string => process.env.SCOPE_PREFIX ?? "";

/** Whether the communication log has each Heartbeat; otherwise the last one and a count. */
export const logHeartbeats = (): boolean => environment("LOG_HEARTBEATS") === "true";

/** Seconds between the Heartbeats of stations, in networks that set no interval. */
export const heartbeatInterval = (): number => Number(environment("HEARTBEAT_INTERVAL"));

/** How many days the communication log is kept. */
export const logDays = (): number => Number(environment("LOG_DAYS"));

/** Whether webhooks may be on this machine: only the local stack sets it. */
export const allowsLoopback = (): boolean => process.env.ALLOW_LOOPBACK_TARGETS === "1";
