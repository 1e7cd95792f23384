import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { Schemas } from "../api/client.ts";
import { short } from "./short.ts";

type Type = StatusIndicatorProps.Type;

/** Words of stations, commands, attempts and bulk commands. A word that is not listed is shown without a colour. */
const TYPES: Readonly<Record<string, Type>> = {
  // commands and their calls
  queued: "pending",
  sent: "in-progress",
  answered: "success",
  callError: "error",
  timedOut: "error",
  connectionLost: "error",
  failed: "error",
  // attempts
  pending: "pending",
  accepted: "success",
  rejected: "error",
  started: "success",
  stopping: "in-progress",
  stopped: "stopped",
  expired: "warning",
  cancelled: "stopped",
  // bulk commands and deliveries
  running: "in-progress",
  waiting: "pending",
  completed: "success",
  refused: "warning",
  unknown: "warning",
  skipped: "stopped",
  delivered: "success",
  // stations' own words
  Accepted: "success",
  Unlocked: "success",
  RebootRequired: "warning",
  Scheduled: "in-progress",
  Pending: "pending",
  Rejected: "error",
  NotSupported: "error",
  Failed: "error",
  TimedOut: "error",
  UnlockFailed: "error",
  UnknownComponent: "error",
  UnknownVariable: "error",
  Available: "success",
  Charging: "in-progress",
  Occupied: "in-progress",
  Preparing: "in-progress",
  Finishing: "in-progress",
  SuspendedEV: "pending",
  SuspendedEVSE: "pending",
  Reserved: "info",
  Unavailable: "stopped",
  Faulted: "error",
  Blocked: "error",
  Expired: "warning",
  Invalid: "error",
  Uploaded: "success",
  Uploading: "in-progress",
  Downloading: "in-progress",
  Installing: "in-progress",
  Installed: "success",
};

/** Connectors in use are to be seen from afar: work in progress has no colour of its own. */
const IN_USE: ReadonlySet<string> = new Set(["Charging", "Occupied"]);

const colour = (word: string, isPast: boolean): Pick<StatusIndicatorProps, "colorOverride"> =>
  isPast ? { colorOverride: "grey" } : IN_USE.has(word) ? { colorOverride: "blue" } : {};

interface Props {
  readonly word: string | undefined;
  readonly text?: string;
  /** Whether the word is a former one: it gets no colour. */
  readonly isPast?: boolean;
}

export function Status({ word, text = word, isPast = false }: Props) {
  if (word === undefined || text === undefined) return <>–</>;
  const type = Object.hasOwn(TYPES, word) ? TYPES[word] : undefined;
  return (
    <StatusIndicator type={type ?? "info"} {...colour(word, isPast)}>
      {short(text)}
    </StatusIndicator>
  );
}

export function Connected({ connection }: { readonly connection: Schemas["Station"]["connection"] }) {
  if (connection.unresponsive && connection.connected)
    return <StatusIndicator type="warning">does not answer</StatusIndicator>;
  return connection.connected ? (
    <StatusIndicator type="success">connected</StatusIndicator>
  ) : (
    <StatusIndicator type="stopped">offline</StatusIndicator>
  );
}

/** `ocpp1.6` as `1.6`. */
export const versionText = (protocol: string | undefined): string => protocol?.replace(/^ocpp/, "") ?? "–";
