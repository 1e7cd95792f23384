/**
 * Work that a station goes on with after its answer: the upload of a log, an update of its firmware. The exchange of
 * the CALL keeps the statuses that the station reports; one small item per station and kind finds the exchange of a
 * status by the `requestId` of its message. A station that reports without such work costs one read and no write.
 */

import type { OutgoingItem } from "../store/items.ts";
import { type Key, outgoingKey, workKey } from "../store/keys.ts";
import { payloadOf } from "../store/payload.ts";
import { ConditionFailed, type Table, tryWrite } from "../store/table.ts";
import { isFailure, isSuccess } from "./work-status.ts";

export type WorkKind = "log" | "firmware";

/** A CALL whose work may still be reported on. */
interface Work {
  readonly messageId: string;
  readonly requestId: number;
  /** Whether the CALL carries the `requestId`, so that the station reports by it. */
  readonly isNumbered: boolean;
  /** The firmware that the station had booted with. */
  readonly firmwareBefore?: string;
}

/** The newest works of one kind, newest first. */
interface WorksItem extends Key {
  readonly works: readonly Work[];
  /** Counts the writes; each is conditional on it. */
  readonly revision: number;
}

/** A station carries out one or two at a time; later reports on older ones are ignored. */
const MAX_WORKS = 20;

/** Lane holders write this item, so that a conflict is a rare thing and a second one rarer. */
const MAX_TRIES = 5;

const readWorks = (table: Table, cpId: string, kind: WorkKind) => table.get<WorksItem>(workKey(cpId, kind));

async function changeWorks(
  table: Table,
  cpId: string,
  kind: WorkKind,
  change: (works: readonly Work[]) => readonly Work[],
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { works = [], revision = 0 } = (await readWorks(table, cpId, kind)) ?? {};
    const item = { ...workKey(cpId, kind), works: change(works), revision: revision + 1 };
    const condition = revision === 0 ? "attribute_not_exists(pk)" : "revision = :revision";
    const expression = revision === 0 ? {} : { values: { ":revision": revision } };
    try {
      return await table.put(item, condition, expression);
    } catch (error) {
      if (!(error instanceof ConditionFailed) || tries === MAX_TRIES) throw error;
    }
  }
}

/**
 * Notes a CALL before it goes out, because a status can arrive before its answer.
 *
 * @returns takes the note back, for a CALL that was not sent
 */
export async function expectWork(
  table: Table,
  cpId: string,
  kind: WorkKind,
  work: Work,
): Promise<() => Promise<void>> {
  const others = (works: readonly Work[]) => works.filter(({ messageId }) => messageId !== work.messageId);
  await changeWorks(table, cpId, kind, (works) => [work, ...others(works)].slice(0, MAX_WORKS));
  return () => changeWorks(table, cpId, kind, others);
}

/** A status that a station reports. */
export interface WorkReport {
  readonly kind: WorkKind;
  readonly status: string;
  /** Absent: the status belongs to the newest work of its kind. */
  readonly requestId?: number;
}

/** Stores a status with the CALL that it belongs to; ignores a status of work that the relay did not ask for. */
export async function takeWorkReport(
  table: Table,
  cpId: string,
  { kind, status, requestId }: WorkReport,
  atMs: number,
): Promise<void> {
  const { works = [] } = (await readWorks(table, cpId, kind)) ?? {};
  const unnumbered = works.filter(({ isNumbered }) => !isNumbered);
  const meant =
    requestId === undefined
      ? unnumbered.length > 0
        ? unnumbered
        : works
      : works.filter((work) => work.isNumbered && work.requestId === requestId);
  for (const { messageId } of meant) if (await addStatus(table, { cpId, messageId }, status, atMs)) return;
}

/**
 * How many statuses an exchange keeps: words of at most 200 characters, far below an item's 400 KB. The places after
 * the first 100 are for ends, the last ones for a success, so that a flood of reports displaces no end.
 */
const mostBefore = (status: string): number => (isSuccess(status) ? 120 : isFailure(status) ? 110 : 100);

/** @returns false if the CALL was never sent */
async function addStatus(
  table: Table,
  { cpId, messageId }: { readonly cpId: string; readonly messageId: string },
  status: string,
  atMs: number,
): Promise<boolean> {
  const key = outgoingKey(messageId, cpId);
  const isSent = "attribute_exists(sentAtMs) AND #state <> :failed";
  const common = { key, names: { "#state": "state" } };
  const values = { ":failed": "failed", ":at": atMs };
  const { applied, item } = await tryWrite<OutgoingItem>(
    table.update({
      ...common,
      update:
        "SET workHistory = list_append(if_not_exists(workHistory, :none), :entry), workLast = :status, workNewsAtMs = :at",
      // two cases, without parentheses: the local engine's parser takes 200 ms for nested ones
      condition: [
        `${isSent} AND attribute_not_exists(workHistory)`,
        `${isSent} AND size(workHistory) < :most AND workLast <> :status`,
      ].join(" OR "),
      values: {
        ...values,
        ":none": [],
        ":entry": [{ status, atMs }],
        ":status": status,
        ":most": mostBefore(status),
      },
    }),
  );
  if (applied) return true;
  if (!item || item.sentAtMs === undefined || item.state === "failed") return false;
  // a repetition, or one too many: it is still a sign of life
  const isNews = `${isSent} AND workNewsAtMs < :at`;
  await tryWrite(table.update({ ...common, update: "SET workNewsAtMs = :at", condition: isNews, values }));
  return true;
}

/** The firmware that a BootNotification names, as OCPP 1.6 or 2.x does. */
export function firmwareOf(boot: object): string | undefined {
  const { firmwareVersion, chargingStation } = boot as {
    readonly firmwareVersion?: unknown;
    readonly chargingStation?: { readonly firmwareVersion?: unknown } | null;
  };
  const version = firmwareVersion ?? chargingStation?.firmwareVersion;
  return typeof version === "string" ? version.slice(0, 200) : undefined;
}

/**
 * Stores the firmware that a station booted with, if it is another one than before the newest update that the station
 * did not refuse.
 */
export async function takeBootedFirmware(table: Table, cpId: string, version: string): Promise<void> {
  const { works = [] } = (await readWorks(table, cpId, "firmware")) ?? {};
  for (const { messageId, firmwareBefore } of works) {
    if (firmwareBefore === version) return;
    const key = outgoingKey(messageId, cpId);
    const update = await table.get<OutgoingItem>(key);
    if (!update || isRefused(update)) continue;
    if (update.bootedFirmware !== undefined) return;
    await tryWrite(
      table.update({
        key,
        update: "SET bootedFirmware = :version",
        condition: "attribute_exists(sentAtMs) AND attribute_not_exists(bootedFirmware)",
        values: { ":version": version },
      }),
    );
    return;
  }
}

const ACCEPTANCES: readonly unknown[] = [undefined, "Accepted", "AcceptedCanceled"];

/** Whether the CALL was not sent, or the station does not carry it out. */
function isRefused({ state, response }: OutgoingItem): boolean {
  if (state === "queued" || state === "failed" || state === "callError") return true;
  const { status } = (response === undefined ? {} : (payloadOf(response) ?? {})) as { status?: unknown };
  return !ACCEPTANCES.includes(status);
}
