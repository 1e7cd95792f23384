/** Makes visible how stations deviate from their schemas, without drowning the log in it. */

import { logger } from "../logger.ts";
import { count } from "../metrics.ts";
import type { Violation } from "../schema/validate.ts";
import type { StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { ConditionFailed, type Table, type Update } from "../store/table.ts";

/** What deviates: a CALL of the station, or its answer to a CALL of that action. */
export interface Deviation {
  readonly cpId: string;
  readonly action: string;
  readonly violations: readonly Violation[];
  readonly now: number;
}

/** As many kinds are warned of on one connection; the counts go on. */
const MAX_KINDS = 100;

/**
 * Counts a message with violations on its station's item, in a write that only such messages cost, and logs a
 * warning for each kind that the connection has not had: an action with a place in its payload and a keyword of its
 * schema. The kinds are on the station's item, as a connection's messages meet several environments of the function;
 * `beginConnection` removes them.
 */
export async function noteDeviation(
  table: Table,
  { cpId, action, violations, now }: Deviation,
): Promise<void> {
  if (violations.length === 0) return;
  count("violations");
  const kinds = new Map(violations.map((violation) => [kindOf(action, violation), violation]));
  const counted = { cpId, action, now };
  try {
    const before = await table.update<StationItem>(countUpdate(counted, new Set(kinds.keys())));
    const fresh = [...kinds].filter(([kind]) => !before?.violationKinds?.has(kind));
    if (fresh.length > 0)
      logger.warn("a station deviates from its OCPP schema", {
        action,
        violations: fresh.map(([, { pointer, detail }]) => `${pointer || "the message"} ${detail}`),
      });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // its station is not registered any more, or has had very many kinds
    await unlessUnregistered(table.update(countUpdate(counted)));
  }
}

/** Indexes are left out: the tenth of a list deviates like the first. */
const kindOf = (action: string, { pointer, keyword }: Violation): string =>
  [action, pointer.replaceAll(/\/\d+(?=\/|$)/g, "/*"), keyword].join(" ");

function countUpdate(
  { cpId, action, now }: Pick<Deviation, "cpId" | "action" | "now">,
  kinds?: ReadonlySet<string>,
): Update {
  const hasRoom = "(attribute_not_exists(violationKinds) OR size(violationKinds) < :most)";
  return {
    key: stationKey(cpId),
    update: `SET lastViolation = :last ADD violationCount :one${kinds ? ", violationKinds :kinds" : ""}`,
    condition: `attribute_exists(pk)${kinds ? ` AND ${hasRoom}` : ""}`,
    values: {
      ":last": { at: new Date(now).toISOString(), action },
      ":one": 1,
      ...(kinds && { ":kinds": kinds, ":most": MAX_KINDS }),
    },
    returning: "ALL_OLD",
  };
}

/** What a station loses something by: its boot, a charge. */
const VITAL: ReadonlySet<string> = new Set([
  "BootNotification",
  "StartTransaction",
  "StopTransaction",
  "TransactionEvent",
]);

/** So many refusals in a row are no accident. */
const AGAIN_AND_AGAIN = 3;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Counts refused boots and transactions on the station's item. From the third one in a row the metric counts them;
 * a warning is logged at the third, the tenth and each hundredth. A day without one, or an accepted boot, ends the row.
 */
export async function noteRefusal(
  table: Table,
  {
    cpId,
    action,
    errorCode,
    now,
  }: Pick<Deviation, "cpId" | "action" | "now"> & { readonly errorCode: string },
): Promise<void> {
  if (!VITAL.has(action)) return;
  const last = { lastAt: new Date(now).toISOString(), lastAction: action, lastErrorCode: errorCode };
  const refusals = await countRefusal(table, cpId, last, now);
  if (refusals === undefined || refusals < AGAIN_AND_AGAIN) return;
  count("refusedAgain");
  if (refusals === AGAIN_AND_AGAIN || refusals === 10 || refusals % 100 === 0)
    logger.warn("a station is refused again and again", { action, errorCode, refusals });
}

async function countRefusal(
  table: Table,
  cpId: string,
  last: Omit<NonNullable<StationItem["refusals"]>, "count">,
  now: number,
): Promise<number | undefined> {
  const goesOn: Update = {
    key: stationKey(cpId),
    update:
      "SET refusals.#count = refusals.#count + :one, refusals.lastAt = :at, refusals.lastAction = :action, refusals.lastErrorCode = :code",
    condition: "attribute_exists(refusals) AND refusals.lastAt >= :since",
    names: { "#count": "count" },
    values: {
      ":one": 1,
      ":at": last.lastAt,
      ":action": last.lastAction,
      ":code": last.lastErrorCode,
      ":since": new Date(now - DAY_MS).toISOString(),
    },
    returning: "ALL_NEW",
  };
  try {
    return (await table.update<StationItem>(goesOn))?.refusals?.count;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const first: Update = {
      key: stationKey(cpId),
      update: "SET refusals = :first",
      condition: "attribute_exists(pk)",
      values: { ":first": { count: 1, ...last } },
    };
    await unlessUnregistered(table.update(first));
    return 1;
  }
}

async function unlessUnregistered(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
