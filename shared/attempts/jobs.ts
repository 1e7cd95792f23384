import type { QueuedCommand } from "../commands/request.ts";

/** What is to be done for attempts after a response has gone out or a station has connected. */
export type AttemptJob =
  /** Send a pending attempt, now that it was made or the way was blocked before. */
  | {
      readonly job: "start";
      readonly attemptId: string;
      /** The network whose slot it holds; none where the system sends it by itself. */
      readonly slotOf?: string;
      /** How often the lane was not free in time. */
      readonly tries?: number;
    }
  /** Stop a charge that is due. */
  | { readonly job: "stop"; readonly attemptId: string; readonly tries?: number }
  /** The station has connected: send what waited for it. */
  | { readonly job: "resume"; readonly cpId: string };

/** The event of the background function. */
export type BackgroundJob = QueuedCommand | AttemptJob;
