/** What the statuses of a log upload or a firmware update come to. */

import { DAY_MS } from "../time.ts";

export interface WorkStatus {
  readonly status: string;
  readonly atMs: number;
}

const SUCCESSES: ReadonlySet<string> = new Set(["Uploaded", "Installed"]);

/** Ends of OCPP 1.6, its security extension, 2.0.1 and 2.1 that are no success. */
const FAILURES: ReadonlySet<string> = new Set([
  "AcceptedCanceled",
  "BadMessage",
  "DownloadFailed",
  "InstallationFailed",
  "InstallVerificationFailed",
  "InvalidSignature",
  "NotSupportedOperation",
  "PermissionDenied",
  "UploadFailed",
  "UploadFailure",
]);

export const isSuccess = (status: string): boolean => SUCCESSES.has(status);
export const isFailure = (status: string): boolean => FAILURES.has(status);

/** A station that has been silent for so long has given up. */
const STALLED_MS = DAY_MS;

/** In the order of receipt; a word that is repeated without another one between is one entry. */
export const inOrder = (history: readonly WorkStatus[]): WorkStatus[] =>
  history
    .toSorted((a, b) => a.atMs - b.atMs)
    .filter(({ status }, n, sorted) => sorted[n - 1]?.status !== status);

/**
 * The status as it is now. An end stays the end, whatever comes late: a success before a failure, for stations try
 * again after one; otherwise the last word counts.
 */
export function statusOfWork(
  history: readonly WorkStatus[],
  { answered, newsAtMs, now }: { readonly answered: string; readonly newsAtMs: number; readonly now: number },
): string {
  const words = inOrder(history).map(({ status }) => status);
  const end = words.findLast(isSuccess) ?? words.findLast(isFailure);
  if (end !== undefined) return end;
  const last = words.at(-1) ?? answered;
  const goesOn = words.length > 0 || answered === "Accepted" || answered === "AcceptedCanceled";
  return goesOn && now - newsAtMs >= STALLED_MS ? "Stalled" : last;
}
