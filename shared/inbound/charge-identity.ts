import type { TransactionReportEvent } from "../dialects/station-event.ts";
import type { TransactionItem } from "../store/items.ts";
import { iso } from "../time.ts";

/** Which charge of a transaction id is meant: the one that has it, the one before, or one that begins now. */
export type MeantCharge = "current" | "past" | "next";

/**
 * Finds the charge of a TransactionEvent if a station uses one id for several charges (some count from 1 again after
 * a reboot). The remoteStartId decides first, then the content of each charge's first message. Clocks only decide for
 * a message that has neither.
 */
export function meantCharge(
  current: TransactionItem | undefined,
  event: TransactionReportEvent,
  now: number,
): MeantCharge {
  if (!current) return "current";
  const { past } = current;
  const byRemoteStart = meantByRemoteStart(current, event);
  if (byRemoteStart) return byRemoteStart;
  if (event.phase === "Started") return meantByBegin(current, event, now);
  const isBefore = past !== undefined && current.begin !== undefined && event.at < current.startedAt;
  return isBefore ? "past" : "current";
}

function meantByRemoteStart(
  { remoteStartId: own, past, stoppedAt, startedAt }: TransactionItem,
  { remoteStartId, phase, at }: TransactionReportEvent,
): MeantCharge | undefined {
  if (remoteStartId === undefined || remoteStartId === own) return undefined;
  if (remoteStartId === past?.remoteStartId) return "past";
  if (own !== undefined) return "next";
  // a remote start may join a charge that runs without one (part 2, F02)
  return stoppedAt !== undefined && phase !== "Ended" && at > stoppedAt && at > startedAt
    ? "next"
    : undefined;
}

function meantByBegin(
  { begin, past, stoppedAt, unreported }: TransactionItem,
  { begin: said, seqNo, at }: TransactionReportEvent,
  now: number,
): MeantCharge {
  // the other messages of a charge may overtake its first one
  if (begin === undefined)
    return stoppedAt !== undefined && seqNo === 0 && at > stoppedAt ? "next" : "current";
  if (begin === said) {
    // without a clock every charge begins alike; with one this is a repetition
    const hasNoTime = at === iso(now);
    return hasNoTime && stoppedAt !== undefined && !unreported ? "next" : "current";
  }
  if (past?.begin === said) return "past";
  return "next";
}
