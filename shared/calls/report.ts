import { lookAtReport, missingParts, readReport } from "../configuration/report-parts.ts";
import type { ReportedKey } from "../configuration/stored.ts";
import { Problem } from "../problems.ts";
import type { ReportItem, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import type { Call, CallDeps } from "./call.ts";
import { readList } from "./list-parts.ts";
import { commandLocation } from "./location.ts";
import { untilReport } from "./pace.ts";
import type { ConnectedStation } from "./wait-for-lane.ts";

/** What a station sends after its answer, and how it is read. */
export interface ReportKind<Entry> {
  read(table: CallDeps["table"], cpId: string, requestId: number): Promise<readonly Entry[]>;
  /** What an incomplete one lacks. */
  progressOf(report: ReportItem): string;
  /** What a caller can do if the connection was lost meanwhile. */
  readonly instead: string;
}

/** The configuration, in numbered parts. */
export const configurationReport: ReportKind<ReportedKey> = {
  read: async (table, cpId, requestId) => (await readReport(table, cpId, requestId)).keys,
  progressOf,
  instead: " If this station sends such parts, ask for its variables by their keys.",
};

/** A list, whose parts carry no numbers. */
export const listReport: ReportKind<unknown> = {
  read: readList,
  progressOf: () => "its last part has not arrived",
  instead: " If this station sends such parts, ask for fewer entries.",
};

/**
 * Waits until a report is complete and stored. One small read per look; the parts are read once, at the end.
 *
 * @throws Problem `station-timeout`, whose detail contains what arrived
 */
export async function awaitReport<Entry>(
  { table, clock }: Pick<CallDeps, "table" | "clock">,
  station: ConnectedStation,
  call: Call,
  requestId: number,
  kind: ReportKind<Entry>,
): Promise<readonly Entry[]> {
  const startedAt = clock.now();
  for (;;) {
    const report = await lookAtReport(table, station.cpId, requestId);
    if (!report) throw new Error(`the report ${requestId} has gone from the table`);
    if (report.completedAtMs !== undefined) return kind.read(table, station.cpId, requestId);
    const now = clock.now();
    if (now >= call.deadlineMs) {
      const current = await table.get<StationItem>(stationKey(station.cpId));
      const lost = current?.connection?.connectionId !== station.connection.connectionId;
      throw incomplete(kind.progressOf(report), call, lost ? kind.instead : undefined);
    }
    await clock.sleep(Math.min(untilReport(now - startedAt), call.deadlineMs - now));
  }
}

function incomplete(progress: string, call: Call, instead: string | undefined): Problem {
  const hint =
    instead === undefined
      ? " What comes later is still stored."
      : ` The connection was lost meanwhile: a part of more than 32 KB in one frame closes it.${instead}`;
  return new Problem(
    "station-timeout",
    `The station accepted the report request, but the report was incomplete at the deadline: ${progress}.${hint}`,
    {
      ocppMessageId: call.messageId,
      waitedSeconds: Math.round((call.deadlineMs - call.requestedAtMs) / 100) / 10,
    },
    { headers: { Location: commandLocation(call.commandId) } },
  );
}

/** As many missing parts are named. */
const NAMED = 10;

function progressOf(report: ReportItem): string {
  const came = report.seen?.size ?? 0;
  const missing = missingParts(report);
  if (missing === undefined) return `${came} parts came, and the last one is not among them`;
  const named = missing.slice(0, NAMED).join(", ") + (missing.length > NAMED ? ", …" : "");
  return `${came} of ${missing.length + came} parts came, missing is seqNo ${named}`;
}
