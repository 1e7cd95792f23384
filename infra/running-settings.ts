import { HEARTBEAT_INTERVAL, heartbeatIntervals } from "../shared/networks/heartbeat-interval.ts";
import { type ContextText, readChoice, readSwitch } from "./context-values.ts";
import { WrongContext } from "./wrong-context.ts";

const traced = ["api", "all", "none"] as const;
const platformLines = ["failures", "all"] as const;

/** What a deployment chooses between what it wants to know and what that costs: docs/cost.md. */
export interface RunningSettings {
  /** Seconds between the Heartbeats of stations, in networks that set no interval: 10 to 540. @default 300 */
  readonly heartbeatInterval: number;
  /** Whether the communication log has each Heartbeat, and not only the last one with a count. @default false */
  readonly logHeartbeats: boolean;
  /** Which functions X-Ray samples: those that serve API clients and their commands, all of them, or none. @default "api" */
  readonly tracing: (typeof traced)[number];
  /** Which of Lambda's own log lines are stored: those of invocations that failed, or all. @default "failures" */
  readonly platformLogs: (typeof platformLines)[number];
  /**
   * Environments that Lambda keeps initialized (provisioned concurrency) of each function with `isKeptWarm`: those
   * of synchronous commands and of handshakes. @default 0
   */
  readonly keepWarm: number;
}

/** @throws WrongContext naming the context key that makes no sense */
export function readRunningSettings(text: ContextText): RunningSettings {
  const { minimum, maximum } = heartbeatIntervals;
  const heartbeatInterval = Number(text("heartbeatInterval") ?? HEARTBEAT_INTERVAL);
  if (!Number.isInteger(heartbeatInterval) || heartbeatInterval < minimum || heartbeatInterval > maximum)
    throw new WrongContext(
      `heartbeatInterval=${text("heartbeatInterval")}: ${minimum} to ${maximum} seconds`,
    );
  const keepWarm = Number(text("keepWarm") ?? 0);
  if (!Number.isInteger(keepWarm) || keepWarm < 0)
    throw new WrongContext(`keepWarm=${text("keepWarm")}: a number of environments`);
  return {
    heartbeatInterval,
    logHeartbeats: readSwitch("logHeartbeats", text("logHeartbeats") ?? "false"),
    tracing: readChoice("tracing", text("tracing") ?? "api", traced),
    platformLogs: readChoice("platformLogs", text("platformLogs") ?? "failures", platformLines),
    keepWarm,
  };
}
