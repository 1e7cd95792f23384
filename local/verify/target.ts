/** What `npm run verify` tries its beliefs on: a deployed stack, or the local one. */
import type { Schedules } from "./schedules.ts";

/** The certificate endpoint, and what a station shows there. All PEM. */
export interface CertificateAccess {
  readonly url: string;
  readonly cert: string;
  readonly key: string;
  /** The CA of the endpoint's own certificate. @default the system's */
  readonly ca?: string;
}

export interface Target {
  /** For the heading of the table. */
  readonly name: string;
  readonly apiUrl: string;
  /** The station endpoint without an identity, `wss://…/ocpp`. */
  readonly stationUrl: string;
  readonly token: string;
  readonly schedules: Schedules;
  /** @default the belief about profile 3 is not tried */
  readonly certificate?: CertificateAccess;
  readonly waits: Waits;
}

/** How long the trials wait, in milliseconds. */
export interface Waits {
  /** For a frame that must not come. */
  readonly quiet: number;
  /** Until a schedule that is due must have fired: Scheduler is precise to the minute. */
  readonly schedule: number;
  /** Until a function's idle connections have been removed. Undefined: not tried. */
  readonly frozen?: number;
  /** Longer than the idle time-out of connections. Undefined: not tried. */
  readonly pings?: { readonly every: number; readonly total: number };
}

const MINUTE = 60_000;

/** On AWS: the long ones are 7 and 11 minutes. */
export const waitsOnAws = (isLong: boolean): Waits => ({
  quiet: 3_000,
  schedule: 3 * MINUTE,
  ...(isLong && { frozen: 7 * MINUTE, pings: { every: 30_000, total: 11 * MINUTE } }),
});
