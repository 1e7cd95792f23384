/**
 * Lists that a station sends after its answer, in messages that carry the request's id and no numbers (OCPP 2.x:
 * NotifyDisplayMessages, ReportChargingProfiles). A station sends its next CALL when the one before was answered, and
 * a part is stored before it is answered: when the part without `tbc` has arrived, all parts are stored.
 */

import { createHash } from "node:crypto";
import { completeReport, lookAtReport } from "../configuration/report-parts.ts";
import type { ListPartEvent } from "../dialects/station-event.ts";
import type { ListPartItem } from "../store/items.ts";
import { listPartKey, reportKey, reportPartsPrefix } from "../store/keys.ts";
import { payloadOf, payloadText } from "../store/payload.ts";
import type { Table } from "../store/table.ts";
import { expiresAfter } from "../time.ts";

/** Stores a part of a list that was requested; the last part completes the list. Other parts are only logged. */
export async function takeListPart(
  table: Table,
  cpId: string,
  { requestId, isLast, entries }: ListPartEvent,
  { now, receivedAtMs }: { readonly now: number; readonly receivedAtMs: number },
): Promise<void> {
  const list = await lookAtReport(table, cpId, requestId);
  if (!list) return;
  const text = payloadText(entries);
  const hash = createHash("sha256").update(text).digest("base64url");
  const part: ListPartItem = { entries: text, receivedAtMs, expiresAt: expiresAfter(now, 1) };
  await table.put({ ...listPartKey(cpId, requestId, hash), ...part });
  if (isLast && list.completedAtMs === undefined) await completeReport(table, requestId, list, now);
}

/** The entries of the received parts, in the order of receipt. */
export async function readList(table: Table, cpId: string, requestId: number): Promise<readonly unknown[]> {
  const { pk } = reportKey(cpId, requestId);
  const parts = await table.partition<ListPartItem>(pk, reportPartsPrefix(requestId));
  return parts
    .toSorted((a, b) => a.receivedAtMs - b.receivedAtMs)
    .flatMap(({ entries }) => payloadOf<unknown[]>(entries));
}
