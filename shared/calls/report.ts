import { lookAtReport, missingParts, readReport } from "../configuration/report-parts.ts";
import type { ReportedKey } from "../configuration/stored.ts";
import { Problem } from "../problems.ts";
import type { ReportItem, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import type { Call, CallDeps } from "./call.ts";
import { commandLocation } from "./location.ts";
import { paceMs } from "./pace.ts";
import type { ConnectedStation } from "./wait-for-lane.ts";

/**
 * Waits until a report is complete and stored. One small read per look; the parts are read once, at the end.
 *
 * @throws Problem `station-timeout`, whose detail contains the number of parts that arrived
 */
export async function awaitReport(
  { table, clock }: Pick<CallDeps, "table" | "clock">,
  station: ConnectedStation,
  call: Call,
  requestId: number,
): Promise<readonly ReportedKey[]> {
  const startedAt = clock.now();
  for (;;) {
    const report = await lookAtReport(table, station.cpId, requestId);
    if (!report) throw new Error(`the report ${requestId} has gone from the table`);
    if (report.completedAtMs !== undefined) return (await readReport(table, station.cpId, requestId)).keys;
    const now = clock.now();
    if (now >= call.deadlineMs) {
      const current = await table.get<StationItem>(stationKey(station.cpId));
      const lost = current?.connection?.connectionId !== station.connection.connectionId;
      throw incomplete(report, call, lost);
    }
    await clock.sleep(Math.min(paceMs(now - startedAt), call.deadlineMs - now));
  }
}

function incomplete(report: ReportItem, call: Call, lost: boolean): Problem {
  const hint = lost
    ? " The connection was lost meanwhile: a part of more than 32 KB in one frame closes it. If this station sends such parts, ask for its variables by their keys."
    : " What comes later is still stored.";
  return new Problem(
    "station-timeout",
    `The station accepted the report request, but the report was incomplete at the deadline: ${progressOf(report)}.${hint}`,
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
