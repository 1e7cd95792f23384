/**
 * Reports that a station sends in parts (OCPP 2.x part 2, B07: NotifyReport). Each part is stored as an item before
 * it is counted. A small item per report counts the parts, so that a waiting request reads only that item:
 *
 *     open ─► {messageId, deadlineMs}                      before the report is requested
 *     part ─► REPORT#7#0000000003, then  ADD seen 3        in any order, any number of times
 *     the last missing part  ─► stores the configuration, then  SET completedAtMs
 *
 * A part of a report that was not requested is not counted, and expires. A part that arrives after the deadline of
 * the request still completes the report.
 */

import type { ReportPartEvent } from "../dialects/station-event.ts";
import type { OutgoingItem, ReportItem, ReportPartItem } from "../store/items.ts";
import { outgoingKey, reportKey, reportPartKey, reportPartsPrefix } from "../store/keys.ts";
import { payloadOf, payloadText } from "../store/payload.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { expiresAfter } from "../time.ts";
import { type ReportedKey, storeConfiguration } from "./stored.ts";

/** To be done before the report is asked for: its first part may come before the answer. Once more is no error. */
export async function openReport(
  table: Table,
  requestId: number,
  report: Pick<ReportItem, "cpId" | "messageId" | "deadlineMs">,
  now: number,
): Promise<void> {
  const item = { ...reportKey(report.cpId, requestId), ...report, expiresAt: expiresAfter(now, 1) };
  const isOther = "attribute_not_exists(pk) OR messageId <> :messageId";
  await tryWrite(table.put(item, isOther, { values: { ":messageId": report.messageId } }));
}

export const lookAtReport = (table: Table, cpId: string, requestId: number) =>
  table.get<ReportItem>(reportKey(cpId, requestId));

/** The sequence numbers that are missing; undefined while the last part has not arrived. */
export function missingParts({ seen = new Set(), last }: ReportItem): number[] | undefined {
  if (last === undefined) return undefined;
  return Array.from({ length: last + 1 }, (_, seqNo) => seqNo).filter((seqNo) => !seen.has(seqNo));
}

/** Returns the content of the received parts, in order. */
export async function readReport(table: Table, cpId: string, requestId: number) {
  const { pk } = reportKey(cpId, requestId);
  const parts = await table.partition<ReportPartItem>(pk, reportPartsPrefix(requestId));
  return {
    keys: parts.flatMap(({ keys }) => payloadOf<ReportedKey[]>(keys)),
    limits: Object.assign({}, ...parts.map((part) => part.limits)),
  };
}

/** Stores a part. If it completes the report, the configuration of the report is stored. */
export async function takeReportPart(
  table: Table,
  cpId: string,
  { requestId, seqNo, isLast, keys, limits }: ReportPartEvent,
  now: number,
): Promise<void> {
  const part: ReportPartItem = {
    keys: payloadText(keys),
    limits,
    expiresAt: expiresAfter(now, 1),
  };
  await table.put({ ...reportPartKey(cpId, requestId, seqNo), ...part });
  const report = await count(table, cpId, requestId, seqNo, isLast);
  if (!report || report.completedAtMs !== undefined || missingParts(report)?.length !== 0) return;
  await storeConfiguration(
    table,
    cpId,
    { complete: true, ...(await readReport(table, cpId, requestId)) },
    now,
  );
  await completeReport(table, requestId, report, now);
}

/** Ends the wait for a report, and completes the CALL that requested it; `late` if its deadline has passed. */
export async function completeReport(
  table: Table,
  requestId: number,
  report: ReportItem,
  now: number,
): Promise<void> {
  await Promise.all([
    table.update({
      key: reportKey(report.cpId, requestId),
      update: "SET completedAtMs = :now",
      values: { ":now": now },
    }),
    completeExchange(table, report, now),
  ]);
}

/** @returns the report after this part; undefined if it was not requested */
async function count(
  table: Table,
  cpId: string,
  requestId: number,
  seqNo: number,
  isLast: boolean,
): Promise<ReportItem | undefined> {
  const { applied, item } = await tryWrite<ReportItem>(
    table.update({
      key: reportKey(cpId, requestId),
      update: `${isLast ? "SET #last = :seqNo " : ""}ADD seen :seen`,
      condition: "attribute_exists(pk)",
      ...(isLast && { names: { "#last": "last" } }),
      values: { ":seen": new Set([seqNo]), ...(isLast && { ":seqNo": seqNo }) },
      returning: "ALL_NEW",
    }),
  );
  return applied ? item : undefined;
}

async function completeExchange(table: Table, report: ReportItem, now: number): Promise<void> {
  const late = now > report.deadlineMs;
  const complete: Pick<OutgoingItem, "report"> = { report: "complete" };
  await table.update({
    key: outgoingKey(report.messageId, report.cpId),
    update: `SET report = :report, completedAtMs = :now${late ? ", late = :true" : ""}`,
    values: { ":report": complete.report, ":now": now, ...(late && { ":true": true }) },
  });
}
